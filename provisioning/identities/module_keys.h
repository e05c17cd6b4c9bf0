/* SPDX-License-Identifier: MIT */
/*
 * The keys of modules: two for each, derived in keyd from one master key over
 * "<module>:<generation>:primary" and "...:secondary". The derivation is that
 * of aziot-identityd, bit by bit, so that its state can be taken over.
 */
#ifndef PROVISIONING_MODULE_KEYS_H
#define PROVISIONING_MODULE_KEYS_H

#include <sys/types.h>

#include "common/error.h"
#include "hub_module.h"

/* The id of the master key in keyd. */
#define MODULE_MASTER_KEY "aziot_identityd_master_id"

/* What the hub is told, in base64. */
struct module_key_pair {
	char *primary;
	char *secondary;
};

/* Wipes and releases the contents, not the struct. */
void module_key_pair_done(struct module_key_pair *keys);

/*
 * Derives the keys of module, from a master key that is made if there is none.
 * The contents of ret_keys are the caller's. Fails as keyd does, but with
 * ERROR_INVALID for ERROR_DENIED.
 */
MUST_CHECK enum error_code module_keys_export(const struct hub_module *module,
    struct module_key_pair *ret_keys, struct error *err);

/*
 * A handle of the primary key with which uid, and no other, may sign;
 * *ret_handle is the caller's. Fails likewise.
 */
MUST_CHECK enum error_code module_keys_lend(const struct hub_module *module,
    uid_t uid, char **ret_handle, struct error *err);

#endif
