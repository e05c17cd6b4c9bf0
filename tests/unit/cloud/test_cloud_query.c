/* SPDX-License-Identifier: MIT */
/* What the hub finds by its query language, and what it says of mistakes. */
#include "cmocka_wrap.h"

#include <string.h>

#include "cloud_fixture.h"
#include "common/file.h"

#define VERSION "?api-version=2021-04-12"

static struct reply
hub(struct cloud *cloud, const char *method, const char *target, json_t *body)
{
	return cloud_call(cloud, SURFACE_HUB, method, target, body, NULL);
}

static void
create(struct cloud *cloud, const char *path)
{
	CLEANUP(string) char *target = string_format("%s" VERSION, path);
	struct reply reply = hub(cloud, "PUT", target, json_object());

	assert_status(&reply, 200);
}

static struct reply
query(struct cloud *cloud, const char *text)
{
	return hub(cloud, "POST", "/devices/query" VERSION,
	    json_pack("{s:s}", "query", text));
}

static void
assert_selects(struct cloud *cloud, const char *where, size_t count)
{
	CLEANUP(string)
	char *text = string_format("select * from devices %s", where);
	struct reply reply = query(cloud, text);

	assert_string_equal(reply.reason, "");
	assert_int_equal(json_array_size(reply.body), count);
	reply_done(&reply);
}

static void
selects_twins_by_what_is_in_them(void **state)
{
	struct reply reply;

	create(*state, "/devices/dev");
	create(*state, "/devices/it's");
	reply = hub(*state, "PATCH", "/twins/dev" VERSION,
	    json_pack("{s:{s:s, s:i, s:b}}", "tags", "site", "a", "floor", 2,
		"on", 1));
	assert_status(&reply, 200);
	assert_selects(*state, "", 2);
	assert_selects(*state, "WHERE deviceId = 'it''s'", 1);
	assert_selects(*state, "where tags.site='a' AND tags.floor >= 2", 1);
	assert_selects(*state, "WHERE tags.floor < 2", 0);
	assert_selects(*state, "WHERE tags.on = true", 1);
	assert_selects(*state, "WHERE tags.site != 'a'", 1);
	assert_selects(*state, "WHERE status = 'enabled'", 2);
	create(*state, "/devices/dev/modules/agent");
	reply = query(*state, "SELECT * FROM devices.modules");
	assert_int_equal(json_array_size(reply.body), 1);
	assert_string_equal(json_string_value(json_object_get(
				json_array_get(reply.body, 0), "moduleId")),
	    "agent");
	reply_done(&reply);
}

static void
says_where_a_query_is_wrong(void **state)
{
	static const char *const queries[] = {"", "SELECT", "SELECT deviceId",
	    "SELECT * FROM modules", "SELECT * FROM devices WHERE",
	    "SELECT * FROM devices WHERE a", "SELECT * FROM devices WHERE a = ",
	    "SELECT * FROM devices WHERE a = 'b", "SELECT * FROM devices x",
	    "SELECT * FROM devices WHERE a = 1 OR b = 2",
	    "SELECT * FROM devices WHERE a = 1x",
	    "SELECT * FROM devices; DROP TABLE device"};

	create(*state, "/devices/dev");
	for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
		struct reply reply = query(*state, queries[i]);

		assert_non_null(
		    strstr(reply_text(&reply, "Message"), "was expected"));
		assert_status(&reply, 400);
	}
	assert_selects(*state, "", 1);
}

int
main(void)
{
#define TEST(function)                                                         \
	cmocka_unit_test_setup_teardown(function, cloud_setup, cloud_teardown)
	const struct CMUnitTest tests[] = {
	    TEST(selects_twins_by_what_is_in_them),
	    TEST(says_where_a_query_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
