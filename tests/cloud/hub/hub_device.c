/* SPDX-License-Identifier: MIT */
#include "hub_device.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "certificate_info.h"
#include "hub_access.h"
#include "message_store.h"

#define MESSAGE_BYTES_MAX ((size_t)256 * 1024)
#define BATCH_TYPE "application/vnd.microsoft.iothub.json"

/* Who sends: a device, or one of its modules. */
struct sender {
	struct device device;
	struct module module; /* .id is NULL: the device itself */
};

static void
sender_done(struct sender *sender)
{
	device_done(&sender->device);
	module_done(&sender->module);
}

static struct message
message_of(const struct sender *sender, const struct request *request,
    struct key_text *ret_key)
{
	const X509 *leaf = sk_X509_value(request->chain, 0);

	*ret_key = request->headers.authorization || !leaf
		       ? (struct key_text){"SAS"}
		       : key_text(leaf);
	return (struct message){.device_id = sender->device.id,
	    .module_id = sender->module.id,
	    .key_algorithm = ret_key->text,
	    .tls_version = request->tls_version,
	    .content_type = request->headers.content_type,
	    .properties = request->headers.properties,
	    .body = request->body,
	    .body_length = request->body_length};
}

/* ---- a batch ---- */

/* They are called as the headers of a single message are. */
static enum error_code
read_properties(const json_t *given, struct message_properties *properties,
    struct error *err)
{
	const char *name;
	json_t *value;

	if (given && !json_is_object(given) && !json_is_null(given))
		return error_set(
		    err, ERROR_MALFORMED, "'properties' must be an object");
	json_object_foreach((json_t *)(uintptr_t)given, name, value)
	{
		if (!json_is_string(value))
			return error_set(err, ERROR_MALFORMED,
			    "the property '%.64s' must be a string", name);
		message_properties_note(
		    properties, name, json_string_value(value));
	}
	return ERROR_NONE;
}

static enum error_code
store_item(struct cloud *cloud, struct message message, const json_t *item,
    struct error *err)
{
	CLEANUP(bytes) unsigned char *body = NULL;
	CLEANUP_DONE(message_properties)
	struct message_properties properties = {NULL, NULL};

	if (json_get_bytes(item, "body", &body, &message.body_length, err) ||
	    read_properties(
		json_object_get(item, "properties"), &properties, err))
		return err->code;
	message.body = body;
	message.properties = properties;
	message.content_type = NULL;
	return message_store_add(cloud->database, &message, err);
}

static enum error_code
store_batch(
    struct cloud *cloud, const struct message *message, struct error *err)
{
	CLEANUP(json) json_t *items = NULL;
	size_t i;
	json_t *item;

	if (json_parse(message->body, message->body_length, &items, err))
		return err->code;
	if (!json_is_array(items))
		return error_set(
		    err, ERROR_MALFORMED, "A batch is a JSON array.");
	json_array_foreach(items, i, item) if (store_item(cloud, *message, item,
						   err)) return error_wrap(err,
	    "message %zu of the batch", i);
	return ERROR_NONE;
}

/* ---- one message or many ---- */

static bool
is_batch(const char *content_type)
{
	size_t length = strlen(BATCH_TYPE);

	return content_type &&
	       strncasecmp(content_type, BATCH_TYPE, length) == 0;
}

static enum error_code
note_activity(json_t *record, struct error *err)
{
	return json_set(
	    record, "lastActivityTime", json_string(utc_now().text), err);
}

static enum error_code
store(struct cloud *cloud, struct sender *sender, const struct request *request,
    struct error *err)
{
	struct key_text key;
	struct message message = message_of(sender, request, &key);

	if (is_batch(message.content_type)
		? store_batch(cloud, &message, err)
		: message_store_add(cloud->database, &message, err))
		return err->code;
	if (note_activity(sender->device.record, err) ||
	    device_store_put(cloud->database, &sender->device, err))
		return err->code;
	if (!sender->module.id)
		return ERROR_NONE;
	if (note_activity(sender->module.record, err))
		return err->code;
	return module_store_put(cloud->database, &sender->module, err);
}

static enum error_code
receive(struct cloud *cloud, const struct request *request,
    struct sender *sender, struct reply *reply, struct error *err)
{
	if (request->body_length > MESSAGE_BYTES_MAX)
		return refuse(reply, REFUSE_TOO_LARGE,
		    "A message has at most %zu bytes.", MESSAGE_BYTES_MAX);
	if (store(cloud, sender, request, err))
		return err->code;
	reply->status = 204;
	return ERROR_NONE;
}

static enum refusal
refusal_of_strangers(const struct cloud *cloud)
{
	return quirks_has(&cloud->options.quirks, QUIRK_UNKNOWN_404)
		   ? REFUSE_DEVICE_NOT_FOUND
		   : REFUSE_UNAUTHORIZED;
}

/* The device of the path, which proves itself; else it is answered. */
static enum error_code
find_sender(struct cloud *cloud, const struct request *request,
    struct sender *sender, struct reply *reply, struct error *err)
{
	if (hub_find_device(cloud, request, &sender->device, err))
		return err->code != ERROR_NOT_FOUND
			   ? err->code
			   : refuse(reply, refusal_of_strangers(cloud),
				 "The device '%s' is not known to this hub.",
				 request->params[0]);
	return hub_authenticate_device(cloud, &sender->device, request, err);
}

enum error_code
hub_telemetry(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	CLEANUP_DONE(sender) struct sender sender = {0};

	if (find_sender(cloud, request, &sender, reply, err))
		return err->code;
	return reply->status ? ERROR_NONE
			     : receive(cloud, request, &sender, reply, err);
}

enum error_code
hub_devicebound(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	CLEANUP_DONE(sender) struct sender sender = {0};

	if (find_sender(cloud, request, &sender, reply, err))
		return err->code;
	if (!reply->status)
		reply->status = 204;
	return ERROR_NONE;
}

enum error_code
hub_module_telemetry(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	CLEANUP_DONE(sender) struct sender sender = {0};

	if (hub_find_device(cloud, request, &sender.device, err) ||
	    module_store_get(cloud->database, sender.device.id,
		request->params[1], &sender.module, err))
		return err->code != ERROR_NOT_FOUND
			   ? err->code
			   : refuse(reply, REFUSE_UNAUTHORIZED,
				 "The module '%s' of device '%s' is not known "
				 "to this hub.",
				 request->params[1], request->params[0]);
	if (hub_authenticate_module(
		cloud, &sender.device, &sender.module, request, err))
		return err->code;
	return receive(cloud, request, &sender, reply, err);
}
