/* SPDX-License-Identifier: MIT */
/*
 * IoT Hub: the modules of a device, for who administers the hub and for the
 * device itself.
 */
#ifndef CLOUD_HUB_MODULES_H
#define CLOUD_HUB_MODULES_H

#include "cloud.h"

/* /devices/{id}/modules */
handler list_modules;

/* /devices/{id}/modules/{id} */
handler get_module, put_module, delete_module;

#endif
