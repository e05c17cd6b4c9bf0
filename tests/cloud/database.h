/* SPDX-License-Identifier: MIT */
/*
 * The SQLite file that holds everything signet-cloud knows. The server and the
 * command line open it at the same time: WAL, and a busy timeout.
 */
#ifndef CLOUD_DATABASE_H
#define CLOUD_DATABASE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "certificate_cache.h"
#include "common/json.h"

/* One connection; for one thread at a time. */
struct database;

/* NULL is allowed. */
void database_close(struct database *database);
DEFINE_CLEANUP(database, struct database, database_close)

static inline void
statement_finalize(sqlite3_stmt *statement)
{
	(void)sqlite3_finalize(statement);
}
DEFINE_CLEANUP(statement, sqlite3_stmt, statement_finalize)

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

/* The values of a statement, as the two arguments that carry them. */
#define SQL_VALUES(...)                                                        \
	(const struct sql_value[]){__VA_ARGS__},                               \
	    sizeof((const struct sql_value[]){__VA_ARGS__}) /                  \
		sizeof(struct sql_value)
#define SQL_NO_VALUES NULL, 0

/*
 * Opens the file at path (":memory:" for tests) and makes it, with its tables,
 * if it is missing. Fails with ERROR_UNAVAILABLE if another process keeps it
 * locked, and with ERROR_INTERNAL.
 */
MUST_CHECK enum error_code database_open(
    const char *path, struct database **ret_database, struct error *err);

/* For certificates that are read from it again and again. */
struct certificate_cache *database_certificates(struct database *database);

/* A transaction that may write. What is not committed is rolled back. */
MUST_CHECK enum error_code database_begin(
    struct database *database, struct error *err);
MUST_CHECK enum error_code database_commit(
    struct database *database, struct error *err);
void database_rollback(struct database *database);

/* Runs one statement that yields no rows. */
MUST_CHECK enum error_code database_execute(struct database *database,
    const char *sql, const struct sql_value *values, size_t count,
    struct error *err);

/* How many rows the last database_execute() changed. */
int database_changes(const struct database *database);

/* Prepares a statement that yields rows. *ret_statement is the caller's. */
MUST_CHECK enum error_code database_query(struct database *database,
    const char *sql, const struct sql_value *values, size_t count,
    sqlite3_stmt **ret_statement, struct error *err);

/* Goes to the next row; *ret_row is false behind the last one. */
MUST_CHECK enum error_code statement_next(
    sqlite3_stmt *statement, bool *ret_row, struct error *err);

/* As statement_next(), for the row that must be there: ERROR_NOT_FOUND. */
MUST_CHECK enum error_code statement_only_row(
    sqlite3_stmt *statement, struct error *err);

/* A column of the row; NULL for NULL. Valid until the next step. */
const char *statement_text(sqlite3_stmt *statement, int column);

/* A column copied into text of size, cut off there; "" for NULL. */
void statement_read_text(
    sqlite3_stmt *statement, int column, char *text, size_t size);

/* A column of JSON text, parsed. *ret_value is the caller's. */
MUST_CHECK enum error_code statement_json(
    sqlite3_stmt *statement, int column, json_t **ret_value, struct error *err);

/* Appends the first column, JSON, of all rows to array. */
MUST_CHECK enum error_code statement_append_json(
    sqlite3_stmt *statement, json_t *array, struct error *err);

/* Which rows of a table a list is about, in the order of their ids. */
struct listing {
	const char
	    *containing; /* only ids with this in them, in any case; or NULL */
	const char *after; /* only ids that are greater; NULL: all */
	size_t limit;
};

/* The condition on id, and its three values, behind other conditions. */
#define LISTING_SQL                                                            \
	" AND (:containing IS NULL OR instr(lower(id), lower(:containing)))"   \
	" AND (:after IS NULL OR id > :after) ORDER BY id LIMIT :limit"
#define LISTING_VALUES(listing)                                                \
	sql_text((listing)->containing), sql_text((listing)->after),           \
	    sql_integer((int64_t)(listing)->limit)

/* A column as the caller's own copy. */
MUST_CHECK enum error_code statement_copy_text(
    sqlite3_stmt *statement, int column, char **ret_text, struct error *err);

#endif
