/* SPDX-License-Identifier: MIT */
/*
 * Prepared statements of the database, and the values that go in and out. A
 * statement is prepared once: when it is released it waits for whoever has the
 * same SQL to run next.
 */
#ifndef CLOUD_STATEMENT_H
#define CLOUD_STATEMENT_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/json.h"

/* ---- values ---- */

enum sql_type { SQL_NULL, SQL_INTEGER, SQL_TEXT, SQL_BLOB };

/* A value for a ? in a statement; text and blob are borrowed. */
struct sql_value {
	enum sql_type type;
	int64_t integer;
	const void *data;
	size_t length;
};

struct sql_value sql_integer(int64_t integer);
struct sql_value sql_text(const char *text); /* NULL becomes NULL */
struct sql_value sql_blob(const void *data, size_t length);

/* ---- statements ---- */

/* What is prepared, of one connection; for one thread at a time. */
#define STATEMENTS_MAX 64

struct statement;

struct statement_cache {
	struct statement *statements[STATEMENTS_MAX];
	size_t count;
	size_t next; /* which one gives way */
};

/* Releases the contents, all of which must have been released. */
void statement_cache_done(struct statement_cache *cache);

/*
 * A statement that runs sql with values, which are copied. The caller releases
 * *ret_statement. Two that are in use at once may have the same sql. Fails with
 * ERROR_UNAVAILABLE if the database is locked, and with ERROR_INTERNAL.
 */
MUST_CHECK enum error_code statement_prepare(struct statement_cache *cache,
    sqlite3 *handle, const char *sql, const struct sql_value *values,
    size_t count, struct statement **ret_statement, struct error *err);

/* NULL is allowed. */
void statement_release(struct statement *statement);
DEFINE_CLEANUP(statement, struct statement, statement_release)

/* What the last call of handle failed by. */
enum error_code statement_failed(sqlite3 *handle, struct error *err);

/* Goes to the next row; *ret_row is false behind the last one. */
MUST_CHECK enum error_code statement_next(
    struct statement *statement, bool *ret_row, struct error *err);

/* As statement_next(), for the row that must be there: ERROR_NOT_FOUND. */
MUST_CHECK enum error_code statement_only_row(
    struct statement *statement, struct error *err);

/* A column of the row; NULL for NULL. Valid until the next step. */
const char *statement_text(const struct statement *statement, int column);

/* A column copied into text of size, cut off there; "" for NULL. */
void statement_read_text(
    const struct statement *statement, int column, char *text, size_t size);

/* A column as the caller's own copy. */
MUST_CHECK enum error_code statement_copy_text(
    const struct statement *statement, int column, char **ret_text,
    struct error *err);

/* An integer; 0 for NULL. */
int64_t statement_integer(const struct statement *statement, int column);

/* A blob, or the bytes of a text, valid until the next step; may be NULL. */
const void *statement_blob(
    const struct statement *statement, int column, size_t *ret_length);

/* A column of JSON text, parsed. *ret_value is the caller's. */
MUST_CHECK enum error_code statement_json(const struct statement *statement,
    int column, json_t **ret_value, struct error *err);

/* Appends the first column, JSON, of all rows to array. */
MUST_CHECK enum error_code statement_append_json(
    struct statement *statement, json_t *array, struct error *err);

int statement_columns(const struct statement *statement);

#endif
