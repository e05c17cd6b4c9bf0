/* SPDX-License-Identifier: MIT */
/* What DPS may answer, and what we make of it. */
#include "cmocka_wrap.h"

#include <string.h>

#include "dps_answer.h"

#define ASSIGNED(hub, id)                                                      \
	"{\"operationId\":\"5.a\",\"status\":\"assigned\","                    \
	"\"registrationState\":{\"assignedHub\":" hub ",\"deviceId\":" id "}}"

#define FAILED(state) "{\"status\":\"failed\",\"registrationState\":" state "}"
#define ASSIGNING(id) "{\"status\":\"assigning\",\"operationId\":" id "}"
#define HUB(hub) ASSIGNED(hub, "\"d\"")
#define DEVICE(id) ASSIGNED("\"h\"", id)

static enum error_code
read_text(const char *text, struct dps_answer *answer, struct error *err)
{
	return dps_answer_read(text, strlen(text), "dev-1", answer, err);
}

static void
reads_an_assignment(void **state)
{
	CLEANUP_DONE(dps_answer) struct dps_answer answer = {0};
	struct error err;

	(void)state;
	assert_int_equal(read_text(ASSIGNED("\"localhost:8444\"", "\"dev-1\""),
			     &answer, &err),
	    ERROR_NONE);
	assert_int_equal(answer.state, DPS_ASSIGNED);
	assert_string_equal(answer.assignment.hub, "localhost:8444");
	assert_string_equal(answer.assignment.device_id, "dev-1");
}

static void
reads_an_operation_that_goes_on(void **state)
{
	CLEANUP_DONE(dps_answer) struct dps_answer answer = {0};
	struct error err;

	(void)state;
	assert_int_equal(
	    read_text("{\"operationId\":\"5.a\",\"status\":\"assigning\"}",
		&answer, &err),
	    ERROR_NONE);
	assert_int_equal(answer.state, DPS_ASSIGNING);
	assert_string_equal(answer.operation_id, "5.a");
}

static void
assert_refused(const char *body, enum error_code code, const char *says)
{
	struct dps_answer answer = {0};
	struct error err = {.code = ERROR_NONE};

	assert_int_not_equal(read_text(body, &answer, &err), ERROR_NONE);
	print_message("%s\n -> %s\n", body, err.message);
	assert_int_equal(err.code, code);
	assert_non_null(strstr(err.message, says));
	assert_null(answer.operation_id);
	assert_null(answer.assignment.hub);
}

static void
reads_refusals(void **state)
{
	static const struct {
		const char *body;
		const char *says;
	} cases[] = {
	    {"{\"status\":\"disabled\"}",                "'dev-1' is disabled"},
	    {"{\"status\":\"unassigned\"}",              "to no hub"          },
	    {"{\"status\":\"failed\"}",                  "no reason given"    },
	    {FAILED("{\"errorMessage\":\"a\\u0007b\"}"), "a?b"                },
	    {FAILED("{\"errorCode\":4}"),                "no reason given (4)"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_refused(cases[i].body, ERROR_UPSTREAM, cases[i].says);
}

/* The codes are DPS's own: the status that fits, and a number. */
static void
asks_again_after_a_failure_of_dps_itself(void **state)
{
	static const char *const bodies[] = {
	    FAILED("{\"errorCode\":429001,\"errorMessage\":\"m\"}"),
	    FAILED("{\"errorCode\":500000,\"errorMessage\":\"m\"}"),
	    FAILED("{\"errorCode\":504001,\"errorMessage\":\"m\"}"),
	    FAILED("{\"errorCode\":400207,\"errorMessage\":\"m\"}"),
	};
	static const char *const refusals[] = {
	    FAILED("{\"errorCode\":400208,\"errorMessage\":\"m\"}"),
	    FAILED("{\"errorCode\":401002,\"errorMessage\":\"m\"}"),
	    FAILED("{\"errorCode\":430000,\"errorMessage\":\"m\"}"),
	    FAILED("{\"errorCode\":\"500000\",\"errorMessage\":\"m\"}"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		assert_refused(bodies[i], ERROR_UNAVAILABLE, ": m (");
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		assert_refused(refusals[i], ERROR_UPSTREAM, ": m");
}

static void
asks_again_after_an_answer_without_sense(void **state)
{
	static const struct {
		const char *body;
		const char *says;
	} cases[] = {
	    {"",			     "makes no sense"        },
	    {"<html>",		       "makes no sense"        },
	    {"[]",			   "'status' is missing"   },
	    {"{}",			   "'status' is missing"   },
	    {"{\"status\":1}",               "'status' must be"      },
	    {"{\"status\":\"registering\"}", "'status' is none"      },
	    {"{\"status\":\"assigning\"}",   "'operationId'"         },
	    {ASSIGNING("\"\""),              "'operationId' is empty"},
	    {"{\"status\":\"assigned\"}",    "'registrationState'"   },
	    {HUB("null"),                    "'assignedHub'"         },
	    {HUB("\"\""),                    "no host name"          },
	    {HUB("\"h/x\""),                 "no host name"          },
	    {HUB("\"u@h\""),                 "no host name"          },
	    {DEVICE("7"),                    "'deviceId'"            },
	    {DEVICE("\"a/b\""),              "device id"             },
	    {DEVICE("\"a b\""),              "device id"             },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_refused(cases[i].body, ERROR_UNAVAILABLE, cases[i].says);
}

static void
shows_the_reason_of_an_error_in_ascii(void **state)
{
	static const struct {
		const char *body;
		const char *reason;
	} cases[] = {
	    {"{\"errorCode\":401002,\"message\":\"CA certificate not found.\"}",
             "CA certificate not found. (401002)"                                                 },
	    {"{\"message\":\"Unauthorized\"}",                                   "Unauthorized"   },
	    {"{\"message\":\"\"}",					       "no reason given"},
	    {"not json",							 "no reason given"},
	    {"{\"message\":\"a\\nb\"}",					  "a?b"            },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char reason[DPS_REASON_MAX];

		dps_answer_reason(cases[i].body, strlen(cases[i].body), reason);
		assert_string_equal(reason, cases[i].reason);
	}
}

/* Web servers on the way use the same statuses. */
static void
tells_an_error_of_dps_from_those_of_others(void **state)
{
	static const struct {
		const char *body;
		long status;
		bool expected;
	} cases[] = {
	    {"{\"errorCode\":401002,\"message\":\"m\"}", 401, true },
	    {"{\"errorCode\":404000}",                   404, true },
	    {"{\"errorCode\":404999}",                   404, true },
	    {"{\"errorCode\":401002}",                   404, false},
	    {"{\"errorCode\":404}",                      404, false},
	    {"{\"errorCode\":\"404000\"}",               404, false},
	    {"{\"code\":404000}",                        404, false},
	    {"[404000]",				 404, false},
	    {"<html>",				   403, false},
	    {"",					 401, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(dps_answer_is_error(cases[i].body,
				     strlen(cases[i].body), cases[i].status),
		    cases[i].expected);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_an_assignment),
	    cmocka_unit_test(reads_an_operation_that_goes_on),
	    cmocka_unit_test(reads_refusals),
	    cmocka_unit_test(asks_again_after_a_failure_of_dps_itself),
	    cmocka_unit_test(asks_again_after_an_answer_without_sense),
	    cmocka_unit_test(shows_the_reason_of_an_error_in_ascii),
	    cmocka_unit_test(tells_an_error_of_dps_from_those_of_others),
	};

	return cmocka_run_group_tests_name("DPS answers", tests, NULL, NULL);
}
