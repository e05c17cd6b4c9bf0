/* SPDX-License-Identifier: MIT */
/*
 * What the tester may choose about the certificates of devices, and about what
 * DPS writes into the hub.
 */
#include "cmocka_wrap.h"

#include "certificate_info.h"
#include "cloud_fixture.h"
#include "common/time.h"

#define TELEMETRY "/devices/dev/messages/events?api-version=2021-04-12"
#define DEVICE "/devices/dev?api-version=2021-04-12"
#define TWIN "/twins/dev?api-version=2021-04-12"

/* ---- dates ---- */

static struct identity
expired_by(const struct identity *issuer)
{
	int64_t now = time_now();

	return identity_create(&(struct identity_plan){.common_name = "dev",
	    .issuer = issuer,
	    .not_before = now - 2 * 86400,
	    .not_after = now - 86400});
}

static void
assert_sends(struct plant *plant, const x509_stack *chain, unsigned status)
{
	struct reply reply =
	    cloud_call_as(plant->cloud, chain, "POST", TELEMETRY, "x");

	assert_status(&reply, status);
}

static void
takes_a_chain_that_has_expired_if_told(void **state)
{
	struct plant *plant = *state;
	CLEANUP_DONE(identity)
	struct identity old = expired_by(&plant->root);
	CLEANUP(chain) x509_stack *chain = chain_of(old.certificate, NULL);
	struct reply reply;

	plant_enroll_line(plant, NULL);
	plant_choose(plant, "pinned-dates=ignored"); /* is about others */
	reply = cloud_register(plant->cloud, chain, "dev");
	assert_refused(&reply, 401, 401002, "expired");
	plant_choose(plant, "chain-dates=ignored");
	reply = cloud_register(plant->cloud, chain, "dev");
	assert_string_equal(reply_text(&reply, "status"), "assigned");
	assert_status(&reply, 200);
}

static void
takes_an_enrolled_leaf_that_has_expired_if_told(void **state)
{
	struct plant *plant = *state;
	CLEANUP_DONE(identity) struct identity old = expired_by(NULL);
	CLEANUP(chain) x509_stack *chain = chain_of(old.certificate, NULL);
	struct reply reply;

	cloud_enroll(plant->cloud, ENROLLMENT_INDIVIDUAL, "dev",
	    old.certificate, NULL, NULL);
	plant_choose(plant, "chain-dates=ignored"); /* is about others */
	reply = cloud_register(plant->cloud, chain, "dev");
	assert_refused(&reply, 401, 401002, "expired");
	plant_choose(plant, "pinned-dates=ignored");
	reply = cloud_register(plant->cloud, chain, "dev");
	assert_string_equal(reply_text(&reply, "status"), "assigned");
	assert_status(&reply, 200);
	assert_sends(plant, chain, 204);
	plant_choose(plant, "pinned-dates=checked");
	assert_sends(plant, chain, 401);
}

/* ---- what the hub is told ---- */

static void
assert_in_hub(struct plant *plant, const char *target, const char *path,
    const char *expected)
{
	struct reply reply =
	    cloud_call(plant->cloud, SURFACE_HUB, "GET", target, NULL, NULL);

	assert_string_equal(reply_text(&reply, path), expected);
	assert_status(&reply, 200);
}

#define FIRST "authentication.x509Thumbprint.primaryThumbprint"
#define SECOND "authentication.x509Thumbprint.secondaryThumbprint"

static struct thumbprint
print_of(const X509 *certificate)
{
	struct thumbprint print;
	struct error err;

	if (thumbprint_create(certificate, EVP_sha256(), &print, &err))
		fail_msg("%s", err.message);
	return print;
}

static void
leaves_the_second_thumbprint_of_one_leaf_out_if_told(void **state)
{
	struct plant *plant = *state;
	struct thumbprint print = print_of(plant->device.certificate);

	plant_enroll_line(plant, NULL);
	assert_registers(plant, "status", "assigned");
	assert_in_hub(plant, DEVICE, FIRST, print.text);
	assert_in_hub(plant, DEVICE, SECOND, print.text);
	plant_choose(plant, "second-thumbprint=none");
	assert_registers(plant, "status", "assigned");
	assert_in_hub(plant, DEVICE, FIRST, print.text);
	assert_in_hub(plant, DEVICE, SECOND, "");
	assert_sends(plant, plant->chain, 204);
}

