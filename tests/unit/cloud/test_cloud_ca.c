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

/* body, which may be NULL, is taken. */
static struct reply
administer_if(struct plant *plant, const char *if_match, const char *method,
    const char *target, json_t *body)
{
	CLEANUP(string) char *text = body ? json_text(body) : NULL;

	json_decref(body);
	return plant_send(plant, &(struct plant_request){.caller = BY_ADMIN,
				     .method = method,
				     .target = target,
				     .body = text,
				     .length = text ? strlen(text) : 0,
				     .headers = {.if_match = if_match}});
}

static struct reply
administer(
    struct plant *plant, const char *method, const char *target, json_t *body)
{
	return administer_if(plant, NULL, method, target, body);
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

/* With a certificate for name, by issuer. */
static json_t *
proof_body(const char *name, const struct identity *issuer)
{
	CLEANUP_DONE(identity)
	struct identity proof = identity_create(
	    &(struct identity_plan){.common_name = name, .issuer = issuer});
	CLEANUP(string) char *pem = fixture_pem(proof.certificate);

	return json_pack("{s:s}", "certificate", pem);
}

static struct reply
prove(struct plant *plant, const char *name, const struct identity *issuer)
{
	return administer(plant, "POST", PLANT_CA "/verify" VERSION,
	    proof_body(name, issuer));
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

/* That of the header, which is the record's; the caller frees it. */
static char *
etag_of(const struct reply *reply)
{
	const char *header = reply_header(reply, "ETag");

	assert_int_equal(*header, '"');
	assert_string_equal(header, reply_text(reply, "etag"));
	return strdup(header);
}

static void
changes_what_the_etag_names_and_nothing_else(void **state)
{
	struct plant *plant = *state;
	CLEANUP(string) char *before = NULL;
	CLEANUP(string) char *after = NULL;
	CLEANUP(string) char *code = NULL;
	CLEANUP(string) char *stale = NULL;
	CLEANUP(string) char *etag = NULL;
	struct reply reply;

	upload(plant);
	reply = administer(plant, "GET", PLANT_CA VERSION, NULL);
	stale = etag_of(&reply);
	assert_status(&reply, 200);
	reply = administer_if(plant, stale, "POST",
	    PLANT_CA "/generateVerificationCode" VERSION, NULL);
	etag = etag_of(&reply);
	code = strdup(reply_text(&reply, "properties.verificationCode"));
	assert_string_not_equal(etag, stale);
	assert_status(&reply, 200);

	before = cloud_dump(plant->cloud);
	reply = administer_if(plant, stale, "PUT", PLANT_CA VERSION,
	    certificate_body(plant->intermediate.certificate));
	assert_refused(&reply, 412, 412001, "has changed since");
	reply = administer_if(plant, stale, "POST",
	    PLANT_CA "/generateVerificationCode" VERSION, NULL);
	assert_refused(&reply, 412, 412001, "has changed since");
	reply = administer_if(plant, stale, "POST", PLANT_CA "/verify" VERSION,
	    proof_body(code, &plant->root));
	assert_refused(&reply, 412, 412001, "has changed since");
	reply = administer_if(plant, stale, "DELETE", PLANT_CA VERSION, NULL);
	assert_refused(&reply, 412, 412001, "has changed since");
	after = cloud_dump(plant->cloud);
	assert_string_equal(before, after);

	reply = administer_if(plant, etag, "POST", PLANT_CA "/verify" VERSION,
	    proof_body(code, &plant->root));
	assert_status(&reply, 200);
	reply = administer_if(plant, "*", "PUT", PLANT_CA VERSION,
	    certificate_body(plant->intermediate.certificate));
	free(etag);
	etag = etag_of(&reply);
	assert_status(&reply, 200);
	reply = administer_if(plant, etag, "DELETE", PLANT_CA VERSION, NULL);
	assert_status(&reply, 204);
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
	    TEST(changes_what_the_etag_names_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
