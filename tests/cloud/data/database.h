/* SPDX-License-Identifier: MIT */
/*
 * The SQLite file that holds everything signet-cloud knows. The server and the
 * command line open it at the same time: WAL, and a busy timeout.
 */
#ifndef CLOUD_DATABASE_H
#define CLOUD_DATABASE_H

#include "certificate_cache.h"
#include "statement.h"

/* One connection; for one thread at a time. */
struct database;

/* NULL is allowed. */
void database_close(struct database *database);
DEFINE_CLEANUP(database, struct database, database_close)

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

/*
 * Prepares a statement that yields rows. The caller releases *ret_statement
 * before the database is closed.
 */
MUST_CHECK enum error_code database_query(struct database *database,
    const char *sql, const struct sql_value *values, size_t count,
    struct statement **ret_statement, struct error *err);

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

#endif
