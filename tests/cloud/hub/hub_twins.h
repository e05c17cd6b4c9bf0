/* SPDX-License-Identifier: MIT */
/* IoT Hub, service side: twins of devices and modules. */
#ifndef CLOUD_HUB_TWINS_H
#define CLOUD_HUB_TWINS_H

#include "cloud.h"
#include "device_store.h"
#include "module_store.h"

/* /twins/{id} */
handler get_twin, patch_twin, put_twin;

/* /twins/{id}/modules/{id} */
handler get_module_twin, patch_module_twin, put_module_twin;

/* A device, or one of its modules, with its twin. */
struct twin_owner {
	struct device device;
	struct module module; /* .id is NULL: it is the device */
	json_t *twin;         /* borrowed from one of them */
	json_t *record;       /* likewise */
};

/* Releases the contents. */
void twin_owner_done(struct twin_owner *owner);

/*
 * Completes owner, of which the device is there already; module_id is NULL for
 * the device itself. Fails with ERROR_NOT_FOUND.
 */
MUST_CHECK enum error_code twin_owner_select(struct database *database,
    struct twin_owner *owner, const char *module_id, struct error *err);

/* Changes the twin by twin_update() and stores it with a new etag. */
MUST_CHECK enum error_code twin_owner_update(struct database *database,
    struct twin_owner *owner, const json_t *patch, bool replace,
    struct error *err);

/*
 * A twin as it is shown, with what it repeats of its record; the caller owns
 * it. NULL: no memory.
 */
json_t *twin_to_json(const json_t *twin, const json_t *record);

#endif
