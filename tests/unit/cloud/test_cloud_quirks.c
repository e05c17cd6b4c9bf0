/* SPDX-License-Identifier: MIT */
/* What the tester may choose where nobody knows for sure what Azure does. */
#include "cmocka_wrap.h"

#include <string.h>

#include "cloud_fixture.h"

#define REGISTER                                                               \
	"/" FIXTURE_SCOPE "/registrations/dev/register?api-version=2019-03-31"
#define OPERATION                                                              \
	"/" FIXTURE_SCOPE "/registrations/dev/operations/x"                    \
	"?api-version=2019-03-31"
#define INDIVIDUAL "/enrollments/dev?api-version=2021-10-01"
#define GROUP "/enrollmentGroups/line?api-version=2021-10-01"
#define EVENTS "/devices/nobody/messages/events?api-version=2021-04-12"
#define MODULES "/devices/dev/modules?api-version=2021-04-12"

static void
takes_no_choice_that_there_is_not(void **state)
{
	static const char *const texts[] = {"", "location",
	    "location=", "location=yes", "locatio=sent",
	    "409201=", "409201=200", "=sent", "409201=4090010", "200000=409001",
	    "409201=abcdef", "tpm-attributes=", "tpm-attributes=-1",
	    "tpm-attributes=100000000", "tpm-attributes=4g", "tpm-attributes=0",
	    "tpm-key-bytes=15", "tpm-key-bytes=65", "tpm-key-bytes=+32",
	    "tpm-key-bytes= 32"};
	struct quirks quirks = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct error err;

		assert_int_equal(
		    quirks_add(&quirks, texts[i], &err), ERROR_INVALID);
	}
	assert_int_equal(quirks.chosen, 0);
	assert_int_equal(quirks.number_count, 0);
	assert_int_equal(quirks.tpm_attributes, 0);
	assert_int_equal(quirks.tpm_key_bytes, 0);
}

static void
takes_back_a_choice_for_the_default(void **state)
{
	struct plant *plant = *state;

	plant_choose(plant, "location=sent");
	assert_true(quirks_has(&plant->cloud->options.quirks, QUIRK_LOCATION));
	plant_choose(plant, "location=none");
	assert_false(quirks_has(&plant->cloud->options.quirks, QUIRK_LOCATION));
}

static void
gives_an_error_another_number_and_its_status(void **state)
{
	struct plant *plant = *state;
	struct reply reply;

	plant_enroll_line(plant, NULL);
	plant_choose(plant, "404203=410001");
	reply =
	    cloud_call_as(plant->cloud, plant->chain, "GET", OPERATION, "{}");
	assert_refused(&reply, 410, 410001, "no operation");
	reply =
	    cloud_call_as(plant->cloud, plant->chain, "PUT", REGISTER, "[]");
	assert_refused(&reply, 400, 400004, "");
}

/* Within a state the status of the reply is another matter. */
static void
gives_a_failed_registration_another_number(void **state)
{
	struct plant *plant = *state;
	struct reply reply;

	plant_enroll_line(
	    plant, json_pack("{s:s, s:{s:s, s:s}}", "allocationPolicy",
		       "custom", "customAllocationDefinition", "webhookUrl",
		       "https://localhost:1/", "apiVersion", "2019-03-31"));
	plant_choose(plant, "400207=400299");
	reply = cloud_register(plant->cloud, plant->chain, "dev");
	assert_int_equal(
	    json_integer_value(json_object_get(
		json_object_get(reply.body, "registrationState"), "errorCode")),
	    400299);
	assert_status(&reply, 200);
	reply = cloud_call(plant->cloud, SURFACE_DPS, "POST",
	    "/registrations/line/query?api-version=2021-10-01",
	    json_pack("{s:s}", "query", "SELECT *"), NULL);
	assert_int_equal(json_integer_value(json_object_get(
			     json_array_get(reply.body, 0), "errorCode")),
	    400299);
	assert_status(&reply, 200);
}

