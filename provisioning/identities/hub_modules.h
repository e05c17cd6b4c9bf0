/* SPDX-License-Identifier: MIT */
/*
 * The hub's calls for the modules of a device, which the device itself makes
 * (api-version 2017-11-08-preview).
 *
 * All fail with ERROR_NOT_FOUND if the hub says that there is no such module,
 * ERROR_DENIED if it does not take the device for its own, ERROR_UPSTREAM if it
 * refuses for another reason, cannot be trusted, or sends what cannot be
 * understood, ERROR_UNAVAILABLE or ERROR_TIMEOUT if it cannot be asked or
 * cannot answer now (also a parent gateway's 500: it has no connection itself),
 * and as the proof does, but not with ERROR_DENIED. Only the first two
 * are the hub's own word.
 */
#ifndef PROVISIONING_HUB_MODULES_H
#define PROVISIONING_HUB_MODULES_H

#include "hub_module.h"
#include "proof.h"

/* A device at its hub. Everything is borrowed. */
struct hub_access {
	const char *hub;     /* as DPS says it, perhaps with a port */
	const char *gateway; /* who is asked: the hub itself, or a parent */
	const char *device_id;
	const struct proof *proof;
	struct https_connection *connection; /* for its calls, or NULL */
	const char *ca_file;                 /* as in struct https_request */
	long timeout_ms;                     /* of one attempt */
	unsigned retries; /* when the hub cannot be asked or is busy */
};

/*
 * Makes the module, with keys of the hub's own. The contents of ret_module are
 * the caller's. Fails with ERROR_EXISTS if there is one.
 */
MUST_CHECK enum error_code hub_module_create(const struct hub_access *access,
    const char *id, struct hub_module *ret_module, struct error *err);

/* Replaces its keys, given in base64. */
MUST_CHECK enum error_code hub_module_set_keys(const struct hub_access *access,
    const char *id, const char *primary, const char *secondary,
    struct hub_module *ret_module, struct error *err);

MUST_CHECK enum error_code hub_module_get(const struct hub_access *access,
    const char *id, struct hub_module *ret_module, struct error *err);

/* The contents of ret_modules are the caller's. */
MUST_CHECK enum error_code hub_module_list(const struct hub_access *access,
    struct hub_modules *ret_modules, struct error *err);

MUST_CHECK enum error_code hub_module_delete(
    const struct hub_access *access, const char *id, struct error *err);

#endif
