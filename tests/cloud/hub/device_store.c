/* SPDX-License-Identifier: MIT */
#include "device_store.h"

#include <string.h>

#include "common/base64.h"

void
device_done(struct device *device)
{
	free(device->id);
	free(device->hub);
	json_decref(device->record);
	json_decref(device->twin);
	*device = (struct device){0};
}

static enum error_code
column_json(
    sqlite3_stmt *statement, int column, json_t **ret_value, struct error *err)
{
	const char *text = statement_text(statement, column);

	return json_parse(text, strlen(text), ret_value, err);
}

enum error_code
device_store_get(struct database *database, const char *id,
    struct device *ret_device, struct error *err)
{
	CLEANUP(statement) sqlite3_stmt *statement = NULL;
	CLEANUP_DONE(device) struct device device = {0};

	if (database_query(database,
		"SELECT id, hub, record, twin FROM device WHERE id = ?",
		SQL_VALUES(sql_text(id)), &statement, err) ||
	    statement_only_row(statement, err) ||
	    statement_copy_text(statement, 0, &device.id, err) ||
	    statement_copy_text(statement, 1, &device.hub, err) ||
	    column_json(statement, 2, &device.record, err) ||
	    column_json(statement, 3, &device.twin, err))
		return err->code;
	*ret_device = TAKE_CONTENTS(device);
	return ERROR_NONE;
}

enum error_code
device_store_put(
    struct database *database, const struct device *device, struct error *err)
{
	CLEANUP(string) char *record = json_text(device->record);
	CLEANUP(string) char *twin = json_text(device->twin);

	if (!record || !twin)
		return error_no_memory(err);
	return database_execute(database,
	    "INSERT OR REPLACE INTO device (id, hub, record, twin)"
	    " VALUES (?, ?, ?, ?)",
	    SQL_VALUES(sql_text(device->id), sql_text(device->hub),
		sql_text(record), sql_text(twin)),
	    err);
}

enum error_code
device_store_delete(
    struct database *database, const char *id, struct error *err)
{
	if (database_execute(database, "DELETE FROM device WHERE id = ?",
		SQL_VALUES(sql_text(id)), err))
		return err->code;
	if (database_changes(database) == 0)
		return error_set(err, ERROR_NOT_FOUND, "no device '%s'", id);
	return ERROR_NONE;
}

enum error_code
device_store_list(
    struct database *database, size_t limit, json_t *records, struct error *err)
{
	CLEANUP(statement) sqlite3_stmt *statement = NULL;
	bool row;

	if (database_query(database,
		"SELECT record FROM device ORDER BY id LIMIT ?",
		SQL_VALUES(sql_integer((int64_t)limit)), &statement, err) ||
	    statement_next(statement, &row, err))
		return err->code;
	while (row) {
		json_t *record;

		if (column_json(statement, 0, &record, err))
			return err->code;
		if (json_array_append_new(records, record))
			return error_no_memory(err);
		if (statement_next(statement, &row, err))
			return err->code;
	}
	return ERROR_NONE;
}

enum error_code
message_store_add(
    struct database *database, const struct message *message, struct error *err)
{
	return database_execute(database,
	    "INSERT INTO message (device_id, received, key_algorithm,"
	    " tls_version, content_type, body) VALUES (?, ?, ?, ?, ?, ?)",
	    SQL_VALUES(sql_text(message->device_id), sql_text(utc_now().text),
		sql_text(message->key_algorithm),
		sql_text(message->tls_version), sql_text(message->content_type),
		sql_blob(
		    message->body ? message->body : "", message->body_length)),
	    err);
}

/* Sets "body" if it is text that JSON can hold, else "bodyBase64". */
static enum error_code
set_body(json_t *object, sqlite3_stmt *statement, int column, struct error *err)
{
	const void *data = sqlite3_column_blob(statement, column);
	size_t length = (size_t)sqlite3_column_bytes(statement, column);
	json_t *text = json_stringn(data ? data : "", length);

	if (!text || (data && memchr(data, 0, length))) {
		json_decref(text);
		return json_set_bytes(object, "bodyBase64", data, length, err);
	}
	if (json_object_set_new(object, "body", text))
		return error_no_memory(err);
	return ERROR_NONE;
}

static enum error_code
read_message(sqlite3_stmt *statement, json_t **ret_message, struct error *err)
{
	CLEANUP(json)
	json_t *message = json_pack("{s:s, s:s, s:s, s:s, s:s?}", "deviceId",
	    statement_text(statement, 0), "received",
	    statement_text(statement, 1), "keyAlgorithm",
	    statement_text(statement, 2), "tlsVersion",
	    statement_text(statement, 3), "contentType",
	    statement_text(statement, 4));

	if (!message)
		return error_no_memory(err);
	if (set_body(message, statement, 5, err))
		return err->code;
	*ret_message = TAKE(message);
	return ERROR_NONE;
}

enum error_code
message_store_list(
    struct database *database, json_t *messages, struct error *err)
{
	CLEANUP(statement) sqlite3_stmt *statement = NULL;
	bool row;

	if (database_query(database,
		"SELECT device_id, received, key_algorithm, tls_version,"
		" content_type, body FROM message ORDER BY id",
		SQL_NO_VALUES, &statement, err) ||
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
