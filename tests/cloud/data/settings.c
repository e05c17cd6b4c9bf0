/* SPDX-License-Identifier: MIT */
#include "settings.h"

enum error_code
setting_get(struct database *database, const char *name, char **ret_value,
    struct error *err)
{
	CLEANUP(statement) struct statement *statement = NULL;

	if (database_query(database, "SELECT value FROM setting WHERE name = ?",
		SQL_VALUES(sql_text(name)), &statement, err) ||
	    statement_only_row(statement, err))
		return error_wrap(err, "setting '%s'", name);
	return statement_copy_text(statement, 0, ret_value, err);
}

enum error_code
setting_put(struct database *database, const char *name, const char *value,
    struct error *err)
{
	return database_execute(database,
	    "INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)",
	    SQL_VALUES(sql_text(name), sql_text(value)), err);
}