/* Lists of individuals show the states of their devices. */
static void
gives_numbers_within_lists_other_ones(void **state)
{
	struct quirks quirks = {.chosen = 0};
	struct reply reply = {.surface = SURFACE_DPS, .status = 200};
	struct error err;

	(void)state;
	reply.body = json_pack("[{s:{s:i}}, {s:i}]", "registrationState",
	    "errorCode", 400207, "errorCode", 400208);
	assert_int_equal(
	    quirks_add(&quirks, "400207=400299", &err), ERROR_NONE);
	quirks_apply(&quirks, &reply);
	assert_int_equal(json_integer_value(json_object_get(
			     json_object_get(json_array_get(reply.body, 0),
				 "registrationState"),
			     "errorCode")),
	    400299);
	assert_int_equal(json_integer_value(json_object_get(
			     json_array_get(reply.body, 1), "errorCode")),
	    400208);
	assert_status(&reply, 200);
}

static void
says_where_an_operation_is_if_told(void **state)
{
	struct plant *plant = *state;
	const char *location;
	struct reply reply;

	plant_enroll_line(plant, NULL);
	reply =
	    cloud_call_as(plant->cloud, plant->chain, "PUT", REGISTER, "{}");
	assert_string_equal(reply_header(&reply, "Location"), "");
	assert_status(&reply, 202);
	plant_choose(plant, "location=sent");
	reply =
	    cloud_call_as(plant->cloud, plant->chain, "PUT", REGISTER, "{}");
	location = strstr(reply_header(&reply, "Location"), "/" FIXTURE_SCOPE);
	assert_non_null(location);
	assert_non_null(strstr(location, reply_text(&reply, "operationId")));
	{
		struct reply state_now = cloud_call_as(
		    plant->cloud, plant->chain, "GET", location, NULL);

		assert_string_equal(reply_text(&state_now, "operationId"),
		    reply_text(&reply, "operationId"));
		reply_done(&state_now);
	}
	assert_status(&reply, 202);
}

static void
leaves_the_header_etag_out_if_told(void **state)
{
	struct plant *plant = *state;
	struct reply reply;

	cloud_enroll(plant->cloud, ENROLLMENT_INDIVIDUAL, "dev",
	    plant->device.certificate, NULL, NULL);
	reply = cloud_call(
	    plant->cloud, SURFACE_DPS, "GET", INDIVIDUAL, NULL, NULL);
	assert_string_not_equal(reply_header(&reply, "ETag"), "");
	assert_status(&reply, 200);
	plant_choose(plant, "etag-header=none");
	reply = cloud_call(
	    plant->cloud, SURFACE_DPS, "GET", INDIVIDUAL, NULL, NULL);
	assert_string_equal(reply_header(&reply, "ETag"), "");
	assert_string_not_equal(reply_text(&reply, "etag"), "");
	assert_status(&reply, 200);
}

static void
compares_a_common_name_exactly_if_told(void **state)
{
	static const char target[] =
	    "/" FIXTURE_SCOPE
	    "/registrations/DEV/register?api-version=2019-03-31";
	struct plant *plant = *state;
	struct reply reply;

	plant_enroll_line(plant, NULL);
	reply = cloud_call_as(plant->cloud, plant->chain, "PUT", target, "{}");
	assert_status(&reply, 202);
	plant_choose(plant, "common-name=exact");
	reply = cloud_call_as(plant->cloud, plant->chain, "PUT", target, "{}");
	assert_refused(&reply, 401, 401002, "upper and lower case");
	assert_registers(plant, "status", "assigned");
}

static void
asks_for_a_use_as_client_if_told(void **state)
{
	struct plant *plant = *state;
	CLEANUP_DONE(identity)
	struct identity server = identity_create(&(struct identity_plan){
	    .common_name = "dev", .issuer = &plant->root, .for_server = true});
	CLEANUP(chain) x509_stack *chain = chain_of(server.certificate, NULL);
	struct reply reply;

	plant_enroll_line(plant, NULL);
	plant_choose(plant, "key-usage=checked");
	assert_registers(plant, "status", "assigned");
	reply = cloud_call_as(plant->cloud, chain, "PUT", REGISTER, "{}");
	assert_refused(&reply, 401, 401002, "clientAuth");
	plant_choose(plant, "key-usage=ignored");
	reply = cloud_call_as(plant->cloud, chain, "PUT", REGISTER, "{}");
	assert_status(&reply, 202);
}

static void
tells_of_the_same_hub_again_if_told(void **state)
{
	struct plant *plant = *state;

	plant_enroll_line(plant, NULL);
	plant_choose(plant, "same-hub=told");
	assert_registers(
	    plant, "registrationState.substatus", "initialAssignment");
	assert_registers(plant, "registrationState.substatus",
	    "reprovisionedToInitialAssignment");
}

