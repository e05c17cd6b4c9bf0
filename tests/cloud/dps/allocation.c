/* SPDX-License-Identifier: MIT */
#include "allocation.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "webhook.h"

void
allocation_done(struct allocation *allocation)
{
	free(allocation->hub);
	json_decref(allocation->initial_twin);
	json_decref(allocation->payload);
	*allocation = (struct allocation){0};
}

/* ---- which hubs there are to choose from ---- */

size_t
allocation_hub_count(
    const struct cloud *cloud, const struct enrollment *enrollment)
{
	size_t count = enrollment_hub_count(enrollment->record);

	return count > 0 ? count : cloud->options.hub_count;
}

const char *
allocation_hub(
    const struct cloud *cloud, const struct enrollment *enrollment, size_t i)
{
	return enrollment_hub_count(enrollment->record) > 0
		   ? enrollment_hub(enrollment->record, i)
		   : cloud->options.hubs[i].name;
}

static unsigned
latency_of(const struct cloud *cloud, const char *hub)
{
	for (size_t i = 0; i < cloud->options.hub_count; i++)
		if (strcasecmp(cloud->options.hubs[i].name, hub) == 0)
			return cloud->options.hubs[i].latency_ms;
	return UINT_MAX;
}

/* ---- the policies ---- */

static size_t
choose_nearest(const struct cloud *cloud, const struct enrollment *enrollment)
{
	size_t best = 0;

	for (size_t i = 1; i < allocation_hub_count(cloud, enrollment); i++)
		if (latency_of(cloud, allocation_hub(cloud, enrollment, i)) <
		    latency_of(cloud, allocation_hub(cloud, enrollment, best)))
			best = i;
	return best;
}

/* The same hub for the same id, and about as many ids for each (FNV-1a). */
static size_t
choose_by_hash(const char *registration_id, size_t count)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (const char *c = registration_id; *c; c++)
		hash = (hash ^ (unsigned char)*c) * UINT64_C(0x100000001b3);
	/* The last characters, which ids differ in, reach the upper bits so. */
	hash = (hash ^ hash >> 33) * UINT64_C(0xff51afd7ed558ccd);
	return (size_t)((hash >> 32) % count);
}

static size_t
choose(const struct cloud *cloud, const struct attestation *attestation,
    const char *policy)
{
	const struct enrollment *enrollment = &attestation->enrollment;

	if (strcmp(policy, "hashed") == 0)
		return choose_by_hash(attestation->id.text,
		    allocation_hub_count(cloud, enrollment));
	if (strcmp(policy, "geoLatency") == 0)
		return choose_nearest(cloud, enrollment);
	return 0; /* static */
}

enum error_code
allocation_evaluate(struct cloud *cloud, const struct attestation *attestation,
    const struct device_operation *operation, struct allocation *ret_allocation,
    struct error *err)
{
	const struct enrollment *enrollment = &attestation->enrollment;
	CLEANUP_DONE(allocation) struct allocation allocation = {0};
	const char *policy;

	if (json_get_string(
		enrollment->record, "allocationPolicy", &policy, err))
		return err->code;
	if (strcmp(policy, "custom") == 0)
		return webhook_allocate(
		    cloud, attestation, operation, ret_allocation, err);
	allocation.hub = strdup(allocation_hub(
	    cloud, enrollment, choose(cloud, attestation, policy)));
	if (!allocation.hub)
		return error_no_memory(err);
	*ret_allocation = TAKE_CONTENTS(allocation);
	return ERROR_NONE;
}
