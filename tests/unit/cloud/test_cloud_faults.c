/* SPDX-License-Identifier: MIT */
/* What goes wrong because a tester wants it to. */
#include "cmocka_wrap.h"

#include <string.h>

#include "cloud_fixture.h"
#include "common/file.h"
#include "fault.h"

#define SERVICE "?api-version=2021-10-01"
#define TWO_DAYS 172800

static int
setup(void **state)
{
	struct plant *plant;

	if (plant_setup(state))
		return 1;
	plant = *state;
	cloud_enroll(plant->cloud, ENROLLMENT_INDIVIDUAL, "dev",
	    plant->device.certificate, NULL, NULL);
	return 0;
}

static void
order(struct plant *plant, enum fault_kind kind, const char *endpoint,
    int64_t count, int64_t argument)
{
	struct error err;

	assert_int_equal(fault_add(plant->cloud->database, kind, endpoint,
			     count, argument, &err),
	    ERROR_NONE);
}

static struct reply
administer(struct plant *plant, const char *method, const char *target,
    const char *body)
{
	return cloud_call_signed(
	    plant->cloud, "Bearer " FIXTURE_TOKEN, method, target, body);
}

static size_t
count_orders(struct plant *plant)
{
	CLEANUP(json) json_t *faults = json_array();
	struct error err;

	assert_int_equal(
	    fault_list(plant->cloud->database, faults, &err), ERROR_NONE);
	return json_array_size(faults);
}

static void
answers_with_the_status_that_was_ordered_as_often_as_it_was(void **state)
{
	static const struct {
		enum fault_kind kind;
		unsigned status;
	} cases[] = {
	    {FAULT_UNAUTHORIZED, 401},
	    {FAULT_NOT_FOUND,    404},
	    {FAULT_THROTTLED,    429},
	    {FAULT_SERVER,       500},
	    {FAULT_UNAVAILABLE,  503},
	    {FAULT_DISABLED,     401},
	};
	struct plant *plant = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		order(plant, cases[i].kind, NULL, 2, 7);
		for (int count = 0; count < 2; count++) {
			struct reply reply =
			    cloud_register(plant->cloud, plant->chain, "dev");
			bool says_when = cases[i].kind == FAULT_THROTTLED ||
					 cases[i].kind == FAULT_UNAVAILABLE;

			assert_int_equal(
			    reply.retry_after_seconds, says_when ? 7 : 0);
			assert_status(&reply, cases[i].status);
		}
		assert_registers(plant, "status", "assigned");
	}
}

static void
leaves_a_connection_without_an_answer(void **state)
{
	struct plant *plant = *state;
	struct reply reply;

	order(plant, FAULT_DROP, "register", 1, FAULT_NO_ARGUMENT);
	reply = cloud_register(plant->cloud, plant->chain, "dev");
	assert_true(reply.dropped);
	assert_int_equal(reply.stall_seconds, 0);
	order(plant, FAULT_STALL, "register", 1, FAULT_NO_ARGUMENT);
	order(plant, FAULT_STALL, "register", 1, 5);
	reply = cloud_register(plant->cloud, plant->chain, "dev");
	assert_true(reply.dropped);
	assert_int_equal(reply.stall_seconds, 60);
	reply = cloud_register(plant->cloud, plant->chain, "dev");
	assert_int_equal(reply.stall_seconds, 5);
}

static void
answers_by_a_page_as_a_gateway_does(void **state)
{
	static const struct {
		int64_t argument;
		unsigned status;
	} cases[] = {
	    {FAULT_NO_ARGUMENT, 404},
	    {403,               403},
	    {599,               599},
	    {399,               404},
	    {600,               404},
	};
	struct plant *plant = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct reply reply;

		order(plant, FAULT_GATEWAY, "register", 1, cases[i].argument);
		reply = cloud_register(plant->cloud, plant->chain, "dev");
		assert_string_equal(reply.text_type, "text/html");
		assert_memory_equal(reply.text, "<html>", strlen("<html>"));
		assert_status(&reply, cases[i].status);
	}
}

static const char *
date_of(const struct reply *reply)
{
	for (size_t i = 0; i < reply->header_count; i++)
		if (strcmp(reply->headers[i].name, "Date") == 0)
			return reply->headers[i].value;
	return "";
}

static void
judges_by_a_clock_that_is_wrong(void **state)
{
	struct plant *plant = *state;
	struct reply reply;

	order(plant, FAULT_CLOCK_AHEAD, "register", 1, TWO_DAYS);
	reply = cloud_register(plant->cloud, plant->chain, "dev");
	assert_non_null(strstr(date_of(&reply), " GMT"));
	assert_refused(&reply, 401, 401002, "expired");
	order(plant, FAULT_CLOCK_BEHIND, "register", 1, TWO_DAYS);
	reply = cloud_register(plant->cloud, plant->chain, "dev");
	assert_refused(&reply, 401, 401002, "not valid before");
	assert_int_equal(count_orders(plant), 0); /* though it was refused */
	assert_registers(plant, "status", "assigned");

	order(plant, FAULT_CLOCK_AHEAD, "enrollments", 1, TWO_DAYS);
	reply = cloud_call(plant->cloud, SURFACE_DPS, "GET",
	    "/enrollments/dev" SERVICE, NULL, NULL);
	assert_refused(&reply, 401, 401002, "expired");
	reply = cloud_call(plant->cloud, SURFACE_DPS, "GET",
	    "/enrollments/dev" SERVICE, NULL, NULL);
	assert_string_equal(date_of(&reply), "");
	assert_status(&reply, 200);
}

