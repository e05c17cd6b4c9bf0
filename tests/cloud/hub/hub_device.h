/* SPDX-License-Identifier: MIT */
/* IoT Hub as a device sees it. */
#ifndef CLOUD_HUB_DEVICE_H
#define CLOUD_HUB_DEVICE_H

#include "cloud.h"

/* POST /devices/{id}/messages/events */
handler hub_telemetry;

#endif
