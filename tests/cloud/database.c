/* SPDX-License-Identifier: MIT */
#include "database.h"

#include <stdio.h>
#include <string.h>

#include "schema.h"

#define BUSY_TIMEOUT_MS 10000

struct database {
	sqlite3 *handle;
	struct certificate_cache certificates;
};

struct sql_value
sql_integer(int64_t integer)
{
	return (struct sql_value){.type = SQL_INTEGER, .integer = integer};
}

struct sql_value
sql_text(const char *text)
{
	if (!text)
		return (struct sql_value){.type = SQL_NULL};
	return (struct sql_value){
	    .type = SQL_TEXT, .data = text, .length = strlen(text)};
}

struct sql_value
sql_blob(const void *data, size_t length)
{
	return (struct sql_value){
	    .type = SQL_BLOB, .data = data, .length = length};
}

void
database_close(struct database *database)
{
	if (!database)
		return;
	certificate_cache_done(&database->certificates);
	(void)sqlite3_close(database->handle);
	free(database);
}

struct certificate_cache *
database_certificates(struct database *database)
{
	return &database->certificates;
}

static enum error_code
database_failed(sqlite3 *handle, struct error *err)
{
	int result = sqlite3_errcode(handle);
	enum error_code code = result == SQLITE_BUSY || result == SQLITE_LOCKED
				   ? ERROR_UNAVAILABLE
				   : ERROR_INTERNAL;

	return error_set(err, code, "database: %s", sqlite3_errmsg(handle));
}

static enum error_code
run_script(struct database *database, const char *sql, struct error *err)
{
	if (sqlite3_exec(database->handle, sql, NULL, NULL, NULL) != SQLITE_OK)
		return database_failed(database->handle, err);
	return ERROR_NONE;
}

enum error_code
database_begin(struct database *database, struct error *err)
{
	/* At once for writing: a later upgrade could meet SQLITE_BUSY. */
	return run_script(database, "BEGIN IMMEDIATE", err);
}

enum error_code
database_commit(struct database *database, struct error *err)
{
	return run_script(database, "COMMIT", err);
}

void
database_rollback(struct database *database)
{
	if (!sqlite3_get_autocommit(database->handle))
		(void)sqlite3_exec(
		    database->handle, "ROLLBACK", NULL, NULL, NULL);
}

static enum error_code
bind_values(sqlite3_stmt *statement, const struct sql_value *values,
    size_t count, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		const struct sql_value *value = &values[i];
		int index = (int)i + 1, result = SQLITE_OK;

		switch (value->type) {
		case SQL_NULL:
			result = sqlite3_bind_null(statement, index);
			break;
		case SQL_INTEGER:
			result = sqlite3_bind_int64(
			    statement, index, value->integer);
			break;
		case SQL_TEXT:
			result =
			    sqlite3_bind_text64(statement, index, value->data,
				value->length, SQLITE_TRANSIENT, SQLITE_UTF8);
			break;
		case SQL_BLOB:
			result = sqlite3_bind_blob64(statement, index,
			    value->data, value->length, SQLITE_TRANSIENT);
			break;
		}
		if (result != SQLITE_OK)
			return database_failed(
			    sqlite3_db_handle(statement), err);
	}
	return ERROR_NONE;
}

enum error_code
database_query(struct database *database, const char *sql,
    const struct sql_value *values, size_t count, sqlite3_stmt **ret_statement,
    struct error *err)
{
	CLEANUP(statement) sqlite3_stmt *statement = NULL;

	if (sqlite3_prepare_v2(database->handle, sql, -1, &statement, NULL) !=
	    SQLITE_OK)
		return database_failed(database->handle, err);
	if (bind_values(statement, values, count, err))
		return err->code;
	*ret_statement = TAKE(statement);
	return ERROR_NONE;
}

enum error_code
statement_next(sqlite3_stmt *statement, bool *ret_row, struct error *err)
{
	int result = sqlite3_step(statement);

	if (result != SQLITE_ROW && result != SQLITE_DONE)
		return database_failed(sqlite3_db_handle(statement), err);
	*ret_row = result == SQLITE_ROW;
	return ERROR_NONE;
}

