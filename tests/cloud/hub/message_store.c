/* SPDX-License-Identifier: MIT */
#include "message_store.h"

#include <string.h>
#include <strings.h>

#include "stamp.h"

#define APPLICATION_PREFIX "iothub-app-"

/* ---- properties ---- */

void
message_properties_done(struct message_properties *properties)
{
	json_decref(properties->application);
	json_decref(properties->system);
	*properties = (struct message_properties){0};
}

static void
note(json_t **object, const char *name, const char *value)
{
	if (!*object)
		*object = json_object();
	(void)json_object_set_new(*object, name, json_string(value));
}

void
message_properties_note(
    struct message_properties *properties, const char *name, const char *value)
{
	static const struct {
		const char *header;
		const char *name;
	} system[] = {
	    {"IoTHub-MessageId",       "messageId"      },
	    {"IoTHub-CorrelationId",   "correlationId"  },
	    {"IoTHub-UserId",          "userId"         },
	    {"IoTHub-Expiry",          "expiryTimeUtc"  },
	    {"iothub-contenttype",     "contentType"    },
	    {"iothub-contentencoding", "contentEncoding"},
	};
	size_t prefix = strlen(APPLICATION_PREFIX);

	if (strncasecmp(name, APPLICATION_PREFIX, prefix) == 0)
		note(&properties->application, name + prefix, value);
	for (size_t i = 0; i < sizeof(system) / sizeof(system[0]); i++)
		if (strcasecmp(system[i].header, name) == 0)
			note(&properties->system, system[i].name, value);
}

/* ---- storing ---- */

/* As a value of SQL; the caller frees *ret_text. */
static enum error_code
text_of(const json_t *object, char **ret_text, struct error *err)
{
	*ret_text = object ? json_text(object) : NULL;
	return object && !*ret_text ? error_no_memory(err) : ERROR_NONE;
}

/* NULL if a client sent what is not UTF-8. */
static const char *
utf8_or_null(const char *text)
{
	CLEANUP(json) json_t *value = text ? json_string(text) : NULL;

	return value ? text : NULL;
}

enum error_code
message_store_add(
    struct database *database, const struct message *message, struct error *err)
{
	CLEANUP(string) char *application = NULL;
	CLEANUP(string) char *system = NULL;

	if (text_of(message->properties.application, &application, err) ||
	    text_of(message->properties.system, &system, err))
		return err->code;
	return database_execute(database,
	    "INSERT INTO message (device_id, module_id, received,"
	    " key_algorithm, tls_version, content_type, properties,"
	    " system_properties, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
	    SQL_VALUES(sql_text(message->device_id),
		sql_text(message->module_id), sql_text(utc_now().text),
		sql_text(message->key_algorithm),
		sql_text(message->tls_version),
		sql_text(utf8_or_null(message->content_type)),
		sql_text(application), sql_text(system),
		sql_blob(
		    message->body ? message->body : "", message->body_length)),
	    err);
}

/* ---- listing ---- */

/* Sets "body" if it is text that JSON can hold, else "bodyBase64". */
static enum error_code
set_body(
    json_t *object, struct statement *statement, int column, struct error *err)
{
	size_t length;
	const void *data = statement_blob(statement, column, &length);
	json_t *text = json_stringn(data ? data : "", length);

	if (!text || (data && memchr(data, 0, length))) {
		json_decref(text);
		return json_set_bytes(object, "bodyBase64", data, length, err);
	}
	return json_set(object, "body", text, err);
}

/* Sets member to the JSON in column, if there is any. */
static enum error_code
set_object(json_t *message, const char *member, struct statement *statement,
    int column, struct error *err)
{
	json_t *value;

	if (!statement_text(statement, column))
		return ERROR_NONE;
	if (statement_json(statement, column, &value, err))
		return err->code;
	return json_set(message, member, value, err);
}

#define COLUMNS                                                                \
	"id, device_id, module_id, received, key_algorithm, tls_version,"      \
	" content_type, properties, system_properties, body"

static enum error_code
read_message(
    struct statement *statement, json_t **ret_message, struct error *err)
{
	CLEANUP(json)
	json_t *message = json_pack("{s:I, s:s, s:s*, s:s, s:s, s:s, s:s?}",
	    "id", (json_int_t)statement_integer(statement, 0), "deviceId",
	    statement_text(statement, 1), "moduleId",
	    statement_text(statement, 2), "received",
	    statement_text(statement, 3), "keyAlgorithm",
	    statement_text(statement, 4), "tlsVersion",
	    statement_text(statement, 5), "contentType",
	    statement_text(statement, 6));

	if (!message)
		return error_no_memory(err);
	if (set_object(message, "properties", statement, 7, err) ||
	    set_object(message, "systemProperties", statement, 8, err) ||
	    set_body(message, statement, 9, err))
		return err->code;
	*ret_message = TAKE(message);
	return ERROR_NONE;
}

enum error_code
message_store_list(struct database *database,
    const struct message_filter *filter, json_t *messages, struct error *err)
{
	CLEANUP(statement) struct statement *statement = NULL;
	bool row;

	if (database_query(database,
		"SELECT * FROM (SELECT " COLUMNS " FROM message"
		"  WHERE (?1 IS NULL OR device_id = ?1) AND id > ?2"
		"  ORDER BY id DESC LIMIT ?3) ORDER BY id",
		SQL_VALUES(sql_text(filter->device_id),
		    sql_integer(filter->after),
		    sql_integer(filter->last ? (int64_t)filter->last : -1)),
		&statement, err) ||
	    statement_next(statement, &row, err))
		return err->code;
	while (row) {
		json_t *message;

		if (read_message(statement, &message, err))
			return err->code;
		if (json_array_append_new(messages, message))
			return error_no_memory(err);
		if (statement_next(statement, &row, err))
			return err->code;
	}
	return ERROR_NONE;
}
