/* SPDX-License-Identifier: MIT */
#include "settings.h"

#include <openssl/rand.h>

#include "common/base64.h"
#include "common/file.h"
#include "common/openssl.h"

#define POLICY_KEY_BYTES 32

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

static const char *
surface_name(enum surface surface)
{
	return surface == SURFACE_HUB ? "hub" : "dps";
}

void
policy_done(struct policy *policy)
{
	secret_free(policy->primary_key);
	secret_free(policy->secondary_key);
	*policy = (struct policy){0};
}

enum error_code
policy_get(struct database *database, enum surface surface, const char *name,
    struct policy *ret_policy, struct error *err)
{
	CLEANUP(statement) struct statement *statement = NULL;
	CLEANUP_DONE(policy) struct policy policy = {0};

	if (database_query(database,
		"SELECT primary_key, secondary_key FROM policy"
		" WHERE surface = ? AND name = ?",
		SQL_VALUES(sql_text(surface_name(surface)), sql_text(name)),
		&statement, err) ||
	    statement_only_row(statement, err) ||
	    statement_copy_text(statement, 0, &policy.primary_key, err) ||
	    statement_copy_text(statement, 1, &policy.secondary_key, err))
		return error_wrap(err, "policy '%s'", name);
	*ret_policy = TAKE_CONTENTS(policy);
	return ERROR_NONE;
}

static enum error_code
random_key(char **ret_key, struct error *err)
{
	unsigned char key[POLICY_KEY_BYTES];

	if (RAND_bytes(key, sizeof(key)) != 1)
		return error_set_openssl(err, ERROR_INTERNAL, "random bytes");
	*ret_key = base64_encode(key, sizeof(key));
	return *ret_key ? ERROR_NONE : error_no_memory(err);
}

enum error_code
policy_create(struct database *database, enum surface surface, const char *name,
    struct error *err)
{
	CLEANUP_DONE(policy) struct policy policy = {0};

	if (random_key(&policy.primary_key, err) ||
	    random_key(&policy.secondary_key, err))
		return err->code;
	return database_execute(database,
	    "INSERT INTO policy (surface, name, primary_key, secondary_key)"
	    " VALUES (?, ?, ?, ?)",
	    SQL_VALUES(sql_text(surface_name(surface)), sql_text(name),
		sql_text(policy.primary_key), sql_text(policy.secondary_key)),
	    err);
}
