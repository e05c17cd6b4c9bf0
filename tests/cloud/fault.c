/* SPDX-License-Identifier: MIT */
#include "fault.h"

#include <string.h>

#define RETRY_AFTER_SECONDS 2

static const struct kind {
	enum fault_kind kind;
	const char *name;
	const char *home; /* where it goes if no endpoint is named */
} kinds[] = {
    {FAULT_UNAUTHORIZED,  "401",           NULL      },
    {FAULT_NOT_FOUND,     "404",           NULL      },
    {FAULT_THROTTLED,     "429",           NULL      },
    {FAULT_SERVER,        "500",           NULL      },
    {FAULT_UNAVAILABLE,   "503",           NULL      },
    {FAULT_DROP,          "drop",          NULL      },
    {FAULT_REDIRECT,      "redirect",      NULL      },
    {FAULT_SLOW,          "slow",          "register"},
    {FAULT_FAILED,        "failed",        "register"},
    {FAULT_DISABLED,      "disabled",      "register"},
    {FAULT_PENDING,       "pending",       "enroll"  },
    {FAULT_WRONG_KEY,     "wrong-key",     "enroll"  },
    {FAULT_WRONG_SUBJECT, "wrong-subject", "enroll"  },
    {FAULT_NO_EKU,        "no-eku",        "enroll"  },
    {FAULT_CA,            "ca",            "enroll"  },
    {FAULT_TRUNCATED,     "truncated",     "enroll"  },
};

#define KIND_COUNT (sizeof(kinds) / sizeof(kinds[0]))

enum error_code
fault_kind_parse(const char *name, enum fault_kind *ret_kind, struct error *err)
{
	for (size_t i = 0; i < KIND_COUNT; i++)
		if (strcmp(kinds[i].name, name) == 0) {
			*ret_kind = kinds[i].kind;
			return ERROR_NONE;
		}
	return error_set(err, ERROR_INVALID,
	    "no fault '%s'; there are 401, 404, 429, 500, 503, drop, redirect, "
	    "slow, failed, disabled, pending, wrong-key, wrong-subject, "
	    "no-eku, ca and truncated",
	    name);
}

static const struct kind *
find_kind(enum fault_kind kind)
{
	const struct kind *found = kinds;

	while (found->kind != kind)
		found++;
	return found;
}

static bool
is_endpoint(const char *name)
{
	static const char *const endpoints[] = {"register", "status", "lookup",
	    "telemetry", "modules", "cacerts", "csrattrs", "enroll",
	    "reenroll"};

	for (size_t i = 0; i < sizeof(endpoints) / sizeof(endpoints[0]); i++)
		if (strcmp(endpoints[i], name) == 0)
			return true;
	return false;
}

enum error_code
fault_add(struct database *database, enum fault_kind kind, const char *endpoint,
    int64_t count, int64_t argument, struct error *err)
{
	const struct kind *known = find_kind(kind);

	if (known->home && (!endpoint || strcmp(known->home, "register") == 0))
		endpoint = known->home;
	if (endpoint && !is_endpoint(endpoint))
		return error_set(err, ERROR_INVALID,
		    "no endpoint '%s'; there are register, status, lookup, "
		    "telemetry, modules, cacerts, csrattrs, enroll and "
		    "reenroll",
		    endpoint);
	return database_execute(database,
	    "INSERT INTO fault (name, endpoint, remaining, argument)"
	    " VALUES (?, ?, ?, ?)",
	    SQL_VALUES(sql_text(known->name), sql_text(endpoint),
		sql_integer(count), sql_integer(argument)),
	    err);
}

enum error_code
fault_clear(struct database *database, struct error *err)
{
	return database_execute(
	    database, "DELETE FROM fault", SQL_NO_VALUES, err);
}

static enum error_code
use_up(struct database *database, int64_t id, struct error *err)
{
	if (database_execute(database,
		"UPDATE fault SET remaining = remaining - 1 WHERE id = ?",
		SQL_VALUES(sql_integer(id)), err))
		return err->code;
	return database_execute(database,
	    "DELETE FROM fault WHERE remaining <= 0", SQL_NO_VALUES, err);
}

enum error_code
fault_take(struct database *database, const char *endpoint,
    struct fault *ret_fault, struct error *err)
{
	CLEANUP(statement) sqlite3_stmt *statement = NULL;
	struct fault fault = {.kind = FAULT_NONE};
	bool row;

	if (database_query(database,
		"SELECT id, name, argument FROM fault"
		" WHERE endpoint IS NULL OR endpoint = ? ORDER BY id LIMIT 1",
		SQL_VALUES(sql_text(endpoint)), &statement, err) ||
	    statement_next(statement, &row, err))
		return err->code;
	if (row) {
		int64_t id = sqlite3_column_int64(statement, 0);

		fault.argument = sqlite3_column_int64(statement, 2);
		if (fault_kind_parse(
			statement_text(statement, 1), &fault.kind, err) ||
		    use_up(database, id, err))
			return err->code;
	}
	*ret_fault = fault;
	return ERROR_NONE;
}

unsigned
fault_retry_after(const struct fault *fault)
{
	return fault->argument >= 0 ? (unsigned)fault->argument
				    : RETRY_AFTER_SECONDS;
}

bool
fault_answer(const struct fault *fault, struct reply *reply)
{
	static const char message[] = "The tester ordered this fault.";
	unsigned retry_after = fault_retry_after(fault);
	struct error ignored;

	switch (fault->kind) {
	case FAULT_UNAUTHORIZED:
		(void)refuse(reply, REFUSE_UNAUTHORIZED, "%s", message);
		return true;
	case FAULT_NOT_FOUND:
		(void)refuse(reply, REFUSE_ROUTE, "%s", message);
		return true;
	case FAULT_THROTTLED:
		(void)refuse(reply, REFUSE_THROTTLED, "%s", message);
		reply->retry_after_seconds = retry_after;
		return true;
	case FAULT_SERVER:
		(void)refuse(reply, REFUSE_SERVER, "%s", message);
		return true;
	case FAULT_UNAVAILABLE:
		(void)refuse(reply, REFUSE_UNAVAILABLE, "%s", message);
		reply->retry_after_seconds = retry_after;
		return true;
	case FAULT_DROP:
		reply->dropped = true;
		return true;
	case FAULT_REDIRECT:
		reply->status = 302;
		(void)!reply_add_header(
		    reply, "Location", "https://localhost:9/", &ignored);
		return true;
	case FAULT_NONE:
	case FAULT_SLOW:
	case FAULT_FAILED:
	case FAULT_DISABLED:
	case FAULT_PENDING:
	case FAULT_WRONG_KEY:
	case FAULT_WRONG_SUBJECT:
	case FAULT_NO_EKU:
	case FAULT_CA:
	case FAULT_TRUNCATED:
		break;
	}
	return false;
}
