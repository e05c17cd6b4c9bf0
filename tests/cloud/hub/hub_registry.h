/* SPDX-License-Identifier: MIT */
/* IoT Hub, service side: the devices. */
#ifndef CLOUD_HUB_REGISTRY_H
#define CLOUD_HUB_REGISTRY_H

#include "cloud.h"
#include "device_store.h"

/*
 * Makes a device in hub as body says (hub_record_update()) and stores it in the
 * place of any that has its id, which the caller has checked. The contents of
 * ret_device are the caller's.
 */
MUST_CHECK enum error_code hub_create_device(struct database *database,
    const char *hub, const char *id, const json_t *body,
    struct device *ret_device, struct error *err);

/* /devices */
handler list_devices, change_devices;

/* /devices/{id} */
handler get_device, put_device, delete_device;

/* GET /statistics/devices */
handler count_devices;

#endif