enum error_code
statement_only_row(sqlite3_stmt *statement, struct error *err)
{
	bool row;

	if (statement_next(statement, &row, err))
		return err->code;
	return row ? ERROR_NONE : error_set(err, ERROR_NOT_FOUND, "no row");
}

enum error_code
database_execute(struct database *database, const char *sql,
    const struct sql_value *values, size_t count, struct error *err)
{
	CLEANUP(statement) sqlite3_stmt *statement = NULL;
	bool row;

	if (database_query(database, sql, values, count, &statement, err))
		return err->code;
	return statement_next(statement, &row, err);
}

int
database_changes(const struct database *database)
{
	return sqlite3_changes(database->handle);
}

const char *
statement_text(sqlite3_stmt *statement, int column)
{
	return (const char *)sqlite3_column_text(statement, column);
}

void
statement_read_text(
    sqlite3_stmt *statement, int column, char *text, size_t size)
{
	const char *value = statement_text(statement, column);

	(void)snprintf(text, size, "%s", value ? value : "");
}

enum error_code
statement_copy_text(
    sqlite3_stmt *statement, int column, char **ret_text, struct error *err)
{
	const char *text = statement_text(statement, column);
	char *copy = strdup(text ? text : "");

	if (!copy)
		return error_no_memory(err);
	*ret_text = copy;
	return ERROR_NONE;
}

static enum error_code
read_version(struct database *database, int *ret_version, struct error *err)
{
	CLEANUP(statement) sqlite3_stmt *statement = NULL;

	if (database_query(database, "PRAGMA user_version", SQL_NO_VALUES,
		&statement, err) ||
	    statement_only_row(statement, err))
		return err->code;
	*ret_version = sqlite3_column_int(statement, 0);
	return ERROR_NONE;
}

/* Runs inside a transaction, so that of two that start at once one waits. */
static enum error_code
make_tables(struct database *database, struct error *err)
{
	char set_version[48];
	int version;

	(void)snprintf(set_version, sizeof(set_version),
	    "PRAGMA user_version = %d", SCHEMA_VERSION);
	if (read_version(database, &version, err))
		return err->code;
	if (version == SCHEMA_VERSION)
		return ERROR_NONE;
	if (version != 0)
		return error_set(err, ERROR_INVALID,
		    "the database is of version %d, this program knows %d; "
		    "use another --data directory",
		    version, SCHEMA_VERSION);
	if (run_script(database, schema_tables, err))
		return err->code;
	return run_script(database, set_version, err);
}

enum error_code
database_open(
    const char *path, struct database **ret_database, struct error *err)
{
	CLEANUP(database)
	struct database *database = calloc(1, sizeof(*database));

	if (!database)
		return error_no_memory(err);
	if (sqlite3_open(path, &database->handle) != SQLITE_OK) {
		(void)database_failed(database->handle, err);
		return error_wrap(err, "cannot open '%s'", path);
	}
	(void)sqlite3_busy_timeout(database->handle, BUSY_TIMEOUT_MS);
	if (run_script(database,
		"PRAGMA journal_mode = WAL;"
		"PRAGMA synchronous = NORMAL;"
		"PRAGMA foreign_keys = ON;",
		err) ||
	    database_begin(database, err) || make_tables(database, err) ||
	    database_commit(database, err))
		return error_wrap(err, "cannot open '%s'", path);

	*ret_database = TAKE(database);
	return ERROR_NONE;
}

enum error_code
statement_json(
    sqlite3_stmt *statement, int column, json_t **ret_value, struct error *err)
{
	const char *text = statement_text(statement, column);

	return json_parse(
	    text ? text : "", text ? strlen(text) : 0, ret_value, err);
}

enum error_code
statement_append_json(sqlite3_stmt *statement, json_t *array, struct error *err)
{
	bool row;

	if (statement_next(statement, &row, err))
		return err->code;
	while (row) {
		json_t *value;

		if (statement_json(statement, 0, &value, err))
			return err->code;
		if (json_array_append_new(array, value))
			return error_no_memory(err);
		if (statement_next(statement, &row, err))
			return err->code;
	}
	return ERROR_NONE;
}
