/* SPDX-License-Identifier: MIT */
/* Devices that attest with symmetric keys: their own, or those of a group. */
#include "cmocka_wrap.h"

#include <openssl/hmac.h>
#include <string.h>

#include "cloud_fixture.h"
#include "common/base64.h"
#include "common/file.h"
#include "sas.h"

#define PRIMARY "cHJpbWFyeSBrZXkgb2YgdGhlIGRldmljZQ=="
#define SECONDARY "c2Vjb25kYXJ5IGtleSBvZiB0aGUgZGV2aWNl"
#define OTHER "c29tZSBvdGhlciBrZXkgdGhhdCBpcyBsb25n"
#define INDIVIDUAL "/enrollments/dev?api-version=2021-10-01"
#define GROUP "/enrollmentGroups/line?api-version=2021-10-01"
#define FAR_FUTURE INT64_C(4102444800)
#define MECHANISM "attestationmechanism?api-version=2021-10-01"

static json_t *
by_keys(const char *primary, const char *secondary)
{
	return json_pack("{s:{s:s, s:{s:s*, s:s*}}}", "attestation", "type",
	    "symmetricKey", "symmetricKey", "primaryKey", primary,
	    "secondaryKey", secondary);
}

static void
put(struct cloud *cloud, const char *target, json_t *body, const char *if_match)
{
	struct reply reply =
	    cloud_call(cloud, SURFACE_DPS, "PUT", target, body, if_match);

	assert_string_equal(reply.reason, "");
	assert_status(&reply, 200);
}

static void
assert_assigned(struct cloud *cloud, const char *id, const char *key)
{
	struct reply reply = cloud_register_signed(cloud, id, key, "{}");

	assert_string_equal(reply.reason, "");
	assert_string_equal(reply_text(&reply, "status"), "assigned");
	assert_status(&reply, 200);
}

static void
admits_a_device_by_either_of_its_keys(void **state)
{
	struct reply reply;

	put(*state, INDIVIDUAL, by_keys(PRIMARY, SECONDARY), NULL);
	assert_assigned(*state, "dev", PRIMARY);
	assert_assigned(*state, "dev", SECONDARY);
	reply = cloud_register_signed(*state, "dev", OTHER, "{}");
	assert_refused(&reply, 401, 401002, "does not match");
}

static void
binds_a_signature_to_one_registration(void **state)
{
	CLEANUP(string) char *token = cloud_sign("other", PRIMARY);
	struct reply reply;

	put(*state, INDIVIDUAL, by_keys(PRIMARY, SECONDARY), NULL);
	reply = cloud_call_signed(*state, token, "PUT",
	    "/" FIXTURE_SCOPE
	    "/registrations/dev/register?api-version=2021-06-01",
	    "{}");
	assert_refused(&reply, 401, 401002, "registrations/other");
	reply = cloud_call_signed(*state, NULL, "PUT",
	    "/" FIXTURE_SCOPE
	    "/registrations/dev/register?api-version=2021-06-01",
	    "{}");
	assert_refused(&reply, 401, 401002, "Authorization header");
}

static struct reply
register_by_policy(struct cloud *cloud, const char *policy)
{
	CLEANUP(string) char *token = NULL;
	struct error err;

	assert_int_equal(sas_create(FIXTURE_SCOPE "/registrations/dev", policy,
			     PRIMARY, FAR_FUTURE, &token, &err),
	    ERROR_NONE);
	return cloud_call_signed(cloud, token, "PUT",
	    "/" FIXTURE_SCOPE
	    "/registrations/dev/register?api-version=2021-06-01",
	    "{}");
}

static void
asks_a_device_for_the_policy_that_devices_sign_by(void **state)
{
	struct cloud *cloud = *state;
	static const char *const wrong[] = {
	    "", "Registration", "provisioningserviceowner"};
	struct reply reply;
	struct error err;

	put(cloud, INDIVIDUAL, by_keys(PRIMARY, SECONDARY), NULL);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		reply = register_by_policy(cloud, wrong[i]);
		assert_refused(&reply, 401, 401002, wrong[i]);
	}
	reply = register_by_policy(cloud, "registration");
	assert_status(&reply, 202);
	assert_int_equal(
	    quirks_add(&cloud->options.quirks, "device-policy=any", &err),
	    ERROR_NONE);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		reply = register_by_policy(cloud, wrong[i]);
		assert_status(&reply, 202);
	}
}

/* As a device of the group computes it. */
static char *
derived(const char *group_key, const char *id)
{
	unsigned char *key = NULL;
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned mac_length;
	size_t length;
	struct error err;

	assert_int_equal(
	    base64_decode(group_key, &key, &length, &err), ERROR_NONE);
	assert_non_null(HMAC(EVP_sha256(), key, (int)length,
	    (const unsigned char *)id, strlen(id), mac, &mac_length));
	free(key);
	return base64_encode(mac, mac_length);
}