static void
answers_404_to_unknown_devices_of_the_hub_if_told(void **state)
{
	struct plant *plant = *state;
	struct reply reply =
	    cloud_call_as(plant->cloud, plant->chain, "POST", EVENTS, "x");

	assert_status(&reply, 401);
	plant_choose(plant, "unknown-device=404");
	reply = cloud_call_as(plant->cloud, plant->chain, "POST", EVENTS, "x");
	assert_non_null(
	    strstr(reply_text(&reply, "Message"), "ErrorCode:DeviceNotFound;"));
	assert_status(&reply, 404);
}

static void
lets_only_edge_devices_manage_modules_if_told(void **state)
{
	struct plant *plant = *state;
	struct reply reply;

	plant_enroll_line(plant, NULL);
	assert_registers(plant, "status", "assigned");
	plant_choose(plant, "modules=edge");
	reply = cloud_call_as(plant->cloud, plant->chain, "GET", MODULES, NULL);
	assert_status(&reply, 403);
	reply =
	    cloud_call(plant->cloud, SURFACE_HUB, "GET", MODULES, NULL, NULL);
	assert_status(&reply, 200);
}

/* ---- what bodies may have ---- */

static void
refuses_a_csr_if_told(void **state)
{
	static const char *const bodies[] = {
	    "{\"csr\": \"MII\"}", "{\"clientCertificateCsr\": \"MII\"}"};
	struct plant *plant = *state;

	plant_enroll_line(plant, NULL);
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		struct reply reply;

		plant_choose(plant, "csr=ignored");
		reply = cloud_call_as(
		    plant->cloud, plant->chain, "PUT", REGISTER, bodies[i]);
		assert_status(&reply, 202);
		plant_choose(plant, "csr=refused");
		reply = cloud_call_as(
		    plant->cloud, plant->chain, "PUT", REGISTER, bodies[i]);
		assert_refused(&reply, 400, 400004, "is not offered");
	}
	assert_registers(plant, "status", "assigned");
}

/* What an SDK that updates sends: the answer to its GET. */
static void
wants_the_certificates_with_each_put_if_told(void **state)
{
	struct plant *plant = *state;
	struct reply stored, reply;

	plant_enroll_line(plant, NULL);
	stored =
	    cloud_call(plant->cloud, SURFACE_DPS, "GET", GROUP, NULL, NULL);
	reply = cloud_call(plant->cloud, SURFACE_DPS, "PUT", GROUP,
	    json_incref(stored.body), "*");
	assert_status(&reply, 200);
	plant_choose(plant, "info-only=refused");
	reply = cloud_call(plant->cloud, SURFACE_DPS, "PUT", GROUP,
	    json_incref(stored.body), "*");
	assert_refused(&reply, 400, 400004, "'primary'");
	reply = cloud_call(plant->cloud, SURFACE_DPS, "POST",
	    "/enrollmentGroups?api-version=2021-10-01",
	    json_pack("{s:s, s:[O]}", "mode", "update", "enrollmentGroups",
		stored.body),
	    NULL);
	assert_true(json_is_false(json_object_get(reply.body, "isSuccessful")));
	assert_status(&reply, 200);
	assert_status(&stored, 200);
	assert_registers(plant, "status", "assigned");
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, plant_setup, plant_teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(takes_no_choice_that_there_is_not),
	    TEST(takes_back_a_choice_for_the_default),
	    TEST(gives_an_error_another_number_and_its_status),
	    TEST(gives_a_failed_registration_another_number),
	    TEST(gives_numbers_within_lists_other_ones),
	    TEST(says_where_an_operation_is_if_told),
	    TEST(leaves_the_header_etag_out_if_told),
	    TEST(compares_a_common_name_exactly_if_told),
	    TEST(asks_for_a_use_as_client_if_told),
	    TEST(tells_of_the_same_hub_again_if_told),
	    TEST(answers_404_to_unknown_devices_of_the_hub_if_told),
	    TEST(lets_only_edge_devices_manage_modules_if_told),
	    TEST(refuses_a_csr_if_told),
	    TEST(wants_the_certificates_with_each_put_if_told),
	};

	return cmocka_run_group_tests_name("cloud quirks", tests, NULL, NULL);
}
