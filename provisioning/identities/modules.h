/* SPDX-License-Identifier: MIT */
/*
 * The modules of the device at its hub: made with keys that are derived in
 * keyd, remembered for when the hub cannot be asked, and those that the
 * configuration names kept in step with it.
 *
 * A module is made in two steps at the hub, first it and then its keys, and a
 * record (module_store.h) says on disk that it was begun before the first. So
 * whatever is cut off is finished later, and nothing that others made is taken
 * for ours.
 *
 * All functions may be called from any thread; changes are made one at a time.
 * They fail with ERROR_INVALID if id is no name of a module, and as
 * hub_modules.h and hub_session.h say.
 */
#ifndef PROVISIONING_MODULES_H
#define PROVISIONING_MODULES_H

#include "config.h"
#include "dps_answer.h"
#include "hub_module.h"

struct modules;

/* config and state, a directory, are borrowed. */
MUST_CHECK enum error_code modules_create(const struct config *config,
    const char *state, struct modules **ret_modules, struct error *err);

/* NULL is allowed. */
void modules_free(struct modules *modules);
DEFINE_CLEANUP(modules, struct modules, modules_free)

/* Asks the hub. The contents of ret_list are the caller's. */
MUST_CHECK enum error_code modules_list(struct modules *modules,
    const struct dps_assignment *assignment, struct hub_modules *ret_list,
    struct error *err);

/*
 * False if modules_get() answers by what is remembered, and asks nobody. Reads
 * no more than a file.
 */
bool modules_asks_hub(const struct modules *modules,
    const struct dps_assignment *assignment, const char *id);

/*
 * Asks the hub, and if it cannot tell, what it said last; the other way round
 * with prefer_module_identity_cache. Only the hub's own word that there is no
 * such module makes it forgotten. The contents of ret_module are the caller's.
 */
MUST_CHECK enum error_code modules_get(struct modules *modules,
    const struct dps_assignment *assignment, const char *id,
    struct hub_module *ret_module, struct error *err);

/*
 * Makes a module. One that was begun here before, and may be there, is
 * finished: who repeats a call that was cut off succeeds. Fails with
 * ERROR_EXISTS if there is one that others made.
 */
MUST_CHECK enum error_code modules_make(struct modules *modules,
    const struct dps_assignment *assignment, const char *id,
    struct hub_module *ret_module, struct error *err);

/* Gives a module, whoever made it, its derived keys. */
MUST_CHECK enum error_code modules_renew(struct modules *modules,
    const struct dps_assignment *assignment, const char *id,
    struct hub_module *ret_module, struct error *err);

/* That there is none is success. */
MUST_CHECK enum error_code modules_remove(struct modules *modules,
    const struct dps_assignment *assignment, const char *id, struct error *err);

/*
 * Makes the modules of the configuration's principals, removes those that were
 * made for principals that are no more, finishes what was begun, and forgets
 * what the hub does not have. A module of a principal's name that others made
 * is made anew: nobody else shall have its keys. Asks nobody if there is
 * nothing of all that.
 *
 * Does what can be done; fails with the first failure.
 */
MUST_CHECK enum error_code modules_reconcile(struct modules *modules,
    const struct dps_assignment *assignment, struct error *err);

#endif
