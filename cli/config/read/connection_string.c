/* SPDX-License-Identifier: MIT */
#include "connection_string.h"

#include <ctype.h>
#include <string.h>

#include "common/file.h"
#include "common/hub_id.h"
#include "node_edit.h"

#define KEY "device_connection_string"

/* As IoT Hub has it. */
#define HOSTNAME_OTHERS "_-."

struct connection_string {
	char *iothub_hostname;
	char *device_id;
	char *key; /* base64, with or without padding */
};

static void
connection_string_done(struct connection_string *parts)
{
	secret_free(parts->iothub_hostname);
	secret_free(parts->device_id);
	secret_free(parts->key);
	*parts = (struct connection_string){0};
}

/* Where the part called name goes, or NULL if nobody wants it. */
static char **
member(struct connection_string *parts, const char *name, size_t length)
{
	const struct {
		const char *name;
		char **member;
	} members[] = {
	    {"HostName",        &parts->iothub_hostname},
	    {"DeviceId",        &parts->device_id      },
	    {"SharedAccessKey", &parts->key            },
	};

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (strlen(members[i].name) == length &&
		    memcmp(members[i].name, name, length) == 0)
			return members[i].member;
	return NULL;
}

static bool
is_made_of(const char *text, const char *others)
{
	for (; *text; text++)
		if (!isascii((unsigned char)*text) ||
		    (!isalnum((unsigned char)*text) && !strchr(others, *text)))
			return false;
	return true;
}

static enum error_code
check(const struct connection_string *parts, struct error *err)
{
	if (!parts->iothub_hostname || !parts->device_id || !parts->key)
		return error_set(err, ERROR_INVALID,
		    "'%s' is missing or empty in the connection string",
		    !parts->iothub_hostname ? "HostName"
		    : !parts->device_id     ? "DeviceId"
					    : "SharedAccessKey");
	if (!is_made_of(parts->iothub_hostname, HOSTNAME_OTHERS))
		return error_set(err, ERROR_INVALID,
		    "the HostName in the connection string must be letters, "
		    "digits, '_', '-' and '.'");
	if (hub_device_id_check(parts->device_id, err))
		return error_wrap(err, "the DeviceId in the connection string");
	return ERROR_NONE;
}

static enum error_code
parse(const char *text, struct connection_string *ret_parts, struct error *err)
{
	CLEANUP_DONE(connection_string) struct connection_string parts = {0};

	while (*text) {
		size_t length = strcspn(text, ";");
		size_t name = strcspn(text, "=;");
		char **to = name < length ? member(&parts, text, name) : NULL;

		if (to && length > name + 1) {
			secret_free(*to);
			*to = strndup(text + name + 1, length - name - 1);
			if (!*to)
				return error_no_memory(err);
		}
		text += length;
		text += *text == ';';
	}
	if (check(&parts, err))
		return err->code;
	*ret_parts = TAKE_CONTENTS(parts);
	return ERROR_NONE;
}

static enum error_code
put(struct config_node *provisioning, const struct config_node *place,
    const struct connection_string *parts, struct error *err)
{
	struct config_node *authentication;
	struct config_node *key;

	if (node_set_text(provisioning, "iothub_hostname", place,
		parts->iothub_hostname, err) ||
	    node_set_text(
		provisioning, "device_id", place, parts->device_id, err) ||
	    node_make_mapping(
		provisioning, "authentication", place, &authentication, err) ||
	    node_set_text(authentication, "method", place, "sas", err) ||
	    node_make_mapping(
		authentication, "device_id_pk", place, &key, err) ||
	    node_call(
		authentication, "device_id_pk", config_node_name(place), err))
		return err->code;
	return node_set_text(key, "value", place, parts->key, err);
}

enum error_code
connection_string_split(struct config_node *provisioning, struct error *err)
{
	static const char *const others[] = {
	    "authentication", "iothub_hostname", "device_id"};
	CLEANUP_DONE(connection_string) struct connection_string parts = {0};
	CLEANUP_DONE(config_node)
	struct config_node single = {.kind = CONFIG_MAPPING};
	const struct config_node *value = config_node_find(provisioning, KEY);
	struct error reason;

	if (!value || value->kind != CONFIG_SCALAR)
		return ERROR_NONE;
	if (node_move(provisioning, KEY, &single, KEY, err))
		return err->code;
	value = &single.items[1];
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (config_node_find(provisioning, others[i]))
			return config_node_error(value, err,
			    "'%s' says all that '%s' does: only one of them "
			    "can be given",
			    KEY, others[i]);
	if (parse(value->text, &parts, &reason))
		return config_node_error(value, err, "%s", reason.message);
	return put(provisioning, &single.items[0], &parts, err);
}
