/* SPDX-License-Identifier: MIT */
#include "hub_assign.h"

#include <string.h>

#include "device_store.h"
#include "hub_identity.h"
#include "hub_twin.h"

static json_t *
new_record(const struct hub_assignment *assignment)
{
	json_t *record = hub_record_create(assignment->device_id, NULL);

	if (json_object_set_new(record, "capabilities",
		json_pack("{s:b}", "iotEdge", (int)assignment->is_edge))) {
		json_decref(record);
		return NULL;
	}
	return record;
}

static struct device
new_device(const struct hub_assignment *assignment)
{
	return (struct device){.id = strdup(assignment->device_id),
	    .hub = strdup(assignment->hub),
	    .record = new_record(assignment),
	    .twin = twin_create(assignment->device_id, NULL,
		assignment->initial_twin, assignment->twin_version)};
}

/*
 * The one that exists, or a new one, without credentials. At a reset the old
 * hub forgets the device and its modules, and the new one knows nothing of it.
 */
static enum error_code
begin_device(struct database *database, const struct hub_assignment *assignment,
    struct device *ret_device, struct error *err)
{
	CLEANUP_DONE(device) struct device device = {0};

	if (!device_store_get(database, assignment->device_id, &device, err)) {
		free(device.hub);
		device.hub = strdup(assignment->hub);
	} else if (err->code == ERROR_NOT_FOUND) {
		device = new_device(assignment);
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

	if (assignment->reset &&
	    device_store_delete(database, assignment->device_id, err) &&
	    err->code != ERROR_NOT_FOUND)
		return err->code;
	if (begin_device(database, assignment, &device, err))
		return err->code;
	if (json_object_set(
		device.record, "authentication", assignment->authentication) ||
	    hub_set_etag(device.record, err) || hub_set_etag(device.twin, err))
		return error_no_memory(err);
	return device_store_put(database, &device, err);
}
