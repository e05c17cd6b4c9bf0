/* SPDX-License-Identifier: MIT */
#include "database.h"

#include <stdio.h>

#include "schema.h"

#define BUSY_TIMEOUT_MS 10000

struct database {
	sqlite3 *handle;
	struct statement_cache statements;
	struct certificate_cache certificates;
};

void
database_close(struct database *database)
{
	if (!database)
		return;
	certificate_cache_done(&database->certificates);
	statement_cache_done(&database->statements);
	(void)sqlite3_close(database->handle);
	free(database);
}

struct certificate_cache *
database_certificates(struct database *database)
{
	return &database->certificates;
}

static enum error_code
run_script(struct database *database, const char *sql, struct error *err)
{
	if (sqlite3_exec(database->handle, sql, NULL, NULL, NULL) != SQLITE_OK)
		return statement_failed(database->handle, err);
	return ERROR_NONE;
}

enum error_code
database_query(struct database *database, const char *sql,
    const struct sql_value *values, size_t count,
    struct statement **ret_statement, struct error *err)
{
	return statement_prepare(&database->statements, database->handle, sql,
	    values, count, ret_statement, err);
}

enum error_code
database_execute(struct database *database, const char *sql,
    const struct sql_value *values, size_t count, struct error *err)
{
	CLEANUP(statement) struct statement *statement = NULL;
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

enum error_code
database_begin(struct database *database, struct error *err)
{
	/* At once for writing: a later upgrade could meet SQLITE_BUSY. */
	return database_execute(
	    database, "BEGIN IMMEDIATE", SQL_NO_VALUES, err);
}

enum error_code
database_commit(struct database *database, struct error *err)
{
	return database_execute(database, "COMMIT", SQL_NO_VALUES, err);
}

void
database_rollback(struct database *database)
{
	if (!sqlite3_get_autocommit(database->handle))
		(void)sqlite3_exec(
		    database->handle, "ROLLBACK", NULL, NULL, NULL);
}

static enum error_code
read_version(struct database *database, int *ret_version, struct error *err)
{
	CLEANUP(statement) struct statement *statement = NULL;

	if (database_query(database, "PRAGMA user_version", SQL_NO_VALUES,
		&statement, err) ||
	    statement_only_row(statement, err))
		return err->code;
	*ret_version = (int)statement_integer(statement, 0);
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
		    "it is by another signet-cloud (version %d of the "
		    "tables, here %d), and left to that one: name a new "
		    "directory by --data, and enroll anew there",
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
		(void)statement_failed(database->handle, err);
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
