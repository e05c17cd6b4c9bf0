/* SPDX-License-Identifier: MIT */
/* Which enrollment admits a device, and what becomes of it in the hub. */
#include "cmocka_wrap.h"

#include <string.h>

#include "cloud_fixture.h"
#include "pki_fixture.h"

#define EVENTS "/devices/dev/messages/events?api-version=2021-04-12"
#define DEVICEBOUND "/devices/dev/messages/devicebound?api-version=2021-04-12"
#define DEVICE "/devices/dev?api-version=2021-04-12"
#define MODULE "/devices/dev/modules/agent?api-version=2021-04-12"
#define TWIN "/twins/dev?api-version=2021-04-12"
#define INDIVIDUAL "/enrollments/dev?api-version=2021-10-01"
#define GROUP "/enrollmentGroups/weak?api-version=2021-10-01"
#define REGISTER                                                               \
	"/" FIXTURE_SCOPE "/registrations/dev/register?api-version=2021-06-01"

static void
assigns_to_the_group_nearest_to_the_leaf(void **state)
{
	struct plant *plant = *state;

	cloud_enroll(plant->cloud, ENROLLMENT_GROUP, "far",
	    plant->root.certificate, NULL, NULL);
	assert_registers(
	    plant, "registrationState.x509.enrollmentGroupId", "far");
	cloud_enroll(plant->cloud, ENROLLMENT_GROUP, "near",
	    plant->intermediate.certificate, NULL, NULL);
	assert_registers(
	    plant, "registrationState.x509.enrollmentGroupId", "near");
}

static void
does_not_go_past_a_disabled_group(void **state)
{
	struct plant *plant = *state;
	struct reply reply;

	cloud_enroll(plant->cloud, ENROLLMENT_GROUP, "far",
	    plant->root.certificate, NULL, NULL);
	cloud_enroll(plant->cloud, ENROLLMENT_GROUP, "near",
	    plant->intermediate.certificate, NULL,
	    json_pack("{s:s}", "provisioningStatus", "disabled"));
	reply = cloud_register(plant->cloud, plant->chain, "dev");
	assert_refused(&reply, 401, 401002, "'near' is disabled");
}

static void
lets_an_individual_enrollment_decide_alone(void **state)
{
	struct plant *plant = *state;
	struct reply reply;

	cloud_enroll(plant->cloud, ENROLLMENT_GROUP, "line",
	    plant->root.certificate, NULL, NULL);
	cloud_enroll(plant->cloud, ENROLLMENT_INDIVIDUAL, "dev",
	    plant->intermediate.certificate, NULL, NULL);
	reply = cloud_register(plant->cloud, plant->chain, "dev");
	assert_refused(&reply, 401, 401002, "neither the primary");
}

static void
takes_primary_and_secondary_alike(void **state)
{
	struct plant *plant = *state;
	CLEANUP_DONE(identity)
	struct identity next = identity_create(
	    &(struct identity_plan){.common_name = "next root", .is_ca = true});

	cloud_enroll(plant->cloud, ENROLLMENT_GROUP, "line", next.certificate,
	    plant->root.certificate, NULL);
	assert_registers(
	    plant, "registrationState.x509.enrollmentGroupId", "line");
	cloud_enroll(plant->cloud, ENROLLMENT_INDIVIDUAL, "dev",
	    plant->root.certificate, plant->device.certificate,
	    json_pack("{s:s}", "deviceId", "Pump-17"));
	assert_registers(plant, "registrationState.deviceId", "Pump-17");
}

/* A device that begins anew is the enrollment's: edge or not, no modules. */
static void
takes_edge_from_the_enrollment_at_a_reset_only(void **state)
{
	static const struct {
		bool migrate;
		bool edge;
		unsigned module_status;
	} cases[] = {
	    {true,  false, 200},
	    {false, true,  404},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct plant *plant;
		struct reply reply;

		assert_int_equal(plant_setup(state), 0);
		plant = *state;
		plant->cloud->options.lenient_etags = true;
		cloud_enroll(plant->cloud, ENROLLMENT_GROUP, "line",
		    plant->root.certificate, NULL, NULL);
		assert_registers(plant, "status", "assigned");
		reply = cloud_call(plant->cloud, SURFACE_HUB, "PUT", MODULE,
		    json_object(), NULL);
		assert_status(&reply, 200);
		cloud_enroll(plant->cloud, ENROLLMENT_GROUP, "line",
		    plant->root.certificate, NULL,
		    json_pack("{s:[s], s:{s:b}, s:{s:b}}", "iotHubs",
			"new.example", "capabilities", "iotEdge", true,
			"reprovisionPolicy", "migrateDeviceData",
			cases[i].migrate));
		assert_registers(plant, "status", "assigned");
		reply = cloud_call(
		    plant->cloud, SURFACE_HUB, "GET", DEVICE, NULL, NULL);
		assert_int_equal(
		    json_is_true(json_object_get(
			json_object_get(reply.body, "capabilities"),
			"iotEdge")),
		    cases[i].edge);
		reply_done(&reply);
		reply = cloud_call(
		    plant->cloud, SURFACE_HUB, "GET", MODULE, NULL, NULL);
		assert_status(&reply, cases[i].module_status);
		assert_int_equal(plant_teardown(state), 0);
	}
}

