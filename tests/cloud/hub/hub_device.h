/* SPDX-License-Identifier: MIT */
/* IoT Hub as a device sees it: where its messages go. */
#ifndef CLOUD_HUB_DEVICE_H
#define CLOUD_HUB_DEVICE_H

#include "cloud.h"

/*
 * POST /devices/{id}/messages/events and
 * POST /devices/{id}/modules/{id}/messages/events: one message, or a batch as
 * application/vnd.microsoft.iothub.json.
 */
handler hub_telemetry, hub_module_telemetry;

/* GET /devices/{id}/messages/devicebound: there never is a message. */
handler hub_devicebound;

#endif
