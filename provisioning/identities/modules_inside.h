/* SPDX-License-Identifier: MIT */
/* What modules.c and reconcile.c share. */
#ifndef PROVISIONING_MODULES_INSIDE_H
#define PROVISIONING_MODULES_INSIDE_H

#include <pthread.h>

#include "hub_modules.h"
#include "module_store.h"
#include "modules.h"

struct modules {
	const struct config *config;
	const char *state;
	pthread_mutex_t changing; /* held for one change, network and all */
};

/* Where one change is made. Everything is borrowed. */
struct module_place {
	struct modules *modules;
	const struct hub_access *access;
	const char *folder;
};

/*
 * What is remembered of a module. ret_record stays empty, which is success, if
 * that is nothing.
 */
MUST_CHECK enum error_code module_recall(const char *folder, const char *id,
    struct module_record *ret_record, struct error *err);

/* As modules_make(); of_principal is what its record is to say. */
MUST_CHECK enum error_code module_make(const struct module_place *place,
    const char *id, bool of_principal, struct hub_module *ret_module,
    struct error *err);

/* As modules_renew(). */
MUST_CHECK enum error_code module_renew(const struct module_place *place,
    const char *id, struct hub_module *ret_module, struct error *err);

/* As modules_remove(). */
MUST_CHECK enum error_code module_remove(
    const struct module_place *place, const char *id, struct error *err);

#endif
