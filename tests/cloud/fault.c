/* SPDX-License-Identifier: MIT */
#include "fault.h"

#include <stdio.h>
#include <string.h>

#define RETRY_AFTER_SECONDS 2
#define STALL_SECONDS 60
#define SKEW_SECONDS 86400
#define GATEWAY_STATUS 404
#define STATUS_MIN 400
#define STATUS_MAX 599

enum caller { CALLER_DEVICE, CALLER_SERVICE, CALLER_HANDSHAKE };

static const struct endpoint {
	const char *name;
	enum caller caller;
} endpoints[] = {
    {"register",      CALLER_DEVICE   },
    {"status",        CALLER_DEVICE   },
    {"lookup",        CALLER_DEVICE   },
    {"telemetry",     CALLER_DEVICE   },
    {"modules",       CALLER_DEVICE   },
    {"cacerts",       CALLER_DEVICE   },
    {"csrattrs",      CALLER_DEVICE   },
    {"enroll",        CALLER_DEVICE   },
    {"reenroll",      CALLER_DEVICE   },
    {"enrollments",   CALLER_SERVICE  },
    {"groups",        CALLER_SERVICE  },
    {"registrations", CALLER_SERVICE  },
    {"devices",       CALLER_SERVICE  },
    {"twins",         CALLER_SERVICE  },
    {"certificates",  CALLER_SERVICE  },
    {FAULT_HANDSHAKE, CALLER_HANDSHAKE},
};

#define ENDPOINT_COUNT (sizeof(endpoints) / sizeof(endpoints[0]))

#define HOMES_MAX 3

static const struct kind {
	enum fault_kind kind;
	const char *name;
	const char *homes[HOMES_MAX]; /* none: anything but a handshake */
} kinds[] = {
    {FAULT_UNAUTHORIZED,  "401",                 {NULL}                           },
    {FAULT_NOT_FOUND,     "404",                 {NULL}                           },
    {FAULT_THROTTLED,     "429",                 {NULL}                           },
    {FAULT_SERVER,        "500",                 {NULL}                           },
    {FAULT_UNAVAILABLE,   "503",                 {NULL}                           },
    {FAULT_DROP,          "drop",                {NULL}                           },
    {FAULT_STALL,         "stall",               {NULL}                           },
    {FAULT_REDIRECT,      "redirect",            {NULL}                           },
    {FAULT_GATEWAY,       "gateway",             {NULL}                           },
    {FAULT_CLOCK_AHEAD,   "clock-ahead",         {NULL}                           },
    {FAULT_CLOCK_BEHIND,  "clock-behind",        {NULL}                           },
    {FAULT_SLOW,          "slow",                {"register"}                     },
    {FAULT_FAILED,        "failed",              {"register"}                     },
    {FAULT_DISABLED,      "disabled",            {"register"}                     },
    {FAULT_PENDING,       "pending",             {"enroll", "reenroll"}           },
    {FAULT_WRONG_KEY,     "wrong-key",           {"enroll", "reenroll"}           },
    {FAULT_WRONG_SUBJECT, "wrong-subject",       {"enroll", "reenroll"}           },
    {FAULT_NO_EKU,        "no-eku",              {"enroll", "reenroll"}           },
    {FAULT_CA,            "ca",                  {"enroll", "reenroll"}           },
    {FAULT_REVOKED,       "revoked",             {"enroll", "reenroll"}           },
    {FAULT_TRUNCATED,     "truncated",           {"enroll", "reenroll", "cacerts"}},
    {FAULT_WRONG_NAME,    "wrong-name",          {FAULT_HANDSHAKE}                },
    {FAULT_EXPIRED,       "expired-certificate", {FAULT_HANDSHAKE}                },
};

#define KIND_COUNT (sizeof(kinds) / sizeof(kinds[0]))

#define NAMES_MAX 300

/* Appends name to a list of those that there are. */
static void
append_name(char names[NAMES_MAX], const char *name)
{
	size_t length = strlen(names);

	(void)snprintf(names + length, NAMES_MAX - length, "%s%s",
	    length > 0 ? ", " : "", name);
}

enum error_code
fault_kind_parse(const char *name, enum fault_kind *ret_kind, struct error *err)
{
	char names[NAMES_MAX] = "";

	for (size_t i = 0; i < KIND_COUNT; i++) {
		if (strcmp(kinds[i].name, name) == 0) {
			*ret_kind = kinds[i].kind;
			return ERROR_NONE;
		}
		append_name(names, kinds[i].name);
	}
	return error_set(err, ERROR_INVALID,
	    "there is no fault '%.64s'; there are %s", name, names);
}

