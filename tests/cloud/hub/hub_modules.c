/* SPDX-License-Identifier: MIT */
#include "hub_modules.h"

#include <stdlib.h>
#include <string.h>

#include "etag.h"
#include "hub_access.h"
#include "hub_identity.h"
#include "hub_twin.h"

#define MODULES_MAX 50 /* of a device */

/* What a call is about, once the caller has proved who it is. */
struct scope {
	struct device device;
	const char *module_id;
	bool exists;
	struct module module; /* if it exists */
};

static void
scope_done(struct scope *scope)
{
	device_done(&scope->device);
	module_done(&scope->module);
}

/* Refuses a device that is no edge device, if that is how Azure's hub is. */
static enum error_code
check_edge(
    const struct cloud *cloud, const struct device *device, struct reply *reply)
{
	const json_t *capabilities =
	    json_object_get(device->record, "capabilities");

	if (!quirks_has(&cloud->options.quirks, QUIRK_MODULES_OF_EDGES) ||
	    json_is_true(json_object_get(capabilities, "iotEdge")))
		return ERROR_NONE;
	return refuse(reply, REFUSE_FORBIDDEN,
	    "Device '%s' is no edge device: its modules are not its own to "
	    "manage",
	    device->id);
}

/*
 * A device that does not exist cannot prove itself: it is told what a stranger
 * is. What is refused is answered.
 */
static enum error_code
open_device(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct device *ret_device, struct error *err)
{
	bool is_device;

	if (hub_find_device(cloud, request, ret_device, err))
		return err->code != ERROR_NOT_FOUND
			   ? err->code
			   : refuse(reply, REFUSE_DEVICE_NOT_FOUND,
				 "Device '%s' is unknown", request->params[0]);
	if (hub_authorize(cloud, ret_device, request, &is_device, err))
		return err->code;
	return is_device ? check_edge(cloud, ret_device, reply) : ERROR_NONE;
}

static enum error_code
open_scope(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct scope *ret_scope, struct error *err)
{
	CLEANUP_DONE(scope)
	struct scope scope = {.module_id = request->params[1]};

	if (open_device(cloud, request, reply, &scope.device, err))
		return err->code;
	if (reply->status)
		return ERROR_NONE;
	if (module_store_get(cloud->database, scope.device.id, scope.module_id,
		&scope.module, err)) {
		if (err->code != ERROR_NOT_FOUND)
			return err->code;
	} else {
		scope.exists = true;
	}
	*ret_scope = TAKE_CONTENTS(scope);
	return ERROR_NONE;
}

static enum error_code
refuse_unknown(const struct scope *scope, struct reply *reply)
{
	return refuse(reply, REFUSE_MODULE_NOT_FOUND,
	    "Module '%s' of device '%s' is unknown", scope->module_id,
	    scope->device.id);
}

/* Reads the module in the path; if there is none, it is answered. */
static enum error_code
find(struct cloud *cloud, const struct request *request, struct reply *reply,
    struct scope *ret_scope, struct error *err)
{
	if (open_scope(cloud, request, reply, ret_scope, err))
		return err->code;
	return reply->status || ret_scope->exists
		   ? ERROR_NONE
		   : refuse_unknown(ret_scope, reply);
}

/* Answers unless If-Match, if it is there, names the module as it is. */
static enum error_code
check_etag(const struct request *request, const struct scope *scope,
    struct reply *reply, struct error *err)
{
	const char *if_match = request->headers.if_match;
	const char *etag;

	if (json_get_string(scope->module.record, "etag", &etag, err))
		return err->code;
	if (if_match && !etag_matches(if_match, etag))
		return refuse(reply, REFUSE_PRECONDITION,
		    "Module '%s' has changed since", scope->module_id);
	return ERROR_NONE;
}

enum error_code
list_modules(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	CLEANUP_DONE(device) struct device device = {0};
	CLEANUP(json) json_t *records = json_array();

	if (!records)
		return error_no_memory(err);
	if (open_device(cloud, request, reply, &device, err))
		return err->code;
	if (reply->status)
		return ERROR_NONE;
	if (module_store_list(cloud->database, device.id, records, err))
		return err->code;
	return reply_json(reply, 200, TAKE(records), err);
}

