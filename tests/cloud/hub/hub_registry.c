/* SPDX-License-Identifier: MIT */
#include "hub_registry.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "etag.h"
#include "hub_access.h"
#include "hub_identity.h"
#include "hub_twin.h"

#define DEVICES_MAX 1000 /* of a list */
#define BULK_MAX 100

/* Reads the device of the path; if there is none, it is answered. */
static enum error_code
find(struct cloud *cloud, const struct request *request, struct reply *reply,
    struct device *ret_device, struct error *err)
{
	if (!hub_find_device(cloud, request, ret_device, err))
		return ERROR_NONE;
	if (err->code == ERROR_NOT_FOUND)
		return refuse(reply, REFUSE_DEVICE_NOT_FOUND,
		    "Device '%s' is unknown", request->params[0]);
	return err->code;
}

/* How many devices a list may have: the query's top. */
static enum error_code
read_top(const struct request *request, size_t *ret_top, struct error *err)
{
	const char *text = target_query(request->target, "top");
	char *end = NULL;
	unsigned long top = text ? strtoul(text, &end, 10) : DEVICES_MAX;

	if (text && (*text < '0' || *text > '9' || *end || top < 1 ||
			top > DEVICES_MAX))
		return error_set(err, ERROR_INVALID,
		    "'top' must be a number from 1 to %d", DEVICES_MAX);
	*ret_top = top;
	return ERROR_NONE;
}

enum error_code
list_devices(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	struct listing listing = {.limit = DEVICES_MAX};
	CLEANUP(json) json_t *records = json_array();

	if (!records)
		return error_no_memory(err);
	if (read_top(request, &listing.limit, err) ||
	    device_store_list(cloud->database, hub_of_request(cloud, request),
		&listing, records, err))
		return err->code;
	return reply_json(reply, 200, TAKE(records), err);
}

enum error_code
count_devices(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	int64_t enabled, disabled;

	if (device_store_count(cloud->database, hub_of_request(cloud, request),
		&enabled, &disabled, err))
		return err->code;
	return reply_json(reply, 200,
	    json_pack("{s:I, s:I, s:I}", "totalDeviceCount",
		(json_int_t)enabled + (json_int_t)disabled,
		"enabledDeviceCount", (json_int_t)enabled,
		"disabledDeviceCount", (json_int_t)disabled),
	    err);
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
	return reply_record(reply, json_incref(device.record), err);
}

/* ---- changing one ---- */

/* The body, if it names a device, names the one of the path. */
static enum error_code
check_id(
    const json_t *body, const char *member, const char *id, struct error *err)
{
	const char *named;

	if (hub_id_check(id, err))
		return err->code;
	if (!json_is_object(body))
		return error_set(
		    err, ERROR_MALFORMED, "the body must be a JSON object");
	if (json_get_optional_string(body, member, &named, err))
		return err->code;
	if (named && strcmp(named, id) != 0)
		return error_set(err, ERROR_INVALID,
		    "'%s' is '%.128s', but the path says '%s'", member, named,
		    id);
	return ERROR_NONE;
}

enum error_code
hub_create_device(struct database *database, const char *hub, const char *id,
    const json_t *body, struct device *ret_device, struct error *err)
{
	CLEANUP_DONE(device)
	struct device device = {.id = strdup(id),
	    .hub = strdup(hub),
	    .record = hub_record_create(id, NULL),
	    .twin = twin_create(id, NULL, NULL, 1)};

	if (!device.id || !device.hub || !device.record || !device.twin)
		return error_no_memory(err);
	if (hub_set_etag(device.twin, err) ||
	    hub_record_update(device.record, body, err) ||
	    device_store_put(database, &device, err))
		return err->code;
	*ret_device = TAKE_CONTENTS(device);
	return ERROR_NONE;
}

