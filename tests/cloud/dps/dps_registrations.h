/* SPDX-License-Identifier: MIT */
/* DPS, service side: what became of the devices that registered. */
#ifndef CLOUD_DPS_REGISTRATIONS_H
#define CLOUD_DPS_REGISTRATIONS_H

#include "cloud.h"

/* /registrations/{id} */
handler get_registration, delete_registration;

/* POST /registrations/{group}/query */
handler query_registrations;

#endif
