/* SPDX-License-Identifier: MIT */
#include "registration_store.h"

#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

void
registration_done(struct registration *registration)
{
	free(registration->hub);
	json_decref(registration->state);
	*registration = (struct registration){0};
}

/* Rows are id, group_id, state, hub. */
static enum error_code
read_row(struct statement *statement, struct registration *ret_registration,
    struct error *err)
{
	CLEANUP_DONE(registration) struct registration registration = {0};
	const char *state = statement_text(statement, 2);

	statement_read_text(statement, 0, registration.id.text, ID_TEXT_MAX);
	statement_read_text(
	    statement, 1, registration.group_id.text, ID_TEXT_MAX);
	if (json_parse(state, strlen(state), &registration.state, err))
		return error_wrap(
		    err, "registration '%s'", registration.id.text);
	if (statement_copy_text(statement, 3, &registration.hub, err))
		return err->code;
	*ret_registration = TAKE_CONTENTS(registration);
	return ERROR_NONE;
}

enum error_code
registration_store_get(struct database *database, const struct id_text *id,
    struct registration *ret_registration, struct error *err)
{
	CLEANUP(statement) struct statement *statement = NULL;

	if (database_query(database,
		"SELECT id, group_id, state, hub FROM registration"
		" WHERE id = ?",
		SQL_VALUES(sql_text(id->text)), &statement, err) ||
	    statement_only_row(statement, err))
		return err->code;
	return read_row(statement, ret_registration, err);
}

enum error_code
registration_store_put(struct database *database,
    const struct registration *registration, struct error *err)
{
	CLEANUP(string) char *state = json_text(registration->state);
	const char *group_id = registration->group_id.text;

	if (!state)
		return error_no_memory(err);
	/* Not REPLACE: that would delete the operations too. */
	return database_execute(database,
	    "INSERT INTO registration (id, group_id, state, hub)"
	    " VALUES (?, ?, ?, ?)"
	    " ON CONFLICT (id) DO UPDATE SET group_id = excluded.group_id,"
	    " state = excluded.state, hub = excluded.hub",
	    SQL_VALUES(sql_text(registration->id.text),
		sql_text(*group_id ? group_id : NULL), sql_text(state),
		sql_text(registration->hub)),
	    err);
}

enum error_code
registration_store_delete(
    struct database *database, const struct id_text *id, struct error *err)
{
	if (database_execute(database, "DELETE FROM registration WHERE id = ?",
		SQL_VALUES(sql_text(id->text)), err))
		return err->code;
	if (database_changes(database) == 0)
		return error_set(
		    err, ERROR_NOT_FOUND, "no registration '%s'", id->text);
	return ERROR_NONE;
}

enum error_code
registration_store_list(struct database *database, const char *group_id,
    const struct listing *listing, json_t *states, struct error *err)
{
	CLEANUP(statement) struct statement *statement = NULL;
	bool row;

	if (database_query(database,
		"SELECT id, group_id, state, hub FROM registration"
		" WHERE (?1 IS NULL OR group_id = ?1)" LISTING_SQL,
		SQL_VALUES(sql_text(group_id), LISTING_VALUES(listing)),
		&statement, err) ||
	    statement_next(statement, &row, err))
		return err->code;
	while (row) {
		CLEANUP_DONE(registration)
		struct registration registration = {0};

		if (read_row(statement, &registration, err))
			return err->code;
		if (json_array_append(states, registration.state))
			return error_no_memory(err);
		if (statement_next(statement, &row, err))
			return err->code;
	}
	return ERROR_NONE;
}

void
operation_done(struct operation *operation)
{
	json_decref(operation->payload);
	operation->payload = NULL;
}

static const char *const outcome_names[] = {
    [OPERATION_ASSIGN] = "assign",
    [OPERATION_FAIL] = "fail",
};

/* Looks like those of the service, and is safe in a URL as it is. */
static enum error_code
make_id(struct operation_id *ret_id, struct error *err)
{
	struct uuid_text uuid;

	if (uuid_create(&uuid, err))
		return err->code;
	(void)snprintf(ret_id->text, sizeof(ret_id->text), "5.%.6s.%s",
	    uuid.text, uuid.text);
	return ERROR_NONE;
}

enum error_code
operation_create(struct database *database,
    const struct id_text *registration_id, const struct operation *operation,
    struct operation_id *ret_id, struct error *err)
{
	CLEANUP(string)
	char *payload = operation->payload ? json_dumps(operation->payload,
						 JSON_COMPACT | JSON_ENCODE_ANY)
					   : NULL;
	struct operation_id id;

	if (!payload != !operation->payload)
		return error_no_memory(err);
	if (make_id(&id, err) ||
	    database_execute(database,
		"DELETE FROM operation WHERE registration_id = ? AND done",
		SQL_VALUES(sql_text(registration_id->text)), err) ||
	    database_execute(database,
		"INSERT INTO operation"
		" (id, registration_id, rounds, outcome, payload)"
		" VALUES (?, ?, ?, ?, ?)",
		SQL_VALUES(sql_text(id.text), sql_text(registration_id->text),
		    sql_integer(operation->rounds),
		    sql_text(outcome_names[operation->outcome]),
		    sql_text(payload)),
		err))
		return err->code;
	*ret_id = id;
	return ERROR_NONE;
}

enum error_code
operation_get(struct database *database, const struct id_text *registration_id,
    const char *operation_id, struct operation *ret_operation,
    struct error *err)
{
	CLEANUP(statement) struct statement *statement = NULL;
	const char *payload;

	if (database_query(database,
		"SELECT rounds, outcome, done, payload FROM operation"
		" WHERE id = ? AND registration_id = ?",
		SQL_VALUES(
		    sql_text(operation_id), sql_text(registration_id->text)),
		&statement, err) ||
	    statement_only_row(statement, err))
		return err->code;
	payload = statement_text(statement, 3);
	*ret_operation =
	    (struct operation){.rounds = statement_integer(statement, 0),
		.outcome = strcmp(statement_text(statement, 1),
			       outcome_names[OPERATION_FAIL]) == 0
			       ? OPERATION_FAIL
			       : OPERATION_ASSIGN,
		.done = statement_integer(statement, 2) != 0};
	if (payload)
		return json_parse(
		    payload, strlen(payload), &ret_operation->payload, err);
	return ERROR_NONE;
}

enum error_code
operation_update(struct database *database, const char *operation_id,
    const struct operation *operation, struct error *err)
{
	return database_execute(database,
	    "UPDATE operation SET rounds = ?, done = ? WHERE id = ?",
	    SQL_VALUES(sql_integer(operation->rounds),
		sql_integer(operation->done), sql_text(operation_id)),
	    err);
}