/* In the hub that request is sent to. */
static enum error_code
create(struct cloud *cloud, const struct request *request, const char *id,
    const json_t *body, struct device *ret_device, struct error *err)
{
	const char *hub = hub_of_request(cloud, request);

	return hub_create_device(cloud->database,
	    hub ? hub : cloud->options.hubs[0].name, id, body, ret_device, err);
}

static enum error_code
check_etag(const char *if_match, const struct device *device,
    struct reply *reply, struct error *err)
{
	const char *etag;

	if (json_get_string(device->record, "etag", &etag, err))
		return err->code;
	if (if_match && !etag_matches(if_match, etag))
		return refuse(reply, REFUSE_PRECONDITION,
		    "Device '%s' has changed since", device->id);
	return ERROR_NONE;
}

/* Reads the one in the path, which If-Match may name; else it is answered. */
static enum error_code
find_to_change(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct device *ret_device, struct error *err)
{
	if (find(cloud, request, reply, ret_device, err))
		return err->code;
	return reply->status ? ERROR_NONE
			     : check_etag(request->headers.if_match, ret_device,
				   reply, err);
}

static enum error_code
update(struct cloud *cloud, const struct request *request, struct reply *reply,
    struct error *err)
{
	CLEANUP_DONE(device) struct device device = {0};

	if (find_to_change(cloud, request, reply, &device, err))
		return err->code;
	if (reply->status)
		return ERROR_NONE;
	if (hub_record_update(device.record, request->json, err) ||
	    device_store_put(cloud->database, &device, err))
		return err->code;
	return reply_record(reply, json_incref(device.record), err);
}

/* An id is taken whichever hub has it: ids are the key of the store. */
static enum error_code
check_is_free(const struct cloud *cloud, const char *id, struct error *err)
{
	CLEANUP_DONE(device) struct device device = {0};

	if (!device_store_get(cloud->database, id, &device, err))
		return error_set(err, ERROR_EXISTS,
		    "A device with ID '%s' is already registered", id);
	return err->code == ERROR_NOT_FOUND ? ERROR_NONE : err->code;
}

/* Without If-Match it creates, with it updates, as the SDKs have it. */
enum error_code
put_device(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	const char *id = request->params[0];
	CLEANUP_DONE(device) struct device device = {0};

	if (check_id(request->json, "deviceId", id, err))
		return err->code;
	if (request->headers.if_match)
		return update(cloud, request, reply, err);
	if (check_is_free(cloud, id, err))
		return err->code == ERROR_EXISTS
			   ? refuse(reply, REFUSE_DEVICE_EXISTS, "%s",
				 err->message)
			   : err->code;
	if (create(cloud, request, id, request->json, &device, err))
		return err->code;
	return reply_record(reply, json_incref(device.record), err);
}

enum error_code
delete_device(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	CLEANUP_DONE(device) struct device device = {0};

	if (find_to_change(cloud, request, reply, &device, err))
		return err->code;
	if (reply->status)
		return ERROR_NONE;
	if (device_store_delete(cloud->database, device.id, err))
		return err->code;
	reply->status = 204;
	return ERROR_NONE;
}

/* ---- changing many ---- */

/* What fails by the etag is called otherwise: *ret_name. */
static enum error_code
check_item_etag(const json_t *item, const struct device *device,
    const char **ret_name, struct error *err)
{
	const char *wanted, *actual;

	if (json_get_optional_string(item, "eTag", &wanted, err) ||
	    json_get_string(device->record, "etag", &actual, err))
		return err->code;
	if (!wanted || etag_matches(wanted, actual))
		return ERROR_NONE;
	*ret_name = "PreconditionFailed";
	return error_set(
	    err, ERROR_INVALID, "Device '%s' has changed since", device->id);
}

struct import_mode {
	const char *name;
	bool creates;
	bool deletes; /* else, unless it creates, it updates */
	bool if_match;
};

