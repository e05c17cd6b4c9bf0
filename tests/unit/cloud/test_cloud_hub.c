/* SPDX-License-Identifier: MIT */
/* The hub's registry: devices, modules and twins. */
#include "cmocka_wrap.h"

#include <stdio.h>
#include <string.h>

#include "cloud_fixture.h"
#include "common/file.h"
#include "device_store.h"
#include "sas.h"

#define VERSION "?api-version=2021-04-12"
#define DEVICE "/devices/dev" VERSION
#define TWIN "/twins/dev" VERSION
#define MODULE "/devices/dev/modules/agent" VERSION
#define FAR_FUTURE INT64_C(4102444800)

static struct reply
hub(struct cloud *cloud, const char *method, const char *target, json_t *body,
    const char *if_match)
{
	return cloud_call(cloud, SURFACE_HUB, method, target, body, if_match);
}

/* As azure-iothub sends it: empty keys are to be made. */
static json_t *
new_device(const char *id)
{
	return json_pack("{s:s, s:s, s:{s:s, s:{s:s, s:s}}}", "deviceId", id,
	    "status", "enabled", "authentication", "type", "sas",
	    "symmetricKey", "primaryKey", "", "secondaryKey", "");
}

static void
create(struct cloud *cloud, const char *id)
{
	CLEANUP(string) char *target = string_format("/devices/%s" VERSION, id);
	struct reply reply = hub(cloud, "PUT", target, new_device(id), NULL);

	assert_string_equal(reply.reason, "");
	assert_status(&reply, 200);
}

static void
creates_updates_and_deletes_devices(void **state)
{
	struct reply reply;
	char generation[32];

	create(*state, "dev");
	reply = hub(*state, "PUT", DEVICE, new_device("dev"), NULL);
	assert_non_null(strstr(
	    reply_text(&reply, "Message"), "ErrorCode:DeviceAlreadyExists;"));
	assert_status(&reply, 409);

	reply = hub(*state, "GET", DEVICE, NULL, NULL);
	assert_int_equal(
	    strlen(reply_text(&reply, "authentication.symmetricKey."
				      "primaryKey")),
	    44); /* base64 of 32 bytes */
	(void)snprintf(generation, sizeof(generation), "%s",
	    reply_text(&reply, "generationId"));
	reply_done(&reply);

	reply = hub(*state, "PUT", DEVICE,
	    json_pack("{s:s}", "status", "disabled"), "\"*\"");
	assert_string_equal(reply_text(&reply, "status"), "disabled");
	assert_string_equal(reply_text(&reply, "generationId"), generation);
	assert_status(&reply, 200);
	reply = hub(*state, "PUT", DEVICE, json_object(), "\"stale\"");
	assert_status(&reply, 412);
	reply = hub(*state, "DELETE", DEVICE, NULL, "\"*\"");
	assert_status(&reply, 204);
	reply = hub(*state, "GET", DEVICE, NULL, NULL);
	assert_status(&reply, 404);
}

#define NEVER "0001-01-01T00:00:00Z"

static void
says_since_when_a_device_has_its_status(void **state)
{
	CLEANUP(string) char *since = NULL;
	struct reply reply;

	create(*state, "dev");
	reply = hub(*state, "PUT", DEVICE,
	    json_pack("{s:s, s:s}", "status", "enabled", "statusReason", "x"),
	    "*");
	assert_string_equal(reply_text(&reply, "statusUpdatedTime"), NEVER);
	assert_status(&reply, 200);
	reply = hub(*state, "PUT", DEVICE,
	    json_pack("{s:s}", "status", "disabled"), "*");
	since = strdup(reply_text(&reply, "statusUpdatedTime"));
	assert_string_not_equal(since, NEVER);
	assert_int_equal(since[strlen(since) - 1], 'Z');
	assert_status(&reply, 200);
	reply = hub(*state, "PUT", DEVICE,
	    json_pack("{s:s}", "status", "disabled"), "*");
	assert_string_equal(reply_text(&reply, "statusUpdatedTime"), since);
	assert_status(&reply, 200);
	reply = hub(*state, "GET", TWIN, NULL, NULL);
	assert_string_equal(reply_text(&reply, "statusUpdateTime"), since);
	assert_status(&reply, 200);
}

