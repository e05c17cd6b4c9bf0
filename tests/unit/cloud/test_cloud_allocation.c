/* SPDX-License-Identifier: MIT */
/* Which hub a device is assigned to. */
#include "cmocka_wrap.h"

#include <stdio.h>
#include <string.h>

#include "cloud_fixture.h"
#include "common/file.h"

#define KEY "YSBrZXkgdGhhdCBpcyBsb25nIGVub3VnaA=="

static int
setup(void **state)
{
	struct cloud *cloud = cloud_open();

	cloud->options.hub_count = 3;
	cloud->options.hubs[0] = (struct cloud_hub){"far.example", 80};
	cloud->options.hubs[1] = (struct cloud_hub){"near.example", 5};
	cloud->options.hubs[2] = (struct cloud_hub){"middle.example", 40};
	*state = cloud;
	return 0;
}

static int
teardown(void **state)
{
	cloud_close(*state);
	return 0;
}

/* Enrolls id with policy and hubs (taken, may be NULL). */
static struct reply
enroll(struct cloud *cloud, const char *id, const char *policy, json_t *hubs,
    const char *webhook, const char *if_match)
{
	char target[200];
	json_t *body = json_pack("{s:{s:s, s:{s:s, s:s}}, s:s, s:o*}",
	    "attestation", "type", "symmetricKey", "symmetricKey", "primaryKey",
	    KEY, "secondaryKey", KEY, "allocationPolicy", policy, "iotHubs",
	    hubs);

	if (webhook)
		(void)json_object_set_new(body, "customAllocationDefinition",
		    json_pack("{s:s, s:s}", "webhookUrl", webhook, "apiVersion",
			"2019-03-31"));
	(void)snprintf(target, sizeof(target),
	    "/enrollments/%s?api-version=2021-10-01", id);
	return cloud_call(cloud, SURFACE_DPS, "PUT", target, body, if_match);
}

static void
assert_hub(struct cloud *cloud, const char *id, const char *hub)
{
	struct reply reply = cloud_register_signed(cloud, id, KEY, "{}");

	assert_string_equal(reply.reason, "");
	assert_string_equal(
	    reply_text(&reply, "registrationState.assignedHub"), hub);
	reply_done(&reply);
}

static struct reply
enroll_new(struct cloud *cloud, const char *id, const char *policy,
    json_t *hubs, const char *webhook)
{
	return enroll(cloud, id, policy, hubs, webhook, NULL);
}

static void
takes_the_first_hub_by_static(void **state)
{
	struct reply reply = enroll_new(*state, "a", "static",
	    json_pack("[s, s]", "middle.example", "near.example"), NULL);

	assert_status(&reply, 200);
	assert_hub(*state, "a", "middle.example");
	reply = enroll_new(*state, "b", "static", NULL, NULL);
	assert_status(&reply, 200);
	assert_hub(*state, "b", "far.example");
}

static void
takes_the_nearest_hub_by_latency(void **state)
{
	struct reply reply = enroll_new(*state, "a", "geoLatency", NULL, NULL);

	assert_status(&reply, 200);
	assert_hub(*state, "a", "near.example");
	reply = enroll_new(*state, "b", "geoLatency",
	    json_pack("[s, s]", "far.example", "middle.example"), NULL);
	assert_status(&reply, 200);
	assert_hub(*state, "b", "middle.example");
}

static void
spreads_devices_by_hash_and_keeps_them_where_they_are(void **state)
{
	unsigned counts[3] = {0};
	char first[64];

	for (int i = 0; i < 60; i++) {
		struct cloud *cloud = *state;
		struct reply reply;
		char id[16];

		(void)snprintf(id, sizeof(id), "dev-%d", i);
		reply = enroll_new(cloud, id, "hashed", NULL, NULL);
		assert_status(&reply, 200);
		reply = cloud_register_signed(cloud, id, KEY, "{}");
		(void)snprintf(first, sizeof(first), "%s",
		    reply_text(&reply, "registrationState.assignedHub"));
		reply_done(&reply);
		for (size_t hub = 0; hub < 3; hub++)
			if (strcmp(first, cloud->options.hubs[hub].name) == 0)
				counts[hub]++;
		assert_hub(cloud, id, first);
	}
	assert_int_equal(counts[0] + counts[1] + counts[2], 60);
	for (size_t hub = 0; hub < 3; hub++)
		assert_in_range(counts[hub], 8, 32);
}