/* In any case, since the SDKs do not agree on one. */
static enum error_code
find_mode(
    const json_t *item, const struct import_mode **ret_mode, struct error *err)
{
	static const struct import_mode modes[] = {
	    {"create",            true,  false, false},
	    {"update",            false, false, false},
	    {"updateIfMatchETag", false, false, true },
	    {"delete",            false, true,  false},
	    {"deleteIfMatchETag", false, true,  true },
	};
	const char *name;

	if (json_get_string(item, "importMode", &name, err))
		return err->code;
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (strcasecmp(modes[i].name, name) == 0) {
			*ret_mode = &modes[i];
			return ERROR_NONE;
		}
	return error_set(err, ERROR_INVALID,
	    "'importMode' is '%.32s'; there are create, update, delete, "
	    "updateIfMatchETag and deleteIfMatchETag",
	    name);
}

/* One of a bulk that is to be there. */
static enum error_code
change_existing(struct cloud *cloud, const struct request *request,
    const char *id, const json_t *item, const struct import_mode *mode,
    const char **ret_name, struct error *err)
{
	CLEANUP_DONE(device) struct device device = {0};

	if (hub_get_device(cloud, request, id, &device, err))
		return err->code != ERROR_NOT_FOUND
			   ? err->code
			   : error_set(err, ERROR_NOT_FOUND,
				 "Device '%s' is unknown", id);
	if (mode->if_match && check_item_etag(item, &device, ret_name, err))
		return err->code;
	if (mode->deletes)
		return device_store_delete(cloud->database, id, err);
	if (hub_record_update(device.record, item, err))
		return err->code;
	return device_store_put(cloud->database, &device, err);
}

/* One of a bulk; nothing is looked up for a mode that there is not. */
static enum error_code
change_one(struct cloud *cloud, const struct request *request, const char *id,
    const json_t *item, const char **ret_name, struct error *err)
{
	CLEANUP_DONE(device) struct device device = {0};
	const struct import_mode *mode;

	if (hub_id_check(id, err) || find_mode(item, &mode, err))
		return err->code;
	if (!mode->creates)
		return change_existing(
		    cloud, request, id, item, mode, ret_name, err);
	if (check_is_free(cloud, id, err))
		return err->code;
	return create(cloud, request, id, item, &device, err);
}

/* name is NULL if the code of the error tells it. */
static enum error_code
note_error(json_t *errors, const char *id, const char *name, struct error *why,
    struct error *err)
{
	static const struct {
		enum error_code code;
		const char *name;
	} names[] = {
	    {ERROR_EXISTS,    "DeviceAlreadyExists"},
	    {ERROR_NOT_FOUND, "DeviceNotFound"     },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].code == why->code)
			name = names[i].name;
	if (!name)
		name = "ArgumentInvalid";
	reason_make_plain(why->message);
	if (json_array_append_new(
		errors, json_pack("{s:s, s:s, s:s}", "deviceId", id,
			    "errorCode", name, "errorStatus", why->message)))
		return error_no_memory(err);
	return ERROR_NONE;
}

enum error_code
change_devices(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	CLEANUP(json) json_t *errors = json_array();
	size_t count = json_array_size(request->json);

	if (!errors)
		return error_no_memory(err);
	if (count == 0 || count > BULK_MAX)
		return error_set(err, ERROR_INVALID,
		    "the body must be an array of 1 to %d devices", BULK_MAX);
	for (size_t i = 0; i < count; i++) {
		const json_t *item = json_array_get(request->json, i);
		const char *id = "", *name = NULL;
		struct error why;

		if ((json_get_string(item, "id", &id, &why) ||
			change_one(cloud, request, id, item, &name, &why)) &&
		    note_error(errors, id, name, &why, err))
			return err->code;
	}
	return reply_json(reply, 200,
	    json_pack("{s:b, s:O, s:[]}", "isSuccessful",
		json_array_size(errors) == 0, "errors", errors, "warnings"),
	    err);
}