static void
keeps_where_a_device_stands_below_edge_devices(void **state)
{
	static const char *const wrong[] = {"{\"parentScopes\":\"edge\"}",
	    "{\"parentScopes\":[7]}", "{\"deviceScope\":[]}"};
	struct reply reply;

	reply = hub(*state, "PUT", DEVICE,
	    json_pack("{s:s, s:[s]}", "deviceScope", "edge-1", "parentScopes",
		"edge-2"),
	    NULL);
	assert_status(&reply, 200);
	reply = hub(*state, "PUT", DEVICE,
	    json_pack("{s:s, s:n}", "status", "enabled", "parentScopes"), "*");
	assert_string_equal(reply_text(&reply, "deviceScope"), "edge-1");
	assert_string_equal(
	    json_string_value(
		json_array_get(json_object_get(reply.body, "parentScopes"), 0)),
	    "edge-2");
	assert_status(&reply, 200);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		reply = hub(
		    *state, "PUT", DEVICE, json_loads(wrong[i], 0, NULL), "*");
		assert_non_null(strstr(reply_text(&reply, "Message"), "Scope"));
		assert_status(&reply, 400);
	}
}

static void
keeps_keys_that_an_update_does_not_name(void **state)
{
	CLEANUP(string) char *key = NULL;
	struct reply reply;

	create(*state, "dev");
	reply = hub(*state, "GET", DEVICE, NULL, NULL);
	key = strdup(
	    reply_text(&reply, "authentication.symmetricKey.primaryKey"));
	reply_done(&reply);
	reply = hub(*state, "PUT", DEVICE, new_device("dev"), "*");
	assert_string_equal(
	    reply_text(&reply, "authentication.symmetricKey.primaryKey"), key);
	reply_done(&reply);
}

static void
says_what_is_wrong_with_a_device(void **state)
{
	static const struct {
		const char *body;
		const char *says;
	} cases[] = {
	    {"[]",								     "JSON object"          },
	    {"{\"deviceId\":\"other\"}",					       "the path says"        },
	    {"{\"status\":\"on\"}",						    "'status'"             },
	    {"{\"authentication\":7}",						 "'authentication'"     },
	    {"{\"authentication\":{\"type\":\"magic\"}}",                              "'magic'"              },
	    {"{\"authentication\":{\"type\":\"selfSigned\"}}",
             "primaryThumbprint"									      },
	    {"{\"authentication\":{\"type\":\"selfSigned\","
	     "\"x509Thumbprint\":{\"primaryThumbprint\":\"nonsense\"}}}", "'primaryThumbprint'"  },
	    {"{\"authentication\":{\"x509Thumbprint\":{"
	     "\"secondaryThumbprint\":"
	     "\"zz34567890123456789012345678901234567890\"}}}",           "'secondaryThumbprint'"},
	    {"{\"authentication\":{\"symmetricKey\":{\"primaryKey\":"
	     "\"AAAA\"}}}",					       "16 to 64"             },
	};
	struct reply reply;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_t *body = json_loads(cases[i].body, 0, NULL);

		reply = hub(*state, "PUT", DEVICE, body, NULL);
		assert_non_null(
		    strstr(reply_text(&reply, "Message"), cases[i].says));
		assert_status(&reply, 400);
	}
	reply =
	    hub(*state, "PUT", "/devices/a%2Fb" VERSION, json_object(), NULL);
	assert_status(&reply, 400);
	reply = hub(*state, "GET", "/devices" VERSION, NULL, NULL);
	assert_int_equal(json_array_size(reply.body), 0);
	reply_done(&reply);
}