/* Numbers at the end are all that most fleets' ids differ in. */
static void
spreads_devices_over_two_hubs(void **state)
{
	unsigned near = 0;

	for (int i = 0; i < 100; i++) {
		struct reply reply;
		char id[16];

		(void)snprintf(id, sizeof(id), "pump-%d", i);
		reply = enroll_new(*state, id, "hashed",
		    json_pack("[s, s]", "near.example", "far.example"), NULL);
		assert_status(&reply, 200);
		reply = cloud_register_signed(*state, id, KEY, "{}");
		near +=
		    strcmp(reply_text(&reply, "registrationState.assignedHub"),
			"near.example") == 0;
		reply_done(&reply);
	}
	assert_in_range(near, 35, 65);
}

static void
moves_a_device_only_if_its_enrollment_says_so(void **state)
{
	struct reply reply = enroll_new(
	    *state, "a", "static", json_pack("[s]", "far.example"), NULL);

	assert_status(&reply, 200);
	assert_hub(*state, "a", "far.example");
	reply = enroll(
	    *state, "a", "static", json_pack("[s]", "near.example"), NULL, "*");
	assert_status(&reply, 200);
	reply = cloud_register_signed(*state, "a", KEY, "{}");
	assert_string_equal(reply_text(&reply, "registrationState.substatus"),
	    "deviceDataMigrated");
	assert_string_equal(reply_text(&reply, "registrationState.assignedHub"),
	    "near.example");
	reply_done(&reply);
}

static struct reply
put(struct cloud *cloud, const char *id, json_t *members, const char *if_match)
{
	CLEANUP(string)
	char *target =
	    string_format("/enrollments/%s?api-version=2021-10-01", id);
	json_t *body = json_pack("{s:{s:s, s:{s:s}}, s:s}", "attestation",
	    "type", "symmetricKey", "symmetricKey", "primaryKey", KEY,
	    "allocationPolicy", "static");

	assert_int_equal(json_object_update_new(body, members), 0);
	return cloud_call(cloud, SURFACE_DPS, "PUT", target, body, if_match);
}

/* As an SDK does it: get, change one member, put. */
static struct reply
change(struct cloud *cloud, const char *id, const char *member, json_t *value)
{
	CLEANUP(string)
	char *target =
	    string_format("/enrollments/%s?api-version=2021-10-01", id);
	struct reply reply =
	    cloud_call(cloud, SURFACE_DPS, "GET", target, NULL, NULL);
	CLEANUP(json) json_t *record = json_incref(reply.body);

	assert_status(&reply, 200);
	assert_int_equal(json_object_set_new(record, member, value), 0);
	return cloud_call(cloud, SURFACE_DPS, "PUT", target,
	    json_incref(record),
	    json_string_value(json_object_get(record, "etag")));
}

/* The older form of an enrollment names one hub. */
static void
takes_the_hub_that_is_named_alone(void **state)
{
	struct reply reply = put(*state, "a",
	    json_pack("{s:s}", "iotHubHostName", "middle.example"), NULL);

	assert_string_equal(
	    reply_text(&reply, "iotHubHostName"), "middle.example");
	assert_status(&reply, 200);
	assert_hub(*state, "a", "middle.example");
	reply =
	    change(*state, "a", "iotHubHostName", json_string("near.example"));
	assert_string_equal(
	    reply_text(&reply, "iotHubHostName"), "near.example");
	assert_status(&reply, 200);
	assert_hub(*state, "a", "near.example");
}

static void
refuses_two_forms_of_an_enrollments_hubs_that_disagree(void **state)
{
	struct reply reply = put(*state, "a",
	    json_pack("{s:s, s:[s]}", "iotHubHostName", "near.example",
		"iotHubs", "Near.Example"),
	    NULL);

	assert_status(&reply, 200);
	reply =
	    change(*state, "a", "iotHubHostName", json_string("far.example"));
	assert_refused(&reply, 400, 400004, "'iotHubHostName'");
	reply = change(*state, "a", "iotHubs", json_pack("[s]", "far.example"));
	assert_refused(&reply, 400, 400004, "'iotHubHostName'");
	reply = change(*state, "a", "iotHubs",
	    json_pack("[s, s]", "near.example", "far.example"));
	assert_refused(&reply, 400, 400004, "'iotHubHostName'");
	reply = change(*state, "a", "iotHubHostName", json_null());
	assert_status(&reply, 200);
	reply = change(*state, "a", "iotHubs", json_pack("[s]", "far.example"));
	assert_status(&reply, 200);
	assert_hub(*state, "a", "far.example");
}

