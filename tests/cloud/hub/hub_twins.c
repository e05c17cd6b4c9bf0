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

/* The twin of a call: that of a device, or of one of its modules. */
struct subject {
	struct device device;
	struct module module;
	json_t *twin;   /* borrowed from one of them */
	json_t *record; /* likewise */
};

static void
subject_done(struct subject *subject)
{
	device_done(&subject->device);
	module_done(&subject->module);
}

/* What is not there is answered. */
static enum error_code
find(struct cloud *cloud, const struct request *request, bool is_module,
    struct reply *reply, struct subject *subject, struct error *err)
{
	if (hub_find_device(cloud, request, &subject->device, err))
		return err->code != ERROR_NOT_FOUND
			   ? err->code
			   : refuse(reply, REFUSE_DEVICE_NOT_FOUND,
				 "Device '%s' is unknown", request->params[0]);
	subject->twin = subject->device.twin;
	subject->record = subject->device.record;
	if (!is_module)
		return ERROR_NONE;
	if (module_store_get(cloud->database, subject->device.id,
		request->params[1], &subject->module, err))
		return err->code != ERROR_NOT_FOUND
			   ? err->code
			   : refuse(reply, REFUSE_MODULE_NOT_FOUND,
				 "Module '%s' is unknown", request->params[1]);
	subject->twin = subject->module.twin;
	subject->record = subject->module.record;
	return ERROR_NONE;
}

static enum error_code
get(struct cloud *cloud, const struct request *request, bool is_module,
    struct reply *reply, struct error *err)
{
	CLEANUP_DONE(subject) struct subject subject = {0};

	if (find(cloud, request, is_module, reply, &subject, err))
		return err->code;
	if (reply->status)
		return ERROR_NONE;
	return reply_record(
	    reply, twin_to_json(subject.twin, subject.record), err);
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
	CLEANUP_DONE(subject) struct subject subject = {0};

	if (find(cloud, request, is_module, reply, &subject, err))
		return err->code;
	if (!reply->status && check_etag(request, subject.twin, reply, err))
		return err->code;
	if (reply->status)
		return ERROR_NONE;
	if (twin_update(subject.twin, request->json, replace, err) ||
	    hub_set_etag(subject.twin, err))
		return err->code;
	if (is_module ? module_store_put(cloud->database, &subject.module, err)
		      : device_store_put(cloud->database, &subject.device, err))
		return err->code;
	return reply_record(
	    reply, twin_to_json(subject.twin, subject.record), err);
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
