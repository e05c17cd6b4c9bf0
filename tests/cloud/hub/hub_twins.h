/* SPDX-License-Identifier: MIT */
/* IoT Hub, service side: twins of devices and modules. */
#ifndef CLOUD_HUB_TWINS_H
#define CLOUD_HUB_TWINS_H

#include "cloud.h"
#include "device_store.h"

/* /twins/{id} */
handler get_twin, patch_twin, put_twin;

/* /twins/{id}/modules/{id} */
handler get_module_twin, patch_module_twin, put_module_twin;

/*
 * A twin as it is shown, with what it repeats of its record; the caller owns
 * it. NULL: no memory.
 */
json_t *twin_to_json(const json_t *twin, const json_t *record);

#endif