static void
applies_the_reprovisioning_policy_when_the_hub_changes(void **state)
{
	static const struct {
		bool update;
		bool migrate;
		const char *hub;
		const char *substatus;
		const char *site; /* of the twin */
	} cases[] = {
	    {true,  true,  "new.example", "deviceDataMigrated", "old"},
	    {true,  false, "new.example", "deviceDataReset",    "new"},
	    {false, false, FIXTURE_HUB,   "initialAssignment",  "old"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct plant *plant;
		struct reply reply;

		assert_int_equal(plant_setup(state), 0);
		plant = *state;
		plant->cloud->options.lenient_etags = true;
		cloud_enroll(plant->cloud, ENROLLMENT_GROUP, "line",
		    plant->root.certificate, NULL,
		    json_pack(
			"{s:{s:{s:s}}}", "initialTwin", "tags", "site", "old"));
		assert_registers(
		    plant, "registrationState.assignedHub", FIXTURE_HUB);
		cloud_enroll(plant->cloud, ENROLLMENT_GROUP, "line",
		    plant->root.certificate, NULL,
		    json_pack("{s:[s], s:{s:b, s:b}, s:{s:{s:s}}}", "iotHubs",
			"new.example", "reprovisionPolicy",
			"updateHubAssignment", cases[i].update,
			"migrateDeviceData", cases[i].migrate, "initialTwin",
			"tags", "site", "new"));
		assert_registers(
		    plant, "registrationState.substatus", cases[i].substatus);
		assert_registers(
		    plant, "registrationState.assignedHub", cases[i].hub);
		reply = cloud_call(
		    plant->cloud, SURFACE_HUB, "GET", TWIN, NULL, NULL);
		assert_string_equal(
		    reply_text(&reply, "tags.site"), cases[i].site);
		reply_done(&reply);
		assert_int_equal(plant_teardown(state), 0);
	}
}

/* A renewed certificate is good for the hub only after a new registration. */
static void
takes_telemetry_with_the_certificate_that_registered(void **state)
{
	struct plant *plant = *state;
	CLEANUP_DONE(identity)
	struct identity renewed = identity_create(&(struct identity_plan){
	    .common_name = "dev", .issuer = &plant->intermediate});
	CLEANUP(chain)
	x509_stack *chain = chain_of(
	    renewed.certificate, plant->intermediate.certificate, NULL);
	struct reply reply;

	cloud_enroll(plant->cloud, ENROLLMENT_GROUP, "line",
	    plant->root.certificate, NULL, NULL);
	assert_registers(plant, "status", "assigned");
	reply = cloud_call_as(plant->cloud, plant->chain, "POST", EVENTS, "a");
	assert_status(&reply, 204);
	reply = cloud_call_as(plant->cloud, chain, "POST", EVENTS, "b");
	assert_status(&reply, 401);
	reply = cloud_register(plant->cloud, chain, "dev");
	assert_status(&reply, 200);
	reply = cloud_call_as(plant->cloud, chain, "POST", EVENTS, "c");
	assert_status(&reply, 204);
	reply = cloud_call_as(plant->cloud, plant->chain, "POST", EVENTS, "d");
	assert_status(&reply, 401);
	reply = cloud_call_as(plant->cloud, NULL, "POST", EVENTS, "e");
	assert_status(&reply, 401);
	/* What asks for messages from the cloud is told that there are none. */
	reply = cloud_call_as(plant->cloud, chain, "GET", DEVICEBOUND, NULL);
	assert_status(&reply, 204);
	reply =
	    cloud_call_as(plant->cloud, plant->chain, "GET", DEVICEBOUND, NULL);
	assert_status(&reply, 401);
}

static void
keeps_generation_and_twin_of_a_device_that_registers_again(void **state)
{
	struct plant *plant = *state;
	struct reply first, second;

	cloud_enroll(plant->cloud, ENROLLMENT_GROUP, "line",
	    plant->root.certificate, NULL, NULL);
	assert_registers(plant, "status", "assigned");
	first =
	    cloud_call(plant->cloud, SURFACE_HUB, "GET", DEVICE, NULL, NULL);
	assert_registers(
	    plant, "registrationState.substatus", "initialAssignment");
	second =
	    cloud_call(plant->cloud, SURFACE_HUB, "GET", DEVICE, NULL, NULL);
	assert_string_equal(reply_text(&first, "generationId"),
	    reply_text(&second, "generationId"));
	reply_done(&first);
	reply_done(&second);
}

/* PUT of an enrollment by this certificate at target. */
static struct reply
enroll_by(struct cloud *cloud, const char *target, const char *member,
    const X509 *certificate)
{
	CLEANUP(string) char *pem = fixture_pem(certificate);

	return cloud_call(cloud, SURFACE_DPS, "PUT", target,
	    json_pack("{s:{s:s, s:{s:{s:{s:s}}}}}", "attestation", "type",
		"x509", "x509", member, "primary", "certificate", pem),
	    NULL);
}

static void
enrolls_no_certificate_that_is_too_weak(void **state)
{
	struct plant *plant = *state;
	CLEANUP_DONE(identity)
	struct identity leaf = identity_create(&(struct identity_plan){
	    .common_name = "dev", .key_type = "RSA-1024"});
	CLEANUP_DONE(identity)
	struct identity ca = identity_create(&(struct identity_plan){
	    .common_name = "old root", .is_ca = true, .key_type = "RSA-1024"});
	struct reply reply;

	reply = enroll_by(
	    plant->cloud, INDIVIDUAL, "clientCertificates", leaf.certificate);
	assert_refused(&reply, 400, 400004, "too weak");
	reply = enroll_by(
	    plant->cloud, GROUP, "signingCertificates", ca.certificate);
	assert_refused(&reply, 400, 400004, "too weak");
	/* Of a CA that is trusted the signature proves nothing. */
	assert_true(X509_sign(plant->root.certificate, plant->root.key,
			EVP_sha1()) > 0);
	reply = enroll_by(plant->cloud, GROUP, "signingCertificates",
	    plant->root.certificate);
	assert_status(&reply, 200);
}

/* What the record says holds for the status that it has. */
static void
assert_says_only(
    struct plant *plant, const char *status, bool is_assigned, bool has_failed)
{
	struct reply reply = cloud_call(plant->cloud, SURFACE_DPS, "GET",
	    "/registrations/dev?api-version=2021-10-01", NULL, NULL);

	assert_string_equal(reply_text(&reply, "status"), status);
	assert_int_equal(
	    json_object_get(reply.body, "assignedHub") != NULL, is_assigned);
	assert_int_equal(
	    json_object_get(reply.body, "deviceId") != NULL, is_assigned);
	assert_int_equal(
	    json_object_get(reply.body, "substatus") != NULL, is_assigned);
	assert_int_equal(
	    json_object_get(reply.body, "x509") != NULL, is_assigned);
	assert_int_equal(
	    json_object_get(reply.body, "errorCode") != NULL, has_failed);
	assert_int_equal(
	    json_object_get(reply.body, "errorMessage") != NULL, has_failed);
	assert_status(&reply, 200);
}

static void
fail_next(struct plant *plant)
{
	struct reply reply =
	    cloud_call_signed(plant->cloud, "Bearer " FIXTURE_TOKEN, "POST",
		"/faults", "{\"name\":\"failed\"}");

	assert_status(&reply, 200);
	assert_registers(plant, "status", "failed");
}

static void
says_of_a_registration_only_what_still_holds(void **state)
{
	struct plant *plant = *state;
	struct reply reply;

	plant_enroll_line(plant, NULL);
	fail_next(plant);
	assert_says_only(plant, "failed", false, true);
	assert_registers(plant, "status", "assigned");
	assert_says_only(plant, "assigned", true, false);
	fail_next(plant);
	assert_says_only(plant, "failed", false, true);
	reply =
	    cloud_call_as(plant->cloud, plant->chain, "PUT", REGISTER, "{}");
	assert_status(&reply, 202);
	assert_says_only(plant, "assigning", false, false);
}

/* The failure is no reason to move it, or to begin anew. */
static void
knows_after_a_failure_where_a_device_is(void **state)
{
	struct plant *plant = *state;

	plant->cloud->options.lenient_etags = true;
	plant_enroll_line(plant, NULL);
	assert_registers(plant, "status", "assigned");
	fail_next(plant);
	plant_enroll_line(
	    plant, json_pack("{s:[s], s:{s:b}}", "iotHubs", "new.example",
		       "reprovisionPolicy", "updateHubAssignment", false));
	assert_registers(plant, "registrationState.assignedHub", FIXTURE_HUB);
	fail_next(plant);
	plant_enroll_line(
	    plant, json_pack("{s:[s]}", "iotHubs", "new.example"));
	assert_registers(
	    plant, "registrationState.substatus", "deviceDataMigrated");
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, plant_setup, plant_teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(assigns_to_the_group_nearest_to_the_leaf),
	    TEST(does_not_go_past_a_disabled_group),
	    TEST(lets_an_individual_enrollment_decide_alone),
	    TEST(takes_primary_and_secondary_alike),
	    cmocka_unit_test(takes_edge_from_the_enrollment_at_a_reset_only),
	    cmocka_unit_test(
		applies_the_reprovisioning_policy_when_the_hub_changes),
	    TEST(takes_telemetry_with_the_certificate_that_registered),
	    TEST(keeps_generation_and_twin_of_a_device_that_registers_again),
	    TEST(enrolls_no_certificate_that_is_too_weak),
	    TEST(says_of_a_registration_only_what_still_holds),
	    TEST(knows_after_a_failure_where_a_device_is),
	};

	return cmocka_run_group_tests_name(
	    "cloud assignment", tests, NULL, NULL);
}
