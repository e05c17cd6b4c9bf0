/* SPDX-License-Identifier: MIT */
/* Shared access policies: what their holders may, and what they may not. */
#include "cmocka_wrap.h"

#include <string.h>

#include "cloud_fixture.h"
#include "common/file.h"
#include "common/time.h"
#include "policy_store.h"
#include "sas.h"

#define SERVICE "?api-version=2021-10-01"
#define SOON 3600

static struct policy
get(struct plant *plant, enum surface surface, const char *name)
{
	struct policy policy;
	struct error err;

	assert_int_equal(
	    policy_get(plant->cloud->database, surface, name, &policy, &err),
	    ERROR_NONE);
	return policy;
}

/* The header of who signs with key. The caller frees it. */
static char *
sign(const char *name, const char *key)
{
	char *token = NULL;
	struct error err;

	assert_int_equal(sas_create(FIXTURE_HOST, name, key, time_now() + SOON,
			     &token, &err),
	    ERROR_NONE);
	return token;
}

/* That of who holds a policy of surface. */
static char *
sign_by(struct plant *plant, enum surface surface, const char *name)
{
	CLEANUP_DONE(policy) struct policy policy = get(plant, surface, name);

	return sign(name, policy.primary_key);
}

static unsigned
ask(struct plant *plant, enum surface surface, const char *name,
    const char *method, const char *target)
{
	CLEANUP(string) char *header = sign_by(plant, surface, name);
	struct reply reply = cloud_call_signed(plant->cloud, header, method,
	    target, strcmp(method, "GET") == 0 ? NULL : "{}");
	unsigned status = reply.status;

	if (status == 401)
		assert_non_null(
		    strstr(reply_text(&reply,
			       surface == SURFACE_HUB ? "Message" : "message"),
			name));
	reply_done(&reply);
	return status;
}

static void
gives_only_the_rights_that_a_policy_of_the_hub_has(void **state)
{
	static const struct {
		const char *method;
		const char *target;
		bool service, device, reader, writer;
	} calls[] = {
	    {"GET",    "/devices" SERVICE,            false, false, true,  true },
	    {"GET",    "/devices/dev" SERVICE,        false, false, true,  true },
	    {"PUT",    "/devices/dev" SERVICE,        false, false, false, true },
	    {"DELETE", "/devices/dev" SERVICE,        false, false, false, true },
	    {"GET",    "/statistics/devices" SERVICE, false, false, true,  true },
	    {"POST",   "/devices/query" SERVICE,      true,  false, false, false},
	    {"GET",    "/twins/dev" SERVICE,          true,  false, false, false},
	    {"PATCH",  "/twins/dev" SERVICE,          true,  false, false, false},
	};
	struct plant *plant = *state;

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		const char *method = calls[i].method, *to = calls[i].target;

		print_message("%s %s\n", method, to);
		assert_int_equal(
		    ask(plant, SURFACE_HUB, "service", method, to) != 401,
		    calls[i].service);
		assert_int_equal(
		    ask(plant, SURFACE_HUB, "device", method, to) != 401,
		    calls[i].device);
		assert_int_equal(
		    ask(plant, SURFACE_HUB, "registryRead", method, to) != 401,
		    calls[i].reader);
		assert_int_equal(ask(plant, SURFACE_HUB, "registryReadWrite",
				     method, to) != 401,
		    calls[i].writer);
		assert_int_not_equal(
		    ask(plant, SURFACE_HUB, POLICY_HUB_OWNER, method, to), 401);
	}
}

static void
asks_for_the_rights_of_the_registry_for_modules(void **state)
{
	static const char module[] = "/devices/dev/modules/m" SERVICE;
	struct plant *plant = *state;
	struct reply made =
	    cloud_call(plant->cloud, SURFACE_HUB, "PUT", "/devices/dev" SERVICE,
		json_pack("{s:s}", "deviceId", "dev"), NULL);

	assert_int_equal(made.status, 200);
	reply_done(&made);
	assert_int_equal(
	    ask(plant, SURFACE_HUB, "service", "GET", module), 401);
	assert_int_equal(
	    ask(plant, SURFACE_HUB, "registryRead", "GET", module), 404);
	assert_int_equal(
	    ask(plant, SURFACE_HUB, "registryRead", "PUT", module), 401);
	assert_int_not_equal(
	    ask(plant, SURFACE_HUB, "registryReadWrite", "PUT", module), 401);
}

/* The administrator's call; the status. */
static unsigned
administer(struct plant *plant, const char *method, const char *target,
    const char *body)
{
	struct reply reply = cloud_call_signed(
	    plant->cloud, "Bearer " FIXTURE_TOKEN, method, target, body);
	unsigned status = reply.status;

	reply_done(&reply);
	return status;
}

