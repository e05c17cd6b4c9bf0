/* SPDX-License-Identifier: MIT */
#include "hub_assign.h"

#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/base64.h"
#include "common/openssl.h"
#include "device_store.h"

#define ETAG_BYTES 8
#define NEVER "0001-01-01T00:00:00Z"
#define TICKS_PER_SECOND INT64_C(10000000)
#define TICKS_AT_1970 INT64_C(621355968000000000)

enum error_code
hub_set_etag(json_t *record, struct error *err)
{
	unsigned char random[ETAG_BYTES];

	if (RAND_bytes(random, sizeof(random)) != 1)
		return error_set_openssl(err, ERROR_INTERNAL, "random bytes");
	return json_set_bytes(record, "etag", random, sizeof(random), err);
}

/* The time in ticks of 100 ns since the year 1, as the hub has it. */
static int64_t
generation_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return TICKS_AT_1970 + (int64_t)now.tv_sec * TICKS_PER_SECOND +
	       now.tv_nsec / 100;
}

static json_t *
new_record(const struct hub_assignment *assignment)
{
	char generation[24];

	(void)snprintf(
	    generation, sizeof(generation), "%jd", (intmax_t)generation_now());
	return json_pack("{s:s, s:s, s:s, s:n, s:s, s:s, s:s, s:s, s:i,"
			 " s:{s:b}}",
	    "deviceId", assignment->device_id, "generationId", generation,
	    "status", "enabled", "statusReason", "statusUpdatedTime", NEVER,
	    "connectionState", "Disconnected", "connectionStateUpdatedTime",
	    NEVER, "lastActivityTime", NEVER, "cloudToDeviceMessageCount", 0,
	    "capabilities", "iotEdge", assignment->is_edge);
}

/* A section of the twin that begins with what is in initial (or NULL). */
static json_t *
new_properties(const json_t *initial)
{
	json_t *section = initial ? json_deep_copy(initial) : json_object();

	if (json_object_set_new(section, "$metadata",
		json_pack("{s:s}", "$lastUpdated", utc_now().text)) ||
	    json_object_set_new(section, "$version", json_integer(1))) {
		json_decref(section);
		return NULL;
	}
	return section;
}

static json_t *
new_twin(const struct hub_assignment *assignment)
{
	const json_t *initial = assignment->initial_twin;
	const json_t *properties = json_object_get(initial, "properties");
	json_t *tags = json_object_get(initial, "tags");

	return json_pack("{s:s, s:i, s:o, s:{s:o, s:o}}", "deviceId",
	    assignment->device_id, "version", initial ? 2 : 1, "tags",
	    tags ? json_deep_copy(tags) : json_object(), "properties",
	    "desired", new_properties(json_object_get(properties, "desired")),
	    "reported", new_properties(NULL));
}

/* A device without its twin and credentials, or the one that exists. */
static enum error_code
begin_device(struct database *database, const struct hub_assignment *assignment,
    struct device *ret_device, struct error *err)
{
	CLEANUP_DONE(device) struct device device = {0};

	if (!device_store_get(database, assignment->device_id, &device, err)) {
		free(device.hub);
		device.hub = strdup(assignment->hub);
		if (assignment->reset) {
			json_decref(device.twin);
			device.twin = new_twin(assignment);
		}
	} else if (err->code == ERROR_NOT_FOUND) {
		device = (struct device){.id = strdup(assignment->device_id),
		    .hub = strdup(assignment->hub),
		    .record = new_record(assignment),
		    .twin = new_twin(assignment)};
	} else {
		return err->code;
	}
	if (!device.id || !device.hub || !device.record || !device.twin)
		return error_no_memory(err);
	*ret_device = TAKE_CONTENTS(device);
	return ERROR_NONE;
}

enum error_code
hub_assign(struct database *database, const struct hub_assignment *assignment,
    struct error *err)
{
	CLEANUP_DONE(device) struct device device = {0};

	if (begin_device(database, assignment, &device, err))
		return err->code;
	if (json_object_set(
		device.record, "authentication", assignment->authentication) ||
	    hub_set_etag(device.record, err) || hub_set_etag(device.twin, err))
		return error_no_memory(err);
	return device_store_put(database, &device, err);
}