static json_t *
desired(const char *text)
{
	return json_pack(
	    "{s:{s:o}}", "properties", "desired", json_loads(text, 0, NULL));
}

static json_int_t
number(const struct reply *reply, const char *section, const char *member)
{
	const json_t *properties = json_object_get(reply->body, "properties");

	return json_integer_value(
	    json_object_get(json_object_get(properties, section), member));
}

static void
merges_twins_and_counts_their_versions(void **state)
{
	struct reply reply;

	create(*state, "dev");
	reply = hub(*state, "PATCH", TWIN,
	    desired("{\"interval\":5,\"a\":{\"b\":1,\"c\":2}}"), "\"*\"");
	assert_int_equal(number(&reply, "desired", "interval"), 5);
	assert_int_equal(number(&reply, "desired", "$version"), 2);
	assert_int_equal(number(&reply, "reported", "$version"), 1);
	assert_true(*reply_text(&reply, "properties.desired.$metadata."
					"interval.$lastUpdated"));
	assert_true(*reply_text(&reply, "properties.desired.$metadata.a."
					"b.$lastUpdated"));
	assert_status(&reply, 200);

	reply = hub(*state, "PATCH", TWIN,
	    desired("{\"interval\":null,\"a\":{\"b\":null}}"), "\"*\"");
	assert_null(json_object_get(
	    json_object_get(
		json_object_get(reply.body, "properties"), "desired"),
	    "interval"));
	assert_string_equal(
	    reply_text(&reply, "properties.desired.$metadata.a.b"), "");
	assert_int_equal(number(&reply, "desired", "$version"), 3);
	assert_int_equal(
	    json_integer_value(json_object_get(reply.body, "version")), 3);
	assert_string_equal(reply_text(&reply, "authenticationType"), "sas");
	assert_status(&reply, 200);

	reply = hub(*state, "PATCH", TWIN, json_object(), "\"stale\"");
	assert_status(&reply, 412);
	reply = hub(*state, "PATCH", TWIN, desired("{\"$bad\":1}"), "\"*\"");
	assert_status(&reply, 400);
}

static void
replaces_a_twin_when_it_is_put(void **state)
{
	struct reply reply;

	create(*state, "dev");
	reply = hub(*state, "PATCH", TWIN,
	    json_pack("{s:{s:s}}", "tags", "site", "a"), "\"*\"");
	assert_string_equal(reply_text(&reply, "tags.site"), "a");
	reply_done(&reply);
	reply = hub(*state, "PUT", TWIN,
	    json_pack("{s:{s:s}}", "tags", "floor", "2"), "\"*\"");
	assert_string_equal(reply_text(&reply, "tags.site"), "");
	assert_string_equal(reply_text(&reply, "tags.floor"), "2");
	assert_status(&reply, 200);
}

/* A header of who signs with the keys of the device or module at target. */
static char *
sign_as(struct cloud *cloud, const char *target, const char *resource)
{
	struct reply reply = hub(cloud, "GET", target, NULL, NULL);
	char *token = NULL;
	struct error err;

	assert_int_equal(
	    sas_create(resource, "",
		reply_text(&reply, "authentication.symmetricKey.primaryKey"),
		FAR_FUTURE, &token, &err),
	    ERROR_NONE);
	reply_done(&reply);
	return token;
}

