/* SPDX-License-Identifier: MIT */
/* CA certificates: proof of possession, and enrollments that name them. */
#include "cmocka_wrap.h"

#include <string.h>

#include "cloud_fixture.h"
#include "common/file.h"
#include "pki_fixture.h"

#define PLANT_CA "/certificates/plant"
#define VERSION "?api-version=2022-02-05"
#define SERVICE "?api-version=2021-10-01"

static struct reply
administer(
    struct plant *plant, const char *method, const char *target, json_t *body)
{
	CLEANUP(string) char *text = body ? json_text(body) : NULL;

	json_decref(body);
	return cloud_call_signed(
	    plant->cloud, "Bearer " FIXTURE_TOKEN, method, target, text);
}

static json_t *
certificate_body(const X509 *certificate)
{
	CLEANUP(string) char *pem = fixture_pem(certificate);

	return json_pack("{s:{s:s}}", "properties", "certificate", pem);
}

static void
upload(struct plant *plant)
{
	struct reply reply = administer(plant, "PUT", PLANT_CA VERSION,
	    certificate_body(plant->root.certificate));

	assert_string_equal(reply.reason, "");
	assert_status(&reply, 200);
}

/* The code that the server wants to see; the caller frees it. */
static char *
new_code(struct plant *plant)
{
	struct reply reply = administer(
	    plant, "POST", PLANT_CA "/generateVerificationCode" VERSION, NULL);
	char *code = strdup(reply_text(&reply, "properties.verificationCode"));

	assert_status(&reply, 200);
	assert_int_equal(strlen(code), 48);
	return code;
}

/* Shows a certificate for name, by issuer. */
static struct reply
prove(struct plant *plant, const char *name, const struct identity *issuer)
{
	CLEANUP_DONE(identity)
	struct identity proof = identity_create(
	    &(struct identity_plan){.common_name = name, .issuer = issuer});
	CLEANUP(string) char *pem = fixture_pem(proof.certificate);

	return administer(plant, "POST", PLANT_CA "/verify" VERSION,
	    json_pack("{s:s}", "certificate", pem));
}

static void
verifies_by_a_certificate_for_the_code_by_the_ca(void **state)
{
	struct plant *plant = *state;
	CLEANUP(string) char *code = NULL;
	struct reply reply;

	upload(plant);
	reply = prove(plant, "early", &plant->root);
	assert_refused(&reply, 400, 400004, "generate a verification code");
	code = new_code(plant);
	reply = prove(plant, "something else", &plant->root);
	assert_refused(&reply, 400, 400004, "must be the verification code");
	reply = prove(plant, code, &plant->intermediate);
	assert_refused(&reply, 400, 400004, "not signed by the CA");
	reply = prove(plant, code, NULL);
	assert_refused(&reply, 400, 400004, "not signed by the CA");
	reply = prove(plant, code, &plant->root);
	assert_true(json_is_true(json_object_get(
	    json_object_get(reply.body, "properties"), "isVerified")));
	assert_status(&reply, 200);
	reply = prove(plant, code, &plant->root); /* a code is good once */
	assert_refused(&reply, 400, 400004, "generate a verification code");
}

static void
is_for_the_administrator_only(void **state)
{
	struct plant *plant = *state;
	struct reply reply;

	reply = cloud_call_signed(
	    plant->cloud, NULL, "GET", "/certificates" VERSION, NULL);
	assert_refused(&reply, 401, 401002, "administrator's token");
	reply = cloud_call_signed(plant->cloud, "Bearer " FIXTURE_TOKEN "x",
	    "GET", "/certificates" VERSION, NULL);
	assert_refused(&reply, 401, 401002, "administrator's token");
	reply = cloud_call(plant->cloud, SURFACE_DPS, "GET",
	    "/certificates" VERSION, NULL, NULL);
	assert_refused(&reply, 401, 401002, "administrator's token");
}

static json_t *
by_reference(const char *name)
{
	return json_pack("{s:{s:s, s:{s:{s:s}}}}", "attestation", "type",
	    "x509", "x509", "caReferences", "primary", name);
}

static void
admits_devices_of_a_ca_that_is_named_once_it_is_verified(void **state)
{
	struct plant *plant = *state;
	CLEANUP(string) char *code = NULL;
	struct reply reply;

	upload(plant);
	reply = cloud_call(plant->cloud, SURFACE_DPS, "PUT",
	    "/enrollmentGroups/line" SERVICE, by_reference("nobody"), NULL);
	assert_refused(&reply, 400, 400004, "no CA certificate 'nobody'");
	reply = cloud_call(plant->cloud, SURFACE_DPS, "PUT",
	    "/enrollmentGroups/line" SERVICE, by_reference("plant"), NULL);
	assert_refused(&reply, 400, 400004, "is not verified");

	code = new_code(plant);
	reply = prove(plant, code, &plant->root);
	assert_status(&reply, 200);
	reply = cloud_call(plant->cloud, SURFACE_DPS, "PUT",
	    "/enrollmentGroups/line" SERVICE, by_reference("plant"), NULL);
	assert_status(&reply, 200);
	assert_registers(
	    plant, "registrationState.x509.enrollmentGroupId", "line");

	reply = administer(plant, "DELETE", PLANT_CA VERSION, NULL);
	assert_refused(&reply, 409, 409201, "Enrollments name");
	reply = administer(plant, "PUT", PLANT_CA VERSION,
	    certificate_body(plant->intermediate.certificate));
	assert_refused(&reply, 409, 409201, "Enrollments name");
}

static void
admits_one_device_by_its_ca_and_its_name(void **state)
{
	struct plant *plant = *state;
	CLEANUP(string) char *code = NULL;
	struct reply reply;

	upload(plant);
	code = new_code(plant);
	reply = prove(plant, code, &plant->root);
	assert_status(&reply, 200);
	reply = cloud_call(plant->cloud, SURFACE_DPS, "PUT",
	    "/enrollments/dev" SERVICE, by_reference("plant"), NULL);
	assert_status(&reply, 200);
	assert_registers(plant, "registrationState.deviceId", "dev");
}

static void
keeps_what_it_was_given_and_refuses_what_is_no_ca(void **state)
{
	struct plant *plant = *state;
	struct reply reply;

	reply = administer(plant, "PUT", PLANT_CA VERSION,
	    certificate_body(plant->device.certificate));
	assert_refused(&reply, 400, 400004, "not a CA certificate");
	reply = administer(plant, "PUT", PLANT_CA VERSION, json_object());
	assert_int_equal(reply.status, 400);
	reply_done(&reply);
	upload(plant);
	reply = administer(plant, "GET", "/certificates" VERSION, NULL);
	assert_int_equal(
	    json_array_size(json_object_get(reply.body, "value")), 1);
	assert_status(&reply, 200);
	reply = administer(plant, "DELETE", PLANT_CA VERSION, NULL);
	assert_status(&reply, 204);
	reply = administer(plant, "GET", PLANT_CA VERSION, NULL);
	assert_refused(&reply, 404, 404000, "no CA certificate");
}

int
main(void)
{
#define TEST(function)                                                         \
	cmocka_unit_test_setup_teardown(function, plant_setup, plant_teardown)
	const struct CMUnitTest tests[] = {
	    TEST(verifies_by_a_certificate_for_the_code_by_the_ca),
	    TEST(is_for_the_administrator_only),
	    TEST(admits_devices_of_a_ca_that_is_named_once_it_is_verified),
	    TEST(admits_one_device_by_its_ca_and_its_name),
	    TEST(keeps_what_it_was_given_and_refuses_what_is_no_ca),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