/* ---- ordering ---- */

static const struct kind *
find_kind(enum fault_kind kind)
{
	const struct kind *found = kinds;

	while (found->kind != kind)
		found++;
	return found;
}

static const struct endpoint *
find_endpoint(const char *name)
{
	for (size_t i = 0; i < ENDPOINT_COUNT; i++)
		if (strcmp(endpoints[i].name, name) == 0)
			return &endpoints[i];
	return NULL;
}

static enum error_code
refuse_endpoint(const char *name, struct error *err)
{
	char names[NAMES_MAX] = "";

	for (size_t i = 0; i < ENDPOINT_COUNT; i++)
		append_name(names, endpoints[i].name);
	return error_set(err, ERROR_INVALID,
	    "there is no endpoint '%.64s'; there are %s", name, names);
}

static bool
is_at_home(const struct kind *kind, const struct endpoint *endpoint)
{
	if (!kind->homes[0])
		return endpoint->caller != CALLER_HANDSHAKE;
	for (size_t i = 0; i < HOMES_MAX && kind->homes[i]; i++)
		if (strcmp(kind->homes[i], endpoint->name) == 0)
			return true;
	return false;
}

/* The endpoint that is meant; *ret_name may be NULL: any of devices. */
static enum error_code
place(const struct kind *kind, const char *name, const char **ret_name,
    struct error *err)
{
	const struct endpoint *endpoint = name ? find_endpoint(name) : NULL;

	if (!name) {
		*ret_name = kind->homes[0];
		return ERROR_NONE;
	}
	if (!endpoint)
		return refuse_endpoint(name, err);
	if (!is_at_home(kind, endpoint))
		return error_set(err, ERROR_INVALID,
		    "fault '%s' is not for endpoint '%s'%s%s%s", kind->name,
		    name, kind->homes[0] ? "; it is for '" : "",
		    kind->homes[0] ? kind->homes[0] : "",
		    kind->homes[0] ? "'" : "");
	*ret_name = name;
	return ERROR_NONE;
}

enum error_code
fault_add(struct database *database, enum fault_kind kind, const char *endpoint,
    int64_t count, int64_t argument, struct error *err)
{
	const struct kind *known = find_kind(kind);

	if (count < 1 || count > FAULT_NUMBER_MAX)
		return error_set(err, ERROR_INVALID,
		    "a fault can be ordered 1 to %d times", FAULT_NUMBER_MAX);
	if ((argument < 0 && argument != FAULT_NO_ARGUMENT) ||
	    argument > FAULT_NUMBER_MAX)
		return error_set(err, ERROR_INVALID,
		    "a fault's argument is from 0 to %d", FAULT_NUMBER_MAX);
	if (place(known, endpoint, &endpoint, err))
		return err->code;
	return database_execute(database,
	    "INSERT INTO fault (name, endpoint, remaining, argument)"
	    " VALUES (?, ?, ?, ?)",
	    SQL_VALUES(sql_text(known->name), sql_text(endpoint),
		sql_integer(count), sql_integer(argument)),
	    err);
}

/* ---- listing and clearing ---- */

enum error_code
fault_list(struct database *database, json_t *faults, struct error *err)
{
	CLEANUP(statement) struct statement *statement = NULL;

	if (database_query(database,
		"SELECT CASE WHEN argument >= 0"
		" THEN json_object('id', id, 'name', name, 'endpoint',"
		"  endpoint, 'remaining', remaining, 'argument', argument)"
		" ELSE json_object('id', id, 'name', name, 'endpoint',"
		"  endpoint, 'remaining', remaining) END"
		" FROM fault ORDER BY id",
		SQL_NO_VALUES, &statement, err))
		return err->code;
	return statement_append_json(statement, faults, err);
}

enum error_code
fault_remove(struct database *database, int64_t id, struct error *err)
{
	if (database_execute(database, "DELETE FROM fault WHERE id = ?",
		SQL_VALUES(sql_integer(id)), err))
		return err->code;
	if (database_changes(database) == 0)
		return error_set(err, ERROR_NOT_FOUND,
		    "there is no fault %lld; it may be used up", (long long)id);
	return ERROR_NONE;
}

enum error_code
fault_clear(struct database *database, struct error *err)
{
	return database_execute(
	    database, "DELETE FROM fault", SQL_NO_VALUES, err);
}

/* ---- happening ---- */

