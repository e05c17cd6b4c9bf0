/* SPDX-License-Identifier: MIT */
/* IoT Hub, service side: the devices. */
#ifndef CLOUD_HUB_REGISTRY_H
#define CLOUD_HUB_REGISTRY_H

#include "cloud.h"

/* GET /devices */
handler list_devices;

/* /devices/{id} */
handler get_device, delete_device;

/* GET /twins/{id} */
handler get_twin;

#endif