static void
lets_a_device_manage_its_own_modules_only(void **state)
{
	CLEANUP(string) char *token = NULL;
	CLEANUP(string) char *agent = NULL;
	struct reply reply;
	char generation[32];

	create(*state, "dev");
	create(*state, "other");
	token = sign_as(*state, DEVICE, FIXTURE_HOST "/devices/dev");
	reply = cloud_call_signed(*state, token, "PUT", MODULE,
	    "{\"moduleId\":\"agent\",\"deviceId\":\"dev\"}");
	(void)snprintf(generation, sizeof(generation), "%s",
	    reply_text(&reply, "generationId"));
	assert_true(strlen(generation) > 0);
	assert_status(&reply, 200);
	reply = cloud_call_signed(*state, token, "PUT", MODULE, "{}");
	assert_status(&reply, 409);
	reply = cloud_call_signed(
	    *state, token, "GET", "/devices/dev/modules" VERSION, NULL);
	assert_int_equal(json_array_size(reply.body), 1);
	assert_status(&reply, 200);
	reply = cloud_call_signed(
	    *state, token, "GET", "/devices/other/modules" VERSION, NULL);
	assert_status(&reply, 401);
	reply = cloud_call_signed(
	    *state, NULL, "GET", "/devices/dev/modules" VERSION, NULL);
	assert_status(&reply, 401);

	agent =
	    sign_as(*state, MODULE, FIXTURE_HOST "/devices/dev/modules/agent");
	reply = cloud_call_signed(*state, agent, "POST",
	    "/devices/dev/modules/agent/messages/events" VERSION, "hi");
	assert_status(&reply, 204);
	reply = cloud_call_signed(
	    *state, agent, "GET", "/devices/dev/modules" VERSION, NULL);
	assert_status(&reply, 401); /* a module is not its device */

	reply = hub(*state, "PUT", MODULE,
	    json_pack("{s:s}", "managedBy", "edge"), "*");
	assert_string_equal(reply_text(&reply, "generationId"), generation);
	assert_status(&reply, 200);
	reply = hub(*state, "DELETE", MODULE, NULL, "*");
	assert_status(&reply, 204);
	reply = hub(*state, "GET", MODULE, NULL, NULL);
	assert_status(&reply, 404);
}

static void
takes_a_device_with_its_modules(void **state)
{
	struct reply reply;

	create(*state, "dev");
	reply = hub(*state, "PUT", MODULE, json_object(), NULL);
	assert_status(&reply, 200);
	reply = hub(*state, "DELETE", DEVICE, NULL, NULL);
	assert_status(&reply, 204);
	create(*state, "dev");
	reply = hub(*state, "GET", MODULE, NULL, NULL);
	assert_status(&reply, 404);
}

/* What is made again is another one, which the caller notices by this. */
static void
assert_another_generation(struct cloud *cloud, const char *target)
{
	struct reply reply = hub(cloud, "GET", target, NULL, NULL);
	CLEANUP(string)
	char *generation = strdup(reply_text(&reply, "generationId"));

	assert_string_not_equal(generation, "");
	assert_status(&reply, 200);
	reply = hub(cloud, "DELETE", target, NULL, NULL);
	assert_status(&reply, 204);
	reply = hub(cloud, "PUT", target, json_object(), NULL);
	assert_string_not_equal(reply_text(&reply, "generationId"), "");
	assert_string_not_equal(reply_text(&reply, "generationId"), generation);
	assert_status(&reply, 200);
}

static void
gives_what_is_made_again_another_generation(void **state)
{
	struct reply reply;

	create(*state, "dev");
	reply = hub(*state, "PUT", MODULE, json_object(), NULL);
	assert_status(&reply, 200);
	assert_another_generation(*state, MODULE);
	assert_another_generation(*state, DEVICE);
}

static void
move_to(struct cloud *cloud, const char *hub_name)
{
	struct error err;

	assert_int_equal(
	    database_execute(cloud->database, "UPDATE device SET hub = ?",
		SQL_VALUES(sql_text(hub_name)), &err),
	    ERROR_NONE);
}

