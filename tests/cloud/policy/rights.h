/* SPDX-License-Identifier: MIT */
/*
 * What a shared access policy of DPS or a hub may give, by Azure's names, and
 * what each call of their service side needs.
 */
#ifndef CLOUD_RIGHTS_H
#define CLOUD_RIGHTS_H

#include "common/error.h"
#include "common/json.h"
#include "reply.h"

/* A set of them is their sum. */
enum right {
	RIGHT_SERVICE_CONFIG = 1 << 0,
	RIGHT_ENROLLMENT_READ = 1 << 1,
	RIGHT_ENROLLMENT_WRITE = 1 << 2,
	RIGHT_DPS_DEVICE_CONNECT = 1 << 3,
	RIGHT_REGISTRATION_READ = 1 << 4,
	RIGHT_REGISTRATION_WRITE = 1 << 5,
	RIGHT_REGISTRY_READ = 1 << 6,
	RIGHT_REGISTRY_WRITE = 1 << 7,
	RIGHT_SERVICE_CONNECT = 1 << 8,
	RIGHT_HUB_DEVICE_CONNECT = 1 << 9,
};

/* All rights that surface knows. */
unsigned rights_all(enum surface surface);

/* Azure's name of a right, for messages. */
const char *right_name(enum right right);

/*
 * The right that a call needs: by the pattern of its route ("/devices/{}"; the
 * first row of the table that fits says so) and its method.
 */
enum right right_needed(
    enum surface surface, const char *pattern, const char *method);

/* Names as a JSON array, the caller's; NULL: no memory. */
json_t *rights_to_json(unsigned rights);

/* Fails with ERROR_INVALID for a name that surface does not know, or none. */
MUST_CHECK enum error_code rights_from_json(enum surface surface,
    const json_t *names, unsigned *ret_rights, struct error *err);

#endif