static void
gives_only_the_rights_that_a_policy_of_dps_was_made_with(void **state)
{
	static const struct {
		const char *right;
		const char *method;
		const char *target;
	} calls[] = {
	    {"EnrollmentRead",          "GET",    "/enrollments/x" SERVICE     },
	    {"EnrollmentRead",          "POST",   "/enrollments/query" SERVICE },
	    {"EnrollmentRead",          "POST",
             "/enrollmentGroups/x/attestationmechanism" SERVICE                },
	    {"EnrollmentWrite",         "PUT",    "/enrollments/x" SERVICE     },
	    {"EnrollmentWrite",         "DELETE", "/enrollmentGroups/x" SERVICE},
	    {"EnrollmentWrite",         "POST",   "/enrollments" SERVICE       },
	    {"RegistrationStatusRead",  "GET",    "/registrations/x" SERVICE   },
	    {"RegistrationStatusRead",  "POST",
             "/registrations/x/query" SERVICE                                  },
	    {"RegistrationStatusWrite", "DELETE", "/registrations/x" SERVICE   },
	};
	static const char *const rights[] = {"EnrollmentRead",
	    "EnrollmentWrite", "RegistrationStatusRead",
	    "RegistrationStatusWrite", "ServiceConfig", "DeviceConnect"};
	struct plant *plant = *state;

	for (size_t r = 0; r < sizeof(rights) / sizeof(rights[0]); r++) {
		CLEANUP(string)
		char *body = string_format("{\"rights\":[\"%s\"]}", rights[r]);

		assert_int_equal(
		    administer(plant, "PUT", "/policies/dps/one", body), 200);
		for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
			print_message("%s: %s %s\n", rights[r], calls[i].method,
			    calls[i].target);
			assert_int_equal(
			    ask(plant, SURFACE_DPS, "one", calls[i].method,
				calls[i].target) != 401,
			    strcmp(rights[r], calls[i].right) == 0);
		}
	}
}

static void
keeps_the_keys_of_a_policy_whose_rights_change(void **state)
{
	static const char one[] = "/policies/dps/one";
	struct plant *plant = *state;
	CLEANUP_DONE(policy) struct policy before = {0};
	CLEANUP_DONE(policy) struct policy after = {0};

	assert_int_equal(
	    administer(plant, "PUT", one, "{\"rights\":[\"EnrollmentRead\"]}"),
	    200);
	before = get(plant, SURFACE_DPS, "one");
	assert_int_equal(
	    administer(plant, "PUT", one, "{\"rights\":[\"EnrollmentWrite\"]}"),
	    200);
	after = get(plant, SURFACE_DPS, "one");
	assert_string_equal(before.primary_key, after.primary_key);
	assert_string_equal(before.secondary_key, after.secondary_key);
	assert_int_equal(administer(plant, "DELETE", one, NULL), 204);
	assert_int_equal(administer(plant, "DELETE", one, NULL), 404);
}

static unsigned
list_devices(struct plant *plant, const char *key)
{
	CLEANUP(string) char *header = sign(POLICY_HUB_OWNER, key);
	struct reply reply = cloud_call_signed(
	    plant->cloud, header, "GET", "/devices" SERVICE, NULL);
	unsigned status = reply.status;

	reply_done(&reply);
	return status;
}

static void
takes_signatures_by_either_key_of_a_policy(void **state)
{
	struct plant *plant = *state;
	CLEANUP_DONE(policy)
	struct policy owner = get(plant, SURFACE_HUB, POLICY_HUB_OWNER);
	CLEANUP_DONE(policy)
	struct policy other = get(plant, SURFACE_DPS, POLICY_DPS_OWNER);

	assert_string_not_equal(owner.primary_key, owner.secondary_key);
	assert_int_equal(list_devices(plant, owner.primary_key), 200);
	assert_int_equal(list_devices(plant, owner.secondary_key), 200);
	assert_int_equal(list_devices(plant, other.secondary_key), 401);
}

static void
refuses_policies_that_make_no_sense(void **state)
{
	static const struct {
		const char *target;
		const char *body;
	} cases[] = {
	    {"/policies/est/one", "{\"rights\":[\"EnrollmentRead\"]}"},
	    {"/policies/dps/one", "{\"rights\":[\"RegistryRead\"]}"  },
	    {"/policies/dps/one", "{\"rights\":[]}"                  },
	    {"/policies/dps/one", "{\"rights\":[7]}"                 },
	    {"/policies/dps/one", "{}"                               },
	};
	struct plant *plant = *state;
	struct reply reply;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(
		    administer(plant, "PUT", cases[i].target, cases[i].body),
		    400);
	reply = cloud_call_signed(
	    plant->cloud, "Bearer wrong", "GET", "/policies", NULL);
	assert_int_equal(reply.status, 401);
	reply_done(&reply);
	reply = cloud_call_signed(
	    plant->cloud, "Bearer " FIXTURE_TOKEN, "GET", "/policies", NULL);
	assert_int_equal(reply.status, 200);
	assert_int_equal(json_array_size(reply.body), 6);
	reply_done(&reply);
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, plant_setup, plant_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(gives_only_the_rights_that_a_policy_of_the_hub_has),
	    TEST(asks_for_the_rights_of_the_registry_for_modules),
	    TEST(gives_only_the_rights_that_a_policy_of_dps_was_made_with),
	    TEST(keeps_the_keys_of_a_policy_whose_rights_change),
	    TEST(takes_signatures_by_either_key_of_a_policy),
	    TEST(refuses_policies_that_make_no_sense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