static void
admits_devices_by_keys_derived_from_the_groups(void **state)
{
	CLEANUP(string) char *first = derived(PRIMARY, "dev-1");
	CLEANUP(string) char *second = derived(SECONDARY, "dev-2");
	struct reply reply;

	put(*state, "/enrollmentGroups/another?api-version=2021-10-01",
	    by_keys(OTHER, OTHER), NULL);
	put(*state, GROUP, by_keys(PRIMARY, SECONDARY), NULL);
	assert_assigned(*state, "dev-1", first);
	assert_assigned(*state, "dev-2", second);
	reply = cloud_register_signed(*state, "dev-2", first, "{}");
	assert_refused(&reply, 401, 401002, "by no enrolled key");
	reply = cloud_register_signed(*state, "dev-1", first, "{}");
	assert_string_equal(reply_text(&reply, "registrationState.symmetricKey."
					       "enrollmentGroupId"),
	    "line");
	reply_done(&reply);
}

static void
derives_the_key_of_a_device_from_its_id_in_lower_case(void **state)
{
	CLEANUP(string) char *lower = derived(PRIMARY, "dev-1");
	CLEANUP(string) char *as_sent = derived(PRIMARY, "DEV-1");
	struct reply reply;

	put(*state, GROUP, by_keys(PRIMARY, SECONDARY), NULL);
	reply = cloud_register_signed(*state, "DEV-1", as_sent, "{}");
	assert_refused(&reply, 401, 401002, "in lower case?");
	assert_assigned(*state, "DEV-1", lower);
}

static void
shows_keys_to_who_asks_for_them_and_nowhere_else(void **state)
{
	struct reply reply;

	put(*state, INDIVIDUAL, by_keys(PRIMARY, SECONDARY), NULL);
	reply = cloud_call(*state, SURFACE_DPS, "GET", INDIVIDUAL, NULL, NULL);
	assert_string_equal(
	    reply_text(&reply, "attestation.type"), "symmetricKey");
	assert_null(json_object_get(
	    json_object_get(reply.body, "attestation"), "symmetricKey"));
	reply_done(&reply);
	reply = cloud_call(*state, SURFACE_DPS, "POST",
	    "/enrollments/dev/" MECHANISM, NULL, NULL);
	assert_string_equal(
	    reply_text(&reply, "symmetricKey.primaryKey"), PRIMARY);
	assert_string_equal(
	    reply_text(&reply, "symmetricKey.secondaryKey"), SECONDARY);
	reply_done(&reply);
	reply = cloud_call(*state, SURFACE_DPS, "POST",
	    "/enrollmentgroups/line/" MECHANISM, NULL, NULL);
	assert_refused(&reply, 404, 404204, "no enrollment group");
}

static void
makes_keys_once_and_keeps_them_through_updates(void **state)
{
	CLEANUP(string) char *key = NULL;
	struct reply reply;
	json_t *record;

	put(*state, INDIVIDUAL, by_keys(NULL, ""), NULL);
	reply = cloud_call(*state, SURFACE_DPS, "POST",
	    "/enrollments/dev/" MECHANISM, NULL, NULL);
	key = strdup(reply_text(&reply, "symmetricKey.primaryKey"));
	assert_int_equal(strlen(key), 88); /* base64 of 64 bytes */
	assert_string_not_equal(
	    key, reply_text(&reply, "symmetricKey.secondaryKey"));
	reply_done(&reply);

	/* get, change, put: the record comes back without its keys */
	reply = cloud_call(*state, SURFACE_DPS, "GET", INDIVIDUAL, NULL, NULL);
	record = json_incref(reply.body);
	reply_done(&reply);
	assert_int_equal(
	    json_object_set_new(record, "deviceId", json_string("pump")), 0);
	put(*state, INDIVIDUAL, record, "*");
	assert_assigned(*state, "dev", key);
}

/* The hub knows the device by the keys that it registered with. */
static void
lets_the_device_send_to_the_hub_by_its_key(void **state)
{
	CLEANUP(string) char *token = NULL;
	struct reply reply;
	struct error err;

	put(*state, INDIVIDUAL, by_keys(PRIMARY, SECONDARY), NULL);
	assert_assigned(*state, "dev", PRIMARY);
	assert_int_equal(sas_create(FIXTURE_HOST "%2Fdevices%2Fdev", "",
			     SECONDARY, INT64_C(4102444800), &token, &err),
	    ERROR_NONE);
	reply = cloud_call_signed(*state, token, "POST",
	    "/devices/dev/messages/events?api-version=2021-04-12", "hello");
	assert_status(&reply, 204);
	free(token);
	token = NULL;
	assert_int_equal(sas_create(FIXTURE_HOST "%2Fdevices%2Fother", "",
			     SECONDARY, INT64_C(4102444800), &token, &err),
	    ERROR_NONE);
	reply = cloud_call_signed(*state, token, "POST",
	    "/devices/dev/messages/events?api-version=2021-04-12", "hello");
	assert_int_equal(reply.status, 401);
	reply_done(&reply);
}

int
main(void)
{
#define TEST(function)                                                         \
	cmocka_unit_test_setup_teardown(function, cloud_setup, cloud_teardown)
	const struct CMUnitTest tests[] = {
	    TEST(admits_a_device_by_either_of_its_keys),
	    TEST(binds_a_signature_to_one_registration),
	    TEST(asks_a_device_for_the_policy_that_devices_sign_by),
	    TEST(admits_devices_by_keys_derived_from_the_groups),
	    TEST(derives_the_key_of_a_device_from_its_id_in_lower_case),
	    TEST(shows_keys_to_who_asks_for_them_and_nowhere_else),
	    TEST(makes_keys_once_and_keeps_them_through_updates),
	    TEST(lets_the_device_send_to_the_hub_by_its_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