static enum error_code
use_up(struct database *database, int64_t id, struct error *err)
{
	if (database_begin(database, err))
		return err->code;
	if (database_execute(database,
		"UPDATE fault SET remaining = remaining - 1 WHERE id = ?",
		SQL_VALUES(sql_integer(id)), err) ||
	    database_execute(database, "DELETE FROM fault WHERE remaining <= 0",
		SQL_NO_VALUES, err) ||
	    database_commit(database, err)) {
		database_rollback(database);
		return err->code;
	}
	return ERROR_NONE;
}

/* *ret_id is 0 if there is none. */
static enum error_code
find_next(struct database *database, const char *endpoint, int64_t *ret_id,
    struct fault *ret_fault, struct error *err)
{
	const struct endpoint *known = find_endpoint(endpoint);
	bool is_any = known && known->caller == CALLER_DEVICE;
	CLEANUP(statement) struct statement *statement = NULL;
	bool row;

	if (database_query(database,
		"SELECT id, name, argument FROM fault"
		" WHERE endpoint = ?1 OR (endpoint IS NULL AND ?2)"
		" ORDER BY id LIMIT 1",
		SQL_VALUES(sql_text(endpoint), sql_integer(is_any)), &statement,
		err) ||
	    statement_next(statement, &row, err))
		return err->code;
	*ret_id = 0;
	if (!row)
		return ERROR_NONE;
	*ret_id = statement_integer(statement, 0);
	ret_fault->argument = statement_integer(statement, 2);
	return fault_kind_parse(
	    statement_text(statement, 1), &ret_fault->kind, err);
}

enum error_code
fault_take(struct database *database, const char *endpoint,
    struct fault *ret_fault, struct error *err)
{
	struct fault fault = {.kind = FAULT_NONE};
	int64_t id;

	if (find_next(database, endpoint, &id, &fault, err) ||
	    (id && use_up(database, id, err)))
		return err->code;
	*ret_fault = fault;
	return ERROR_NONE;
}

static int64_t
argument_or(const struct fault *fault, int64_t fallback)
{
	return fault->argument >= 0 ? fault->argument : fallback;
}

unsigned
fault_retry_after(const struct fault *fault)
{
	return (unsigned)argument_or(fault, RETRY_AFTER_SECONDS);
}

int64_t
fault_clock_skew(const struct fault *fault)
{
	if (fault->kind == FAULT_CLOCK_AHEAD)
		return argument_or(fault, SKEW_SECONDS);
	if (fault->kind == FAULT_CLOCK_BEHIND)
		return -argument_or(fault, SKEW_SECONDS);
	return 0;
}

static bool
answer_by_refusal(const struct fault *fault, struct reply *reply)
{
	static const struct {
		enum fault_kind kind;
		enum refusal refusal;
		bool says_when; /* to come back */
	} refusals[] = {
	    {FAULT_UNAUTHORIZED, REFUSE_UNAUTHORIZED, false},
	    {FAULT_NOT_FOUND,    REFUSE_ROUTE,        false},
	    {FAULT_THROTTLED,    REFUSE_THROTTLED,    true },
	    {FAULT_SERVER,       REFUSE_SERVER,       false},
	    {FAULT_UNAVAILABLE,  REFUSE_UNAVAILABLE,  true },
	};

	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		if (refusals[i].kind != fault->kind)
			continue;
		(void)refuse(reply, refusals[i].refusal,
		    "The tester ordered this fault.");
		if (refusals[i].says_when)
			reply->retry_after_seconds = fault_retry_after(fault);
		return true;
	}
	return false;
}

/* As a gateway answers that has no idea of what is behind it. */
static void
answer_by_page(const struct fault *fault, struct reply *reply)
{
	static const char page[] =
	    "<html><head><title>Error</title></head></html>\n";
	unsigned status = (unsigned)argument_or(fault, GATEWAY_STATUS);
	struct error ignored;

	if (status < STATUS_MIN || status > STATUS_MAX)
		status = GATEWAY_STATUS;
	(void)!reply_text_of(
	    reply, status, "text/html", strdup(page), &ignored);
}

bool
fault_answer(const struct fault *fault, struct reply *reply)
{
	struct error ignored;

	if (fault->kind == FAULT_DROP || fault->kind == FAULT_STALL)
		reply->dropped = true;
	if (fault->kind == FAULT_STALL)
		reply->stall_seconds =
		    (unsigned)argument_or(fault, STALL_SECONDS);
	if (fault->kind == FAULT_REDIRECT) {
		reply->status = 302;
		(void)!reply_add_header(
		    reply, "Location", "https://localhost:9/", &ignored);
	}
	if (fault->kind == FAULT_GATEWAY)
		answer_by_page(fault, reply);
	return reply->dropped || reply->status != 0 ||
	       answer_by_refusal(fault, reply);
}
