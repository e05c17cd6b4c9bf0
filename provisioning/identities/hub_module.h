/* SPDX-License-Identifier: MIT */
/* A module of a device, as its hub knows it. */
#ifndef PROVISIONING_HUB_MODULE_H
#define PROVISIONING_HUB_MODULE_H

#include <stddef.h>

#include "common/json.h"

/* What a hub has of one device at most; more in a list is no list of a hub. */
#define HUB_MODULES_MAX 1000

struct hub_module {
	char *id;
	char *generation_id; /* changes when a module is made anew */
};

struct hub_modules {
	size_t count;
	struct hub_module *items;
};

/* Release the contents, not the struct. */
void hub_module_done(struct hub_module *module);
void hub_modules_done(struct hub_modules *modules);

/* The module called id, or NULL. */
const struct hub_module *hub_modules_find(
    const struct hub_modules *modules, const char *id);

/*
 * Reads what a hub says of a module; the contents of ret_module are the
 * caller's. Fails with ERROR_MALFORMED or ERROR_INVALID: the generation goes
 * into the derivation of keys, and the name into paths.
 */
MUST_CHECK enum error_code hub_module_from_json(
    const json_t *object, struct hub_module *ret_module, struct error *err);

/* The same of a list. */
MUST_CHECK enum error_code hub_modules_from_json(
    const json_t *array, struct hub_modules *ret_modules, struct error *err);

#endif
