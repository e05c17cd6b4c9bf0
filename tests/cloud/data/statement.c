/* SPDX-License-Identifier: MIT */
#include "statement.h"

#include <stdio.h>
#include <string.h>

struct statement {
	sqlite3_stmt *prepared;
	bool is_in_use;
	bool is_kept; /* in the cache, when it is released */
};

/* ---- values ---- */

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

enum error_code
statement_failed(sqlite3 *handle, struct error *err)
{
	int result = sqlite3_errcode(handle);
	enum error_code code = result == SQLITE_BUSY || result == SQLITE_LOCKED
				   ? ERROR_UNAVAILABLE
				   : ERROR_INTERNAL;

	return error_set(err, code, "database: %s", sqlite3_errmsg(handle));
}

static int
bind_value(sqlite3_stmt *prepared, int index, const struct sql_value *value)
{
	switch (value->type) {
	case SQL_INTEGER:
		return sqlite3_bind_int64(prepared, index, value->integer);
	case SQL_TEXT:
		return sqlite3_bind_text64(prepared, index, value->data,
		    value->length, SQLITE_TRANSIENT, SQLITE_UTF8);
	case SQL_BLOB:
		return sqlite3_bind_blob64(prepared, index, value->data,
		    value->length, SQLITE_TRANSIENT);
	case SQL_NULL:
		break;
	}
	return sqlite3_bind_null(prepared, index);
}

/* ---- preparing ---- */

static void
statement_free(struct statement *statement)
{
	(void)sqlite3_finalize(statement->prepared);
	free(statement);
}

void
statement_cache_done(struct statement_cache *cache)
{
	for (size_t i = 0; i < cache->count; i++)
		statement_free(cache->statements[i]);
	*cache = (struct statement_cache){0};
}

static struct statement *
find_idle(const struct statement_cache *cache, const char *sql)
{
	for (size_t i = 0; i < cache->count; i++) {
		struct statement *statement = cache->statements[i];

		if (!statement->is_in_use &&
		    strcmp(sqlite3_sql(statement->prepared), sql) == 0)
			return statement;
	}
	return NULL;
}

/* Where there is no room, one that is idle gives way, each in its turn. */
static void
keep(struct statement_cache *cache, struct statement *statement)
{
	size_t slot = cache->count;

	if (slot < STATEMENTS_MAX) {
		cache->count++;
	} else {
		slot = cache->next;
		cache->next = (cache->next + 1) % STATEMENTS_MAX;
		if (cache->statements[slot]->is_in_use)
			return;
		statement_free(cache->statements[slot]);
	}
	cache->statements[slot] = statement;
	statement->is_kept = true;
}

static enum error_code
make(struct statement_cache *cache, sqlite3 *handle, const char *sql,
    struct statement **ret_statement, struct error *err)
{
	struct statement *statement = calloc(1, sizeof(*statement));

	if (!statement)
		return error_no_memory(err);
	if (sqlite3_prepare_v3(handle, sql, -1, SQLITE_PREPARE_PERSISTENT,
		&statement->prepared, NULL) != SQLITE_OK) {
		free(statement);
		return statement_failed(handle, err);
	}
	keep(cache, statement);
	*ret_statement = statement;
	return ERROR_NONE;
}

enum error_code
statement_prepare(struct statement_cache *cache, sqlite3 *handle,
    const char *sql, const struct sql_value *values, size_t count,
    struct statement **ret_statement, struct error *err)
{
	struct statement *statement = find_idle(cache, sql);

	if (!statement && make(cache, handle, sql, &statement, err))
		return err->code;
	statement->is_in_use = true;
	for (size_t i = 0; i < count; i++)
		if (bind_value(statement->prepared, (int)i + 1, &values[i]) !=
		    SQLITE_OK) {
			(void)statement_failed(handle, err);
			statement_release(statement);
			return err->code;
		}
	*ret_statement = statement;
	return ERROR_NONE;
}

void
statement_release(struct statement *statement)
{
	if (!statement)
		return;
	if (!statement->is_kept) {
		statement_free(statement);
		return;
	}
	/* What it failed by, if it did, was told when it did. */
	(void)sqlite3_reset(statement->prepared);
	(void)sqlite3_clear_bindings(statement->prepared);
	statement->is_in_use = false;
}

/* ---- rows ---- */

enum error_code
statement_next(struct statement *statement, bool *ret_row, struct error *err)
{
	int result = sqlite3_step(statement->prepared);

	if (result != SQLITE_ROW && result != SQLITE_DONE)
		return statement_failed(
		    sqlite3_db_handle(statement->prepared), err);
	*ret_row = result == SQLITE_ROW;
	return ERROR_NONE;
}

enum error_code
statement_only_row(struct statement *statement, struct error *err)
{
	bool row;

	if (statement_next(statement, &row, err))
		return err->code;
	return row ? ERROR_NONE : error_set(err, ERROR_NOT_FOUND, "no row");
}

int
statement_columns(const struct statement *statement)
{
	return sqlite3_column_count(statement->prepared);
}

int64_t
statement_integer(const struct statement *statement, int column)
{
	return sqlite3_column_int64(statement->prepared, column);
}

const void *
statement_blob(
    const struct statement *statement, int column, size_t *ret_length)
{
	/* In this order: the length is that of what was asked for last. */
	const void *data = sqlite3_column_blob(statement->prepared, column);

	*ret_length = (size_t)sqlite3_column_bytes(statement->prepared, column);
	return data;
}

const char *
statement_text(const struct statement *statement, int column)
{
	return (const char *)sqlite3_column_text(statement->prepared, column);
}

void
statement_read_text(
    const struct statement *statement, int column, char *text, size_t size)
{
	const char *value = statement_text(statement, column);

	(void)snprintf(text, size, "%s", value ? value : "");
}

enum error_code
statement_copy_text(const struct statement *statement, int column,
    char **ret_text, struct error *err)
{
	const char *text = statement_text(statement, column);
	char *copy = strdup(text ? text : "");

	if (!copy)
		return error_no_memory(err);
	*ret_text = copy;
	return ERROR_NONE;
}

enum error_code
statement_json(const struct statement *statement, int column,
    json_t **ret_value, struct error *err)
{
	const char *text = statement_text(statement, column);

	return json_parse(
	    text ? text : "", text ? strlen(text) : 0, ret_value, err);
}

enum error_code
statement_append_json(
    struct statement *statement, json_t *array, struct error *err)
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