static void
tells_the_hub_of_the_leaf_that_was_shown_if_told(void **state)
{
	struct plant *plant = *state;
	CLEANUP_DONE(identity)
	struct identity next =
	    identity_create(&(struct identity_plan){.common_name = "dev"});
	struct thumbprint shown = print_of(plant->device.certificate);
	struct thumbprint enrolled = print_of(next.certificate);

	cloud_enroll(plant->cloud, ENROLLMENT_INDIVIDUAL, "dev",
	    next.certificate, plant->device.certificate, NULL);
	assert_registers(plant, "status", "assigned");
	assert_in_hub(plant, DEVICE, FIRST, enrolled.text);
	assert_in_hub(plant, DEVICE, SECOND, shown.text);
	plant_choose(plant, "thumbprints=shown");
	assert_registers(plant, "status", "assigned");
	assert_in_hub(plant, DEVICE, FIRST, shown.text);
	assert_in_hub(plant, DEVICE, SECOND, shown.text);
}

static void
keeps_the_credentials_of_a_device_that_stays_if_told(void **state)
{
	struct plant *plant = *state;
	CLEANUP_DONE(identity)
	struct identity renewed = identity_create(&(struct identity_plan){
	    .common_name = "dev", .issuer = &plant->root});
	CLEANUP(chain) x509_stack *chain = chain_of(renewed.certificate, NULL);
	struct reply reply;

	plant_enroll_line(plant, NULL);
	plant_choose(plant, "same-hub-credentials=kept");
	assert_registers(plant, "status", "assigned");
	reply = cloud_register(plant->cloud, chain, "dev");
	assert_string_equal(reply_text(&reply, "status"), "assigned");
	assert_status(&reply, 200);
	assert_sends(plant, plant->chain, 204);
	assert_sends(plant, chain, 401);
	plant_choose(plant, "same-hub-credentials=renewed");
	reply = cloud_register(plant->cloud, chain, "dev");
	assert_status(&reply, 200);
	assert_sends(plant, plant->chain, 401);
	assert_sends(plant, chain, 204);
}

static void
delete_device(struct plant *plant)
{
	struct reply reply =
	    cloud_call(plant->cloud, SURFACE_HUB, "DELETE", DEVICE, NULL, "*");

	assert_status(&reply, 204);
}

static void
does_not_make_a_deleted_device_again_if_told(void **state)
{
	struct plant *plant = *state;

	plant_enroll_line(plant, NULL);
	assert_registers(plant, "status", "assigned");
	delete_device(plant);
	assert_registers(plant, "status", "assigned");
	assert_sends(plant, plant->chain, 204);
	plant_choose(plant, "deleted-device=stays");
	delete_device(plant);
	assert_registers(plant, "registrationState.assignedHub", FIXTURE_HUB);
	assert_sends(plant, plant->chain, 401);
}

static int
twin_version(struct plant *plant)
{
	CLEANUP_DONE(reply)
	struct reply reply =
	    cloud_call(plant->cloud, SURFACE_HUB, "GET", TWIN, NULL, NULL);

	return (int)json_integer_value(json_object_get(reply.body, "version"));
}

static void
begins_an_initial_twin_with_version_1_if_told(void **state)
{
	struct plant *plant = *state;

	plant_enroll_line(plant,
	    json_pack("{s:{s:{s:s}}}", "initialTwin", "tags", "line", "7"));
	assert_registers(plant, "status", "assigned");
	assert_in_hub(plant, TWIN, "tags.line", "7");
	assert_int_equal(twin_version(plant), 2);
	plant_choose(plant, "initial-twin-version=1");
	delete_device(plant);
	assert_registers(plant, "status", "assigned");
	assert_in_hub(plant, TWIN, "tags.line", "7");
	assert_int_equal(twin_version(plant), 1);
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, plant_setup, plant_teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(takes_a_chain_that_has_expired_if_told),
	    TEST(takes_an_enrolled_leaf_that_has_expired_if_told),
	    TEST(leaves_the_second_thumbprint_of_one_leaf_out_if_told),
	    TEST(tells_the_hub_of_the_leaf_that_was_shown_if_told),
	    TEST(keeps_the_credentials_of_a_device_that_stays_if_told),
	    TEST(does_not_make_a_deleted_device_again_if_told),
	    TEST(begins_an_initial_twin_with_version_1_if_told),
	};

	return cmocka_run_group_tests_name(
	    "cloud quirks of the hub", tests, NULL, NULL);
}
