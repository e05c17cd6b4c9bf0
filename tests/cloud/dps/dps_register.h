/* SPDX-License-Identifier: MIT */
/* DPS as a device sees it: register, ask for the outcome, look it up. */
#ifndef CLOUD_DPS_REGISTER_H
#define CLOUD_DPS_REGISTER_H

#include "cloud.h"

/* PUT /{scope}/registrations/{id}/register */
handler dps_register_device;

/* GET /{scope}/registrations/{id}/operations/{operation} */
handler dps_status;

/* POST /{scope}/registrations/{id} */
handler dps_lookup;

#endif
