/* SPDX-License-Identifier: MIT */
/* The hub's devices, stored. */
#ifndef CLOUD_DEVICE_STORE_H
#define CLOUD_DEVICE_STORE_H

#include "common/json.h"
#include "database.h"
#include "stamp.h"

/* A device of the hub; both records are as clients see them. */
struct device {
	char *id;
	char *hub; /* the hub that DPS assigned it to */
	json_t *record;
	json_t *twin;
};

/* Releases the contents. */
void device_done(struct device *device);

/* The contents of ret_device are the caller's. Fails with ERROR_NOT_FOUND. */
MUST_CHECK enum error_code device_store_get(struct database *database,
    const char *id, struct device *ret_device, struct error *err);

/* Stores device in the place of any that has its id. */
MUST_CHECK enum error_code device_store_put(
    struct database *database, const struct device *device, struct error *err);

/* Fails with ERROR_NOT_FOUND. */
MUST_CHECK enum error_code device_store_delete(
    struct database *database, const char *id, struct error *err);

/*
 * Appends the records of listing to records (an array); of hub, or of all hubs
 * if it is NULL.
 */
MUST_CHECK enum error_code device_store_list(struct database *database,
    const char *hub, const struct listing *listing, json_t *records,
    struct error *err);

/* How many devices there are, likewise. */
MUST_CHECK enum error_code device_store_count(struct database *database,
    const char *hub, int64_t *ret_enabled, int64_t *ret_disabled,
    struct error *err);

/* Called with each twin and its record, as long as *ret_goes_on stays true. */
typedef enum error_code twin_visit(void *context, const json_t *twin,
    const json_t *record, bool *ret_goes_on, struct error *err);

/*
 * Visits the twins of devices, or of modules, in the order of their ids, or of
 * "<device id>/<module id>"; those of which it is greater than after.
 */
MUST_CHECK enum error_code twin_store_visit(struct database *database,
    const char *hub, bool of_modules, const char *after, twin_visit *visit,
    void *context, struct error *err);

#endif