static void
calls_no_webhook_but_on_this_machine(void **state)
{
	static const char *const urls[] = {
	    "https://example.com/allocate",
	    "https://localhost.example.com/",
	    "https://localhost@example.com/",
	    "https://localhost:1@example.com/",
	    "https://[::1]:1@example.com/",
	    "https://user@localhost/",
	    "https://localhost:1:2/",
	    "https://localhost\\.example.com/",
	    "https://local host/",
	    "localhost/",
	    "",
	    "http://localhost/",
	    "https://127.0.0.1.example.com/",
	};

	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		struct reply reply =
		    enroll_new(*state, "a", "custom", NULL, urls[i]);

		assert_refused(&reply, 400, 400004, "on localhost");
	}
}

static void
takes_every_way_to_name_a_webhook_on_this_machine(void **state)
{
	static const char *const urls[] = {
	    "https://localhost",
	    "https://LOCALHOST:8443/allocate?code=a@b:c",
	    "HTTPS://127.0.0.1/#part",
	    "https://[::1]:1/",
	};

	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		char id[] = {(char)('a' + (char)i), '\0'};
		struct reply reply =
		    enroll_new(*state, id, "custom", NULL, urls[i]);

		assert_status(&reply, 200);
	}
}

static void
fails_the_registration_when_the_webhook_does(void **state)
{
	/* Nobody listens on port 9. */
	struct reply reply =
	    enroll_new(*state, "a", "custom", NULL, "https://127.0.0.1:9/");

	assert_status(&reply, 200);
	reply = cloud_register_signed(
	    *state, "a", KEY, "{\"payload\":{\"site\":\"b\"}}");
	assert_string_equal(reply_text(&reply, "status"), "failed");
	assert_int_equal(
	    json_integer_value(json_object_get(
		json_object_get(reply.body, "registrationState"), "errorCode")),
	    400207);
	reply_done(&reply);
}

/* The state of the i-th in the list of individuals. */
static const json_t *
listed_state(const struct reply *reply, size_t i)
{
	return json_object_get(
	    json_array_get(reply->body, i), "registrationState");
}

static void
lists_individuals_with_how_far_their_devices_have_come(void **state)
{
	struct reply reply =
	    enroll_new(*state, "a", "custom", NULL, "https://127.0.0.1:9/");

	assert_status(&reply, 200);
	reply = enroll_new(*state, "b", "static", NULL, NULL);
	assert_status(&reply, 200);
	reply = enroll_new(*state, "c", "static", NULL, NULL);
	assert_status(&reply, 200);
	reply = cloud_register_signed(*state, "a", KEY, "{}");
	reply_done(&reply);
	assert_hub(*state, "b", "far.example");
	reply = cloud_call(*state, SURFACE_DPS, "POST",
	    "/enrollments/query?api-version=2021-10-01",
	    json_pack("{s:s}", "query", "SELECT *"), NULL);
	assert_int_equal(json_array_size(reply.body), 3);
	assert_int_equal(json_integer_value(json_object_get(
			     listed_state(&reply, 0), "errorCode")),
	    400207);
	assert_string_equal(json_string_value(json_object_get(
				listed_state(&reply, 1), "assignedHub")),
	    "far.example");
	assert_string_equal(json_string_value(json_object_get(
				listed_state(&reply, 2), "status")),
	    "unassigned");
	assert_status(&reply, 200);
}

int
main(void)
{
#define TEST(function)                                                         \
	cmocka_unit_test_setup_teardown(function, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(takes_the_first_hub_by_static),
	    TEST(takes_the_nearest_hub_by_latency),
	    TEST(spreads_devices_by_hash_and_keeps_them_where_they_are),
	    TEST(spreads_devices_over_two_hubs),
	    TEST(moves_a_device_only_if_its_enrollment_says_so),
	    TEST(takes_the_hub_that_is_named_alone),
	    TEST(refuses_two_forms_of_an_enrollments_hubs_that_disagree),
	    TEST(calls_no_webhook_but_on_this_machine),
	    TEST(takes_every_way_to_name_a_webhook_on_this_machine),
	    TEST(fails_the_registration_when_the_webhook_does),
	    TEST(lists_individuals_with_how_far_their_devices_have_come),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
