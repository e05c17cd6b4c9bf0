/* SPDX-License-Identifier: MIT */
/* The hub's registry: many devices in one call, changed or listed. */
#include "cmocka_wrap.h"

#include <string.h>

#include "cloud_fixture.h"
#include "common/file.h"

#define VERSION "?api-version=2021-04-12"
#define DEVICE "/devices/dev" VERSION

static struct reply
hub(struct cloud *cloud, const char *method, const char *target, json_t *body)
{
	return cloud_call(cloud, SURFACE_HUB, method, target, body, NULL);
}

static void
changes_many_devices_and_reports_each_failure(void **state)
{
	json_t *body = json_pack("[{s:s, s:s}, {s:s, s:s}, {s:s, s:s},"
				 " {s:s, s:s, s:s}, {s:s, s:s}]",
	    "id", "a", "importMode", "create", "id", "a", "importMode",
	    "create", "id", "b", "importMode", "Update", "id", "a",
	    "importMode", "UpdateIfMatchETag", "eTag", "stale", "id", "a",
	    "importMode", "Delete");
	struct reply reply = hub(*state, "POST", "/devices" VERSION, body);
	const json_t *errors = json_object_get(reply.body, "errors");

	assert_true(json_is_false(json_object_get(reply.body, "isSuccessful")));
	assert_int_equal(json_array_size(errors), 3);
	assert_string_equal(json_string_value(json_object_get(
				json_array_get(errors, 0), "errorCode")),
	    "DeviceAlreadyExists");
	assert_string_equal(json_string_value(json_object_get(
				json_array_get(errors, 1), "errorCode")),
	    "DeviceNotFound");
	assert_string_equal(json_string_value(json_object_get(
				json_array_get(errors, 2), "errorCode")),
	    "PreconditionFailed");
	assert_status(&reply, 200);
	reply = hub(*state, "GET", "/statistics/devices" VERSION, NULL);
	assert_int_equal(
	    json_integer_value(json_object_get(reply.body, "totalDeviceCount")),
	    0);
	reply_done(&reply);
}

/* What the only error of a bulk of one item says. */
static void
assert_item_fails(
    struct cloud *cloud, json_t *item, const char *code, const char *status)
{
	struct reply reply =
	    hub(cloud, "POST", "/devices" VERSION, json_pack("[o]", item));
	const json_t *errors = json_object_get(reply.body, "errors");
	const json_t *error = json_array_get(errors, 0);
	const char *says =
	    json_string_value(json_object_get(error, "errorStatus"));

	assert_true(json_is_false(json_object_get(reply.body, "isSuccessful")));
	assert_int_equal(json_array_size(errors), 1);
	assert_string_equal(
	    json_string_value(json_object_get(error, "errorCode")), code);
	assert_non_null(says);
	assert_non_null(strstr(says, status));
	assert_status(&reply, 200);
}

static json_t *
item(const char *id, const char *mode)
{
	return json_pack("{s:s, s:s, s:s, s:s}", "id", id, "importMode", mode,
	    "eTag", "stale", "status",
	    strcmp(mode, "CREATE") == 0 ? "enabled" : "disabled");
}

static void
changes_nothing_by_an_import_mode_that_there_is_not(void **state)
{
	static const char *const modes[] = {"deleteFoo", "delete ",
	    "updateTwin", "updateIfMatchETagged", "createOrUpdate",
	    "IfMatchETag", "bogus", ""};
	CLEANUP(string) char *before = NULL;
	CLEANUP(string) char *after = NULL;
	struct reply reply = hub(*state, "PUT", DEVICE, json_object());

	assert_status(&reply, 200);
	before = cloud_dump(*state);
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		assert_item_fails(*state, item("dev", modes[i]),
		    "ArgumentInvalid", "'importMode'");
		/* Judged before anything is looked up. */
		assert_item_fails(*state, item("none", modes[i]),
		    "ArgumentInvalid", "'importMode'");
	}
	assert_item_fails(*state, json_pack("{s:s}", "id", "dev"),
	    "ArgumentInvalid", "'importMode'");
	after = cloud_dump(*state);
	assert_string_equal(before, after);
}

static void
knows_each_import_mode_in_any_case(void **state)
{
	static const char *const missing[] = {
	    "update", "UPDATEIFMATCHETAG", "Delete", "deleteifmatchetag"};
	struct reply reply;

	for (size_t i = 0; i < sizeof(missing) / sizeof(missing[0]); i++)
		assert_item_fails(*state, item("dev", missing[i]),
		    "DeviceNotFound", "Device 'dev' is unknown");
	reply = hub(*state, "POST", "/devices" VERSION,
	    json_pack("[o]", item("dev", "CREATE")));
	assert_true(json_is_true(json_object_get(reply.body, "isSuccessful")));
	assert_status(&reply, 200);
	assert_item_fails(*state, item("dev", "updateIfMatchEtag"),
	    "PreconditionFailed", "changed");
	assert_item_fails(*state, item("dev", "DeleteIfMatchEtag"),
	    "PreconditionFailed", "changed");
	reply = hub(*state, "POST", "/devices" VERSION,
	    json_pack("[o]", item("dev", "UPDATE")));
	assert_true(json_is_true(json_object_get(reply.body, "isSuccessful")));
	assert_status(&reply, 200);
	reply = hub(*state, "GET", DEVICE, NULL);
	assert_string_equal(reply_text(&reply, "status"), "disabled");
	assert_status(&reply, 200);
}

static void
lists_as_many_devices_as_are_asked_for(void **state)
{
	static const struct {
		const char *top;
		size_t count;
	} cases[] = {
	    {"1",    1},
	    {"2",    2},
	    {"1000", 3},
	};
	static const char *const wrong[] = {
	    "", "0", "abc", "-1", "+1", "1x", "1001", "99999999999999999999"};
	struct reply reply = hub(*state, "POST", "/devices" VERSION,
	    json_pack("[{s:s, s:s}, {s:s, s:s}, {s:s, s:s}]", "id", "a",
		"importMode", "create", "id", "b", "importMode", "create", "id",
		"c", "importMode", "create"));

	assert_status(&reply, 200);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CLEANUP(string)
		char *target =
		    string_format("/devices" VERSION "&top=%s", cases[i].top);

		reply = hub(*state, "GET", target, NULL);
		assert_int_equal(json_array_size(reply.body), cases[i].count);
		assert_status(&reply, 200);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		CLEANUP(string)
		char *target =
		    string_format("/devices" VERSION "&top=%s", wrong[i]);

		reply = hub(*state, "GET", target, NULL);
		assert_non_null(strstr(reply_text(&reply, "Message"), "'top'"));
		assert_status(&reply, 400);
	}
}

int
main(void)
{
#define TEST(function)                                                         \
	cmocka_unit_test_setup_teardown(function, cloud_setup, cloud_teardown)
	const struct CMUnitTest tests[] = {
	    TEST(changes_many_devices_and_reports_each_failure),
	    TEST(changes_nothing_by_an_import_mode_that_there_is_not),
	    TEST(knows_each_import_mode_in_any_case),
	    TEST(lists_as_many_devices_as_are_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
