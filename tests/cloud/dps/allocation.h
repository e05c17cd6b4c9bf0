/* SPDX-License-Identifier: MIT */
/*
 * Which hub a device is assigned to: by the enrollment's allocation policy, of
 * the hubs that it lists or, if it lists none, of all.
 */
#ifndef CLOUD_ALLOCATION_H
#define CLOUD_ALLOCATION_H

#include "cloud.h"
#include "dps_attest.h"

/* How an allocation failed, as errorCode of a registration. */
enum allocation_failure {
	ALLOCATION_OK = 0,
	ALLOCATION_FAILED = 400207,
	ALLOCATION_NO_HUB = 400208,       /* the webhook named none */
	ALLOCATION_UNAUTHORIZED = 400209, /* the webhook turned us away */
};

/* What is to be allocated; all borrowed. */
struct device_operation {
	const char *id;
	json_t *payload;       /* what the device sent, or NULL */
	const char *hub;       /* where the device is, or NULL */
	const char *device_id; /* its name there */
};

struct allocation {
	bool is_pending; /* nothing else is known; evaluate it again later */
	enum allocation_failure failure;
	char reason[ERROR_MESSAGE_MAX]; /* of a failure */
	char *hub;
	json_t *initial_twin; /* the webhook's, an object; NULL: the
				 enrollment's counts */
	json_t *payload;      /* the webhook's, for the device */
};

/*
 * The hubs that an enrollment's devices may be assigned to: its own, or all
 * that there are; at least one.
 */
size_t allocation_hub_count(
    const struct cloud *cloud, const struct enrollment *enrollment);
const char *allocation_hub(
    const struct cloud *cloud, const struct enrollment *enrollment, size_t i);

/* Releases the contents. */
void allocation_done(struct allocation *allocation);

/*
 * static: the first hub; hashed: by the hash of the registration id;
 * geoLatency: the one with the lowest latency; custom: what the enrollment's
 * webhook says, which is told what the device sent. That the webhook fails, or
 * names none of the hubs above, is a result, and that it has not answered yet.
 * The contents of ret_allocation are the caller's.
 */
MUST_CHECK enum error_code allocation_evaluate(struct cloud *cloud,
    const struct attestation *attestation,
    const struct device_operation *operation, struct allocation *ret_allocation,
    struct error *err);

#endif
