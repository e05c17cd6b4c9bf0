/* SPDX-License-Identifier: MIT */
/* DPS as a device sees it: register, ask for the outcome, look it up. */
#ifndef CLOUD_DPS_REGISTER_H
#define CLOUD_DPS_REGISTER_H

#include "cloud.h"

/* PUT /{scope}/registrations/{id}/register */
handler register_device;

/* GET /{scope}/registrations/{id}/operations/{operation} */
handler get_operation;

/* POST /{scope}/registrations/{id} */
handler look_up_registration;

#endif
