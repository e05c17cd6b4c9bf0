/* SPDX-License-Identifier: MIT */
#include "device_store.h"

#include <string.h>

#include "common/base64.h"

/* Names of hosts, which have no case; or, if ?1 is NULL, of any hub. */
#define OF_HUB "(?1 IS NULL OR hub = ?1 COLLATE NOCASE)"

void
device_done(struct device *device)
{
	free(device->id);
	free(device->hub);
	json_decref(device->record);
	json_decref(device->twin);
	*device = (struct device){0};
}

enum error_code
device_store_get(struct database *database, const char *id,
    struct device *ret_device, struct error *err)
{
	CLEANUP(statement) struct statement *statement = NULL;
	CLEANUP_DONE(device) struct device device = {0};

	if (database_query(database,
		"SELECT id, hub, record, twin FROM device WHERE id = ?",
		SQL_VALUES(sql_text(id)), &statement, err) ||
	    statement_only_row(statement, err) ||
	    statement_copy_text(statement, 0, &device.id, err) ||
	    statement_copy_text(statement, 1, &device.hub, err) ||
	    statement_json(statement, 2, &device.record, err) ||
	    statement_json(statement, 3, &device.twin, err))
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
	/* Not REPLACE: that would delete the modules too. */
	return database_execute(database,
	    "INSERT INTO device (id, hub, record, twin) VALUES (?, ?, ?, ?)"
	    " ON CONFLICT (id) DO UPDATE SET hub = excluded.hub,"
	    " record = excluded.record, twin = excluded.twin",
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
device_store_list(struct database *database, const char *hub,
    const struct listing *listing, json_t *records, struct error *err)
{
	CLEANUP(statement) struct statement *statement = NULL;

	if (database_query(database,
		"SELECT record FROM device"
		" WHERE " OF_HUB LISTING_SQL,
		SQL_VALUES(sql_text(hub), LISTING_VALUES(listing)), &statement,
		err))
		return err->code;
	return statement_append_json(statement, records, err);
}

enum error_code
device_store_count(struct database *database, const char *hub,
    int64_t *ret_enabled, int64_t *ret_disabled, struct error *err)
{
	CLEANUP(statement) struct statement *statement = NULL;

	if (database_query(database,
		"SELECT coalesce(sum(json_extract(record, '$.status') ="
		" 'enabled'), 0), count(*) FROM device"
		" WHERE " OF_HUB,
		SQL_VALUES(sql_text(hub)), &statement, err) ||
	    statement_only_row(statement, err))
		return err->code;
	*ret_enabled = statement_integer(statement, 0);
	*ret_disabled = statement_integer(statement, 1) - *ret_enabled;
	return ERROR_NONE;
}

/* Rows are twin, record. */
static enum error_code
visit_twin(struct statement *statement, twin_visit *visit, void *context,
    bool *ret_goes_on, struct error *err)
{
	CLEANUP(json) json_t *twin = NULL;
	CLEANUP(json) json_t *record = NULL;

	if (statement_json(statement, 0, &twin, err) ||
	    statement_json(statement, 1, &record, err))
		return err->code;
	return visit(context, twin, record, ret_goes_on, err);
}

enum error_code
twin_store_visit(struct database *database, const char *hub, bool of_modules,
    const char *after, twin_visit *visit, void *context, struct error *err)
{
	static const char devices[] =
	    "SELECT twin, record FROM device"
	    " WHERE " OF_HUB " AND id > ?2 ORDER BY id";
	static const char modules[] =
	    "SELECT module.twin, module.record, device_id || '/' || module.id"
	    " AS name FROM module JOIN device ON device.id = device_id"
	    " WHERE " OF_HUB " AND name > ?2 ORDER BY name";
	CLEANUP(statement) struct statement *statement = NULL;
	bool row, goes_on = true;

	if (database_query(database, of_modules ? modules : devices,
		SQL_VALUES(sql_text(hub), sql_text(after)), &statement, err) ||
	    statement_next(statement, &row, err))
		return err->code;
	while (row && goes_on)
		if (visit_twin(statement, visit, context, &goes_on, err) ||
		    statement_next(statement, &row, err))
			return err->code;
	return ERROR_NONE;
}
