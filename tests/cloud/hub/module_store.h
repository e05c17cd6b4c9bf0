/* SPDX-License-Identifier: MIT */
/* Modules of the hub's devices, stored. They go with their device. */
#ifndef CLOUD_MODULE_STORE_H
#define CLOUD_MODULE_STORE_H

#include "common/json.h"
#include "database.h"

/* A module; both records are as clients see them. */
struct module {
	char *device_id;
	char *id;
	json_t *record;
	json_t *twin;
};

/* Releases the contents. */
void module_done(struct module *module);

/* The contents of ret_module are the caller's. Fails with ERROR_NOT_FOUND. */
MUST_CHECK enum error_code module_store_get(struct database *database,
    const char *device_id, const char *id, struct module *ret_module,
    struct error *err);

/* Stores module in the place of any that has its ids. */
MUST_CHECK enum error_code module_store_put(
    struct database *database, const struct module *module, struct error *err);

/* Fails with ERROR_NOT_FOUND. */
MUST_CHECK enum error_code module_store_delete(struct database *database,
    const char *device_id, const char *id, struct error *err);

/* Appends the records of a device's modules, in the order of their ids. */
MUST_CHECK enum error_code module_store_list(struct database *database,
    const char *device_id, json_t *records, struct error *err);

#endif
