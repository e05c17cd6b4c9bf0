/* SPDX-License-Identifier: MIT */
#include "hub_registry.h"

#include "device_store.h"
#include "etag.h"

#define DEVICES_MAX 1000 /* of a list */

/* Reads the device of the path; if there is none, it is answered. */
static enum error_code
find(struct cloud *cloud, const struct request *request, struct reply *reply,
    struct device *ret_device, struct error *err)
{
	const char *id = request->params[0];

	if (!device_store_get(cloud->database, id, ret_device, err))
		return ERROR_NONE;
	if (err->code == ERROR_NOT_FOUND)
		return refuse(reply, REFUSE_DEVICE_NOT_FOUND,
		    "Device '%s' is unknown", id);
	return err->code;
}

enum error_code
list_devices(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	CLEANUP(json) json_t *records = json_array();

	(void)request;
	if (!records)
		return error_no_memory(err);
	if (device_store_list(cloud->database, DEVICES_MAX, records, err))
		return err->code;
	return reply_json(reply, 200, TAKE(records), err);
}

enum error_code
get_device(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	CLEANUP_DONE(device) struct device device = {0};

	if (find(cloud, request, reply, &device, err))
		return err->code;
	if (reply->status)
		return ERROR_NONE;
	return reply_json(reply, 200, json_incref(device.record), err);
}

enum error_code
get_twin(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	CLEANUP_DONE(device) struct device device = {0};

	if (find(cloud, request, reply, &device, err))
		return err->code;
	if (reply->status)
		return ERROR_NONE;
	return reply_json(reply, 200, json_incref(device.twin), err);
}

enum error_code
delete_device(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	CLEANUP_DONE(device) struct device device = {0};
	const char *if_match = request->headers.if_match;
	const char *etag;

	if (find(cloud, request, reply, &device, err))
		return err->code;
	if (reply->status)
		return ERROR_NONE;
	if (json_get_string(device.record, "etag", &etag, err))
		return err->code;
	if (if_match && !etag_matches(if_match, etag))
		return refuse(reply, REFUSE_PRECONDITION,
		    "Device '%s' has changed since", device.id);
	if (device_store_delete(cloud->database, device.id, err))
		return err->code;
	reply->status = 204;
	return ERROR_NONE;
}
