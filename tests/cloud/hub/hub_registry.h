/* SPDX-License-Identifier: MIT */
/* IoT Hub, service side: the devices. */
#ifndef CLOUD_HUB_REGISTRY_H
#define CLOUD_HUB_REGISTRY_H

#include "cloud.h"

/* /devices */
handler list_devices, change_devices;

/* /devices/{id} */
handler get_device, put_device, delete_device;

/* GET /statistics/devices */
handler count_devices;

#endif
