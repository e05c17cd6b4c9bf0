/* SPDX-License-Identifier: MIT */
/* What DPS writes into the hub when it assigns a device. */
#ifndef CLOUD_HUB_ASSIGN_H
#define CLOUD_HUB_ASSIGN_H

#include <stdbool.h>

#include "common/json.h"
#include "database.h"

/* All borrowed. */
struct hub_assignment {
	const char *device_id;
	const char *hub;
	json_t *authentication; /* the credentials, as the hub shows them */
	bool is_edge;
	const json_t *initial_twin; /* or NULL */
	int twin_version;           /* of one that is new */
	bool reset; /* begin anew from initial_twin if the device exists */
};

/*
 * Makes the device, or gives the one that exists the new credentials; its
 * generation, status and twin stay unless it is reset.
 */
MUST_CHECK enum error_code hub_assign(struct database *database,
    const struct hub_assignment *assignment, struct error *err);

#endif
