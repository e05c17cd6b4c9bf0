/* SPDX-License-Identifier: MIT */
#include "module_store.h"

#include <stdlib.h>

#include "device_store.h"

void
module_done(struct module *module)
{
	free(module->device_id);
	free(module->id);
	json_decref(module->record);
	json_decref(module->twin);
	*module = (struct module){0};
}

enum error_code
module_store_get(struct database *database, const char *device_id,
    const char *id, struct module *ret_module, struct error *err)
{
	CLEANUP(statement) struct statement *statement = NULL;
	CLEANUP_DONE(module) struct module module = {0};

	if (database_query(database,
		"SELECT device_id, id, record, twin FROM module"
		" WHERE device_id = ? AND id = ?",
		SQL_VALUES(sql_text(device_id), sql_text(id)), &statement,
		err) ||
	    statement_only_row(statement, err) ||
	    statement_copy_text(statement, 0, &module.device_id, err) ||
	    statement_copy_text(statement, 1, &module.id, err) ||
	    statement_json(statement, 2, &module.record, err) ||
	    statement_json(statement, 3, &module.twin, err))
		return err->code;
	*ret_module = TAKE_CONTENTS(module);
	return ERROR_NONE;
}

enum error_code
module_store_put(
    struct database *database, const struct module *module, struct error *err)
{
	CLEANUP(string) char *record = json_text(module->record);
	CLEANUP(string) char *twin = json_text(module->twin);

	if (!record || !twin)
		return error_no_memory(err);
	return database_execute(database,
	    "INSERT OR REPLACE INTO module (device_id, id, record, twin)"
	    " VALUES (?, ?, ?, ?)",
	    SQL_VALUES(sql_text(module->device_id), sql_text(module->id),
		sql_text(record), sql_text(twin)),
	    err);
}

enum error_code
module_store_delete(struct database *database, const char *device_id,
    const char *id, struct error *err)
{
	if (database_execute(database,
		"DELETE FROM module WHERE device_id = ? AND id = ?",
		SQL_VALUES(sql_text(device_id), sql_text(id)), err))
		return err->code;
	if (database_changes(database) == 0)
		return error_set(err, ERROR_NOT_FOUND, "no module '%s'", id);
	return ERROR_NONE;
}

enum error_code
module_store_list(struct database *database, const char *device_id,
    json_t *records, struct error *err)
{
	CLEANUP(statement) struct statement *statement = NULL;

	if (database_query(database,
		"SELECT record FROM module WHERE device_id = ? ORDER BY id",
		SQL_VALUES(sql_text(device_id)), &statement, err))
		return err->code;
	return statement_append_json(statement, records, err);
}