/* So many devices are in the list, the statistics and a query. */
static void
assert_seen(struct cloud *cloud, size_t count)
{
	struct reply reply = hub(cloud, "GET", "/devices" VERSION, NULL, NULL);

	assert_int_equal(json_array_size(reply.body), count);
	reply_done(&reply);
	reply = hub(cloud, "GET", "/statistics/devices" VERSION, NULL, NULL);
	assert_int_equal(
	    json_integer_value(json_object_get(reply.body, "totalDeviceCount")),
	    count);
	reply_done(&reply);
	reply = hub(cloud, "POST", "/devices/query" VERSION,
	    json_pack("{s:s}", "query", "SELECT * FROM devices"), NULL);
	assert_int_equal(json_array_size(reply.body), count);
	assert_status(&reply, 200);
}

static void
assert_bulk_fails(struct cloud *cloud, const char *mode, const char *code)
{
	struct reply reply = hub(cloud, "POST", "/devices" VERSION,
	    json_pack("[{s:s, s:s, s:s}]", "id", "dev", "importMode", mode,
		"status", "disabled"),
	    NULL);
	const json_t *errors = json_object_get(reply.body, "errors");

	assert_int_equal(json_array_size(errors), 1);
	assert_string_equal(json_string_value(json_object_get(
				json_array_get(errors, 0), "errorCode")),
	    code);
	assert_status(&reply, 200);
}

static void
keeps_the_devices_of_several_hubs_apart(void **state)
{
	struct cloud *cloud = *state;
	CLEANUP(string) char *before = NULL;
	CLEANUP(string) char *after = NULL;
	struct reply reply;

	cloud->options.hub_count = 2;
	cloud->options.hubs[0].name = "other.example";
	cloud->options.hubs[1].name = FIXTURE_HOST; /* who is called */
	create(cloud, "dev");
	assert_seen(cloud, 1);
	move_to(cloud, "other.example");
	before = cloud_dump(cloud);
	assert_seen(cloud, 0);
	reply = hub(cloud, "GET", DEVICE, NULL, NULL);
	assert_status(&reply, 404);
	reply = hub(cloud, "PUT", DEVICE, new_device("dev"), "*");
	assert_status(&reply, 404);
	reply = hub(cloud, "DELETE", DEVICE, NULL, "*");
	assert_status(&reply, 404);
	assert_bulk_fails(cloud, "Update", "DeviceNotFound");
	assert_bulk_fails(cloud, "Delete", "DeviceNotFound");
	/* But its id is taken. */
	reply = hub(cloud, "PUT", DEVICE, new_device("dev"), NULL);
	assert_status(&reply, 409);
	assert_bulk_fails(cloud, "Create", "DeviceAlreadyExists");
	after = cloud_dump(cloud);
	assert_string_equal(before, after);
}

static void
knows_its_name_in_any_case(void **state)
{
	struct cloud *cloud = *state;
	struct reply reply;

	cloud->options.hub_count = 2;
	cloud->options.hubs[0].name = "other.example";
	cloud->options.hubs[1].name = FIXTURE_HOST; /* who is called */
	create(cloud, "dev");
	move_to(cloud, "DPS.Example"); /* as an enrollment may name it */
	assert_seen(cloud, 1);
	reply = hub(cloud, "PUT", DEVICE, new_device("dev"), "*");
	assert_status(&reply, 200);
}

int
main(void)
{
#define TEST(function)                                                         \
	cmocka_unit_test_setup_teardown(function, cloud_setup, cloud_teardown)
	const struct CMUnitTest tests[] = {
	    TEST(creates_updates_and_deletes_devices),
	    TEST(says_since_when_a_device_has_its_status),
	    TEST(keeps_where_a_device_stands_below_edge_devices),
	    TEST(keeps_keys_that_an_update_does_not_name),
	    TEST(says_what_is_wrong_with_a_device),
	    TEST(merges_twins_and_counts_their_versions),
	    TEST(replaces_a_twin_when_it_is_put),
	    TEST(lets_a_device_manage_its_own_modules_only),
	    TEST(takes_a_device_with_its_modules),
	    TEST(gives_what_is_made_again_another_generation),
	    TEST(keeps_the_devices_of_several_hubs_apart),
	    TEST(knows_its_name_in_any_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