static void
happens_where_it_was_ordered_and_else_to_devices(void **state)
{
	struct plant *plant = *state;
	struct reply reply;

	order(plant, FAULT_SERVER, NULL, 1, FAULT_NO_ARGUMENT);
	order(plant, FAULT_UNAVAILABLE, "groups", 1, FAULT_NO_ARGUMENT);
	reply = cloud_call(plant->cloud, SURFACE_DPS, "GET",
	    "/enrollments/dev" SERVICE, NULL, NULL);
	assert_status(&reply, 200);
	reply = cloud_call(plant->cloud, SURFACE_DPS, "GET",
	    "/enrollmentGroups/line" SERVICE, NULL, NULL);
	assert_status(&reply, 503);
	reply = cloud_register(plant->cloud, plant->chain, "dev");
	assert_status(&reply, 500);
	assert_int_equal(count_orders(plant), 0);
}

static void
refuses_orders_that_could_never_happen(void **state)
{
	static const struct {
		enum fault_kind kind;
		const char *endpoint;
		int64_t count;
		int64_t argument;
		const char *says;
	} cases[] = {
	    {FAULT_SERVER,     "nowhere",   1,         -1,        "register, status"},
	    {FAULT_SERVER,     "handshake", 1,         -1,        "not for endpoint"},
	    {FAULT_SLOW,       "status",    1,         -1,        "for 'register'"  },
	    {FAULT_WRONG_KEY,  "register",  1,         -1,        "for 'enroll'"    },
	    {FAULT_WRONG_NAME, "enroll",    1,         -1,        "for 'handshake'" },
	    {FAULT_SERVER,     NULL,        0,         -1,        "1 to"            },
	    {FAULT_SERVER,     NULL,        INT64_MAX, -1,        "1 to"            },
	    {FAULT_SERVER,     NULL,        1,         -2,        "from 0"          },
	    {FAULT_SERVER,     NULL,        1,         INT64_MAX, "from 0"          },
	};
	struct plant *plant = *state;
	enum fault_kind kind;
	struct error err;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(fault_add(plant->cloud->database,
				     cases[i].kind, cases[i].endpoint,
				     cases[i].count, cases[i].argument, &err),
		    ERROR_INVALID);
		print_message("%s\n", err.message);
		assert_non_null(strstr(err.message, cases[i].says));
	}
	assert_int_equal(fault_kind_parse("flood", &kind, &err), ERROR_INVALID);
	assert_non_null(strstr(err.message, "expired-certificate"));
	assert_int_equal(count_orders(plant), 0);
}

static void
is_ordered_listed_and_forgotten_by_the_administrator(void **state)
{
	struct plant *plant = *state;
	const json_t *first, *second;
	struct reply reply;
	char target[40];

	reply = administer(plant, "POST", "/faults",
	    "{\"name\":\"429\",\"endpoint\":\"register\",\"count\":3,"
	    "\"argument\":5}");
	assert_status(&reply, 200);
	reply = administer(plant, "POST", "/faults",
	    "{\"name\":\"drop\",\"endpoint\":null,\"argument\":null}");
	first = json_array_get(reply.body, 0);
	second = json_array_get(reply.body, 1);
	assert_int_equal(
	    json_integer_value(json_object_get(first, "remaining")), 3);
	assert_int_equal(
	    json_integer_value(json_object_get(first, "argument")), 5);
	assert_true(json_is_null(json_object_get(second, "endpoint")));
	assert_null(json_object_get(second, "argument"));
	(void)snprintf(target, sizeof(target), "/faults/%d",
	    (int)json_integer_value(json_object_get(second, "id")));
	assert_status(&reply, 200);

	reply = administer(plant, "DELETE", target, NULL);
	assert_status(&reply, 204);
	reply = administer(plant, "DELETE", target, NULL);
	assert_refused(&reply, 404, 404000, "no fault");
	reply = administer(plant, "DELETE", "/faults/x", NULL);
	assert_refused(&reply, 400, 400004, "number");
	reply = administer(plant, "GET", "/faults", NULL);
	assert_int_equal(json_array_size(reply.body), 1);
	assert_status(&reply, 200);
	reply = administer(plant, "DELETE", "/faults", NULL);
	assert_status(&reply, 204);
	assert_int_equal(count_orders(plant), 0);
}

static void
takes_no_orders_from_others_and_none_that_it_cannot_read(void **state)
{
	static const char *const bodies[] = {NULL, "[]", "{}", "{\"name\":1}",
	    "{\"name\":\"flood\"}", "{\"name\":\"drop\",\"count\":\"1\"}",
	    "{\"name\":\"drop\",\"endpoint\":7}",
	    "{\"name\":\"drop\",\"argument\":-5}"};
	struct plant *plant = *state;
	struct reply reply = cloud_call_signed(
	    plant->cloud, "Bearer x", "POST", "/faults", "{\"name\":\"drop\"}");

	assert_refused(&reply, 401, 401002, "administrator's token");
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		reply = administer(plant, "POST", "/faults", bodies[i]);
		assert_refused(&reply, 400, 400004, "");
	}
	assert_int_equal(count_orders(plant), 0);
}

int
main(void)
{
#define TEST(function)                                                         \
	cmocka_unit_test_setup_teardown(function, setup, plant_teardown)
	const struct CMUnitTest tests[] = {
	    TEST(answers_with_the_status_that_was_ordered_as_often_as_it_was),
	    TEST(leaves_a_connection_without_an_answer),
	    TEST(answers_by_a_page_as_a_gateway_does),
	    TEST(judges_by_a_clock_that_is_wrong),
	    TEST(happens_where_it_was_ordered_and_else_to_devices),
	    TEST(refuses_orders_that_could_never_happen),
	    TEST(is_ordered_listed_and_forgotten_by_the_administrator),
	    TEST(takes_no_orders_from_others_and_none_that_it_cannot_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
