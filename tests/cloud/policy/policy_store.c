/* SPDX-License-Identifier: MIT */
#include "policy_store.h"

#include <openssl/rand.h>

#include "common/base64.h"
#include "common/file.h"
#include "common/openssl.h"

#define POLICY_KEY_BYTES 32

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
		"SELECT rights, primary_key, secondary_key FROM policy"
		" WHERE surface = ? AND name = ?",
		SQL_VALUES(sql_text(surface_name(surface)), sql_text(name)),
		&statement, err) ||
	    statement_only_row(statement, err) ||
	    statement_copy_text(statement, 1, &policy.primary_key, err) ||
	    statement_copy_text(statement, 2, &policy.secondary_key, err))
		return error_wrap(err, "policy '%s'", name);
	policy.rights = (unsigned)statement_integer(statement, 0);
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
policy_put(struct database *database, enum surface surface, const char *name,
    unsigned rights, struct error *err)
{
	CLEANUP_DONE(policy) struct policy fresh = {0};

	if (random_key(&fresh.primary_key, err) ||
	    random_key(&fresh.secondary_key, err))
		return err->code;
	return database_execute(database,
	    "INSERT INTO policy"
	    " (surface, name, rights, primary_key, secondary_key)"
	    " VALUES (?, ?, ?, ?, ?)"
	    " ON CONFLICT DO UPDATE SET rights = excluded.rights",
	    SQL_VALUES(sql_text(surface_name(surface)), sql_text(name),
		sql_integer((int64_t)rights), sql_text(fresh.primary_key),
		sql_text(fresh.secondary_key)),
	    err);
}

enum error_code
policy_delete(struct database *database, enum surface surface, const char *name,
    struct error *err)
{
	if (database_execute(database,
		"DELETE FROM policy WHERE surface = ? AND name = ?",
		SQL_VALUES(sql_text(surface_name(surface)), sql_text(name)),
		err))
		return err->code;
	return database_changes(database) > 0
		   ? ERROR_NONE
		   : error_set(err, ERROR_NOT_FOUND,
			 "There is no shared access policy '%s'.", name);
}

enum error_code
policy_create_usual(struct database *database, struct error *err)
{
	static const struct {
		const char *name;
		unsigned rights;
	} of_hubs[] = {
	    {"service",           RIGHT_SERVICE_CONNECT                     },
	    {"device",            RIGHT_HUB_DEVICE_CONNECT                  },
	    {"registryRead",      RIGHT_REGISTRY_READ                       },
	    {"registryReadWrite", RIGHT_REGISTRY_READ | RIGHT_REGISTRY_WRITE},
	};

	if (policy_put(database, SURFACE_DPS, POLICY_DPS_OWNER,
		rights_all(SURFACE_DPS), err) ||
	    policy_put(database, SURFACE_HUB, POLICY_HUB_OWNER,
		rights_all(SURFACE_HUB), err))
		return err->code;
	for (size_t i = 0; i < sizeof(of_hubs) / sizeof(of_hubs[0]); i++)
		if (policy_put(database, SURFACE_HUB, of_hubs[i].name,
			of_hubs[i].rights, err))
			return err->code;
	return ERROR_NONE;
}

static enum error_code
append(json_t *array, const struct statement *statement, struct error *err)
{
	json_t *object = json_pack("{s:s, s:s, s:o, s:s, s:s}", "surface",
	    statement_text(statement, 0), "name", statement_text(statement, 1),
	    "rights", rights_to_json((unsigned)statement_integer(statement, 2)),
	    "primaryKey", statement_text(statement, 3), "secondaryKey",
	    statement_text(statement, 4));

	return object && json_array_append_new(array, object) == 0
		   ? ERROR_NONE
		   : error_no_memory(err);
}

enum error_code
policy_list(struct database *database, json_t *array, struct error *err)
{
	CLEANUP(statement) struct statement *statement = NULL;
	bool more;

	if (database_query(database,
		"SELECT surface, name, rights, primary_key, secondary_key"
		" FROM policy ORDER BY surface, name",
		SQL_NO_VALUES, &statement, err))
		return err->code;
	for (;;) {
		if (statement_next(statement, &more, err))
			return err->code;
		if (!more)
			return ERROR_NONE;
		if (append(array, statement, err))
			return err->code;
	}
}
