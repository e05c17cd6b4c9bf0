/* SPDX-License-Identifier: MIT */
#include "hub_twins.h"

#include <string.h>

#include "etag.h"
#include "hub_access.h"
#include "hub_identity.h"
#include "hub_twin.h"

/* What is copied from the record, and how the twin calls it. */
static const struct {
	const char *record;
	const char *twin;
} shared[] = {
    {"etag",		      "deviceEtag"               },
    {"status",		    "status"                   },
    {"statusReason",              "statusReason"             },
    {"statusUpdatedTime",         "statusUpdateTime"         },
    {"connectionState",           "connectionState"          },
    {"lastActivityTime",          "lastActivityTime"         },
    {"cloudToDeviceMessageCount", "cloudToDeviceMessageCount"},
    {"capabilities",              "capabilities"             },
};

json_t *
twin_to_json(const json_t *twin, const json_t *record)
{
	CLEANUP(json) json_t *shown = json_deep_copy(twin);
	const json_t *authentication =
	    json_object_get(record, "authentication");
	json_t *type = json_object_get(authentication, "type");
	json_t *thumbprints = json_object_get(authentication, "x509Thumbprint");

	if (!shown)
		return NULL;
	for (size_t i = 0; i < sizeof(shared) / sizeof(shared[0]); i++) {
		json_t *value = json_object_get(record, shared[i].record);

		if (value && json_object_set(shown, shared[i].twin, value))
			return NULL;
	}
	if ((type && json_object_set(shown, "authenticationType", type)) ||
	    (thumbprints &&
		json_object_set(shown, "x509Thumbprint", thumbprints)))
		return NULL;
	return TAKE(shown);
}

void
twin_owner_done(struct twin_owner *owner)
{
	device_done(&owner->device);
	module_done(&owner->module);
	*owner = (struct twin_owner){0};
}

enum error_code
twin_owner_select(struct database *database, struct twin_owner *owner,
    const char *module_id, struct error *err)
{
	owner->twin = owner->device.twin;
	owner->record = owner->device.record;
	if (!module_id)
		return ERROR_NONE;
	if (module_store_get(
		database, owner->device.id, module_id, &owner->module, err))
		return err->code;
	owner->twin = owner->module.twin;
	owner->record = owner->module.record;
	return ERROR_NONE;
}

enum error_code
twin_owner_update(struct database *database, struct twin_owner *owner,
    const json_t *patch, bool replace, struct error *err)
{
	if (twin_update(owner->twin, patch, replace, err) ||
	    hub_set_etag(owner->twin, err))
		return err->code;
	return owner->module.id
		   ? module_store_put(database, &owner->module, err)
		   : device_store_put(database, &owner->device, err);
}

/* What is not there is answered. */
static enum error_code
find(struct cloud *cloud, const struct request *request, bool is_module,
    struct reply *reply, struct twin_owner *owner, struct error *err)
{
	const char *module_id = is_module ? request->params[1] : NULL;

	if (hub_find_device(cloud, request, &owner->device, err))
		return err->code != ERROR_NOT_FOUND
			   ? err->code
			   : refuse(reply, REFUSE_DEVICE_NOT_FOUND,
				 "Device '%s' is unknown", request->params[0]);
	if (twin_owner_select(cloud->database, owner, module_id, err))
		return err->code != ERROR_NOT_FOUND
			   ? err->code
			   : refuse(reply, REFUSE_MODULE_NOT_FOUND,
				 "Module '%s' is unknown", request->params[1]);
	return ERROR_NONE;
}

static enum error_code
get(struct cloud *cloud, const struct request *request, bool is_module,
    struct reply *reply, struct error *err)
{
	CLEANUP_DONE(twin_owner) struct twin_owner owner = {0};

	if (find(cloud, request, is_module, reply, &owner, err))
		return err->code;
	if (reply->status)
		return ERROR_NONE;
	return reply_record(reply, twin_to_json(owner.twin, owner.record), err);
}

static enum error_code
check_etag(const struct request *request, const json_t *twin,
    struct reply *reply, struct error *err)
{
	const char *if_match = request->headers.if_match;
	const char *etag;

	if (json_get_string(twin, "etag", &etag, err))
		return err->code;
	if (if_match && !etag_matches(if_match, etag))
		return refuse(
		    reply, REFUSE_PRECONDITION, "The twin has changed since");
	return ERROR_NONE;
}

static enum error_code
change(struct cloud *cloud, const struct request *request, bool is_module,
    bool replace, struct reply *reply, struct error *err)
{
	CLEANUP_DONE(twin_owner) struct twin_owner owner = {0};

	if (find(cloud, request, is_module, reply, &owner, err))
		return err->code;
	if (!reply->status && check_etag(request, owner.twin, reply, err))
		return err->code;
	if (reply->status)
		return ERROR_NONE;
	if (twin_owner_update(
		cloud->database, &owner, request->json, replace, err))
		return err->code;
	return reply_record(reply, twin_to_json(owner.twin, owner.record), err);
}

#define DEFINE_HANDLER(name, ...)                                              \
	enum error_code name(struct cloud *cloud,                              \
	    const struct request *request, struct reply *reply,                \
	    struct error *err)                                                 \
	{                                                                      \
		return __VA_ARGS__;                                            \
	}

DEFINE_HANDLER(get_twin, get(cloud, request, false, reply, err))
DEFINE_HANDLER(get_module_twin, get(cloud, request, true, reply, err))
DEFINE_HANDLER(patch_twin, change(cloud, request, false, false, reply, err))
DEFINE_HANDLER(put_twin, change(cloud, request, false, true, reply, err))
DEFINE_HANDLER(
    patch_module_twin, change(cloud, request, true, false, reply, err))
DEFINE_HANDLER(put_module_twin, change(cloud, request, true, true, reply, err))