enum error_code
get_module(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	CLEANUP_DONE(scope) struct scope scope = {0};

	if (find(cloud, request, reply, &scope, err))
		return err->code;
	if (reply->status)
		return ERROR_NONE;
	return reply_record(reply, json_incref(scope.module.record), err);
}

/* ---- changing ---- */

static enum error_code
check_body(const json_t *body, const struct scope *scope, struct error *err)
{
	const char *device_id, *module_id;

	if (hub_id_check(scope->module_id, err))
		return err->code;
	if (!json_is_object(body))
		return error_set(
		    err, ERROR_MALFORMED, "the body must be a JSON object");
	if (json_get_optional_string(body, "deviceId", &device_id, err) ||
	    json_get_optional_string(body, "moduleId", &module_id, err))
		return err->code;
	if ((device_id && strcmp(device_id, scope->device.id) != 0) ||
	    (module_id && strcmp(module_id, scope->module_id) != 0))
		return error_set(err, ERROR_INVALID,
		    "the body and the path name different modules");
	return ERROR_NONE;
}

static enum error_code
check_room(struct cloud *cloud, const struct scope *scope, struct reply *reply,
    struct error *err)
{
	CLEANUP(json) json_t *records = json_array();

	if (!records)
		return error_no_memory(err);
	if (module_store_list(cloud->database, scope->device.id, records, err))
		return err->code;
	if (json_array_size(records) >= MODULES_MAX)
		return refuse(reply, REFUSE_TOO_MANY_MODULES,
		    "Device '%s' has %d modules already", scope->device.id,
		    MODULES_MAX);
	return ERROR_NONE;
}

static enum error_code
create(struct scope *scope, struct error *err)
{
	CLEANUP_DONE(module)
	struct module module = {.device_id = strdup(scope->device.id),
	    .id = strdup(scope->module_id),
	    .record = hub_record_create(scope->device.id, scope->module_id),
	    .twin = twin_create(scope->device.id, scope->module_id, NULL, 1)};

	if (!module.device_id || !module.id || !module.record || !module.twin)
		return error_no_memory(err);
	if (hub_set_etag(module.twin, err))
		return err->code;
	scope->module = TAKE_CONTENTS(module);
	return ERROR_NONE;
}

/*
 * The service creates without If-Match and updates with it; a device that
 * sends none to a module that is there is told so.
 */
static enum error_code
check_precondition(struct cloud *cloud, const struct request *request,
    const struct scope *scope, struct reply *reply, struct error *err)
{
	const char *if_match = request->headers.if_match;

	if (scope->exists && !if_match)
		return refuse(reply, REFUSE_MODULE_EXISTS,
		    "Module '%s' already exists", scope->module_id);
	if (scope->exists)
		return check_etag(request, scope, reply, err);
	if (if_match)
		return refuse_unknown(scope, reply);
	return check_room(cloud, scope, reply, err);
}

enum error_code
put_module(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	CLEANUP_DONE(scope) struct scope scope = {0};

	if (open_scope(cloud, request, reply, &scope, err))
		return err->code;
	if (reply->status)
		return ERROR_NONE;
	if (check_body(request->json, &scope, err) ||
	    check_precondition(cloud, request, &scope, reply, err))
		return err->code;
	if (reply->status)
		return ERROR_NONE;
	if ((!scope.exists && create(&scope, err)) ||
	    hub_record_update(scope.module.record, request->json, err) ||
	    module_store_put(cloud->database, &scope.module, err))
		return err->code;
	return reply_record(reply, json_incref(scope.module.record), err);
}

enum error_code
delete_module(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	CLEANUP_DONE(scope) struct scope scope = {0};

	if (find(cloud, request, reply, &scope, err))
		return err->code;
	if (reply->status)
		return ERROR_NONE;
	if (check_etag(request, &scope, reply, err))
		return err->code;
	if (reply->status)
		return ERROR_NONE;
	if (module_store_delete(
		cloud->database, scope.device.id, scope.module_id, err))
		return err->code;
	reply->status = 204;
	return ERROR_NONE;
}
