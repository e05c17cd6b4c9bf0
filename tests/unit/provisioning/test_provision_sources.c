/* SPDX-License-Identifier: MIT */
/* The sources beside DPS, in a world that is made up; the store is real. */
#include "cmocka_wrap.h"

#include "common/time.h"
#include "provision_world.h"

static char manual[] = "manual", none[] = "none", hub[] = "hub-7",
	    device[] = "dev-7";

static void
be_manual(void)
{
	world_config.provisioning.source = manual;
	world_config.provisioning.iothub_hostname = hub;
	world_config.provisioning.device_id = device;
}

static void
a_manual_device_asks_nobody(void **state)
{
	CLEANUP(provision) struct provision *provision = NULL;

	(void)state;
	be_manual();
	provision = world_start();
	world_step(provision);
	assert_view(provision, PROVISION_PROVISIONED, "hub-7", "");
	(void)provision_request(provision);
	world_step(provision);
	assert_view(provision, PROVISION_PROVISIONED, "hub-7", "");
	assert_int_equal(world.dps_calls, 0);
	assert_false(world_has_record());
}

static void
a_manual_device_says_what_is_wrong_with_its_certificate(void **state)
{
	CLEANUP(provision) struct provision *provision = NULL;

	(void)state;
	be_manual();
	provision = world_start();
	world.preflight = ERROR_INVALID;
	world_step(provision);
	assert_view(provision, PROVISION_FAILED, NULL, "wrong certificate");
	world.preflight = ERROR_NONE;
	world_step(provision);
	assert_view(provision, PROVISION_PROVISIONED, "hub-7", "");
}

/* Nobody waits for that: the configuration says who the device is. */
static void
a_manual_device_says_that_its_certificate_is_not_valid_now(void **state)
{
	static const enum error_code dates[] = {
	    ERROR_INVALID, ERROR_UNAVAILABLE /* the clock is not set */};

	(void)state;
	be_manual();
	for (unsigned i = 0; i < 2; i++) {
		CLEANUP(provision) struct provision *provision = world_start();

		world.dates = dates[i];
		world_step(provision);
		assert_view(
		    provision, PROVISION_PROVISIONED, "hub-7", "wrong dates");
		(void)provision_request(provision);
		world_step(provision);
		assert_view(
		    provision, PROVISION_PROVISIONED, "hub-7", "wrong dates");
		world.dates = ERROR_NONE;
		world_step(provision);
		assert_view(provision, PROVISION_PROVISIONED, "hub-7", "");
	}
}

static void
a_manual_device_says_that_its_certificate_has_ended_meanwhile(void **state)
{
	CLEANUP(provision) struct provision *provision = NULL;

	(void)state;
	be_manual();
	provision = world_start();
	world_step(provision);
	assert_view(provision, PROVISION_PROVISIONED, "hub-7", "");
	world.valid_until = time_now() - 1;
	world_step(provision);
	assert_view(provision, PROVISION_PROVISIONED, "hub-7", "it has ended");
	world.valid_until = INT64_MAX;
	world_step(provision);
	assert_view(provision, PROVISION_PROVISIONED, "hub-7", "");
	assert_int_equal(world.dps_calls, 0);
}

static void
a_manual_device_says_that_its_key_is_gone(void **state)
{
	CLEANUP(provision) struct provision *provision = NULL;

	(void)state;
	be_manual();
	provision = world_start();
	world_step(provision);
	world.attestation = ERROR_NOT_FOUND;
	world_step(provision);
	assert_view(
	    provision, PROVISION_PROVISIONED, "hub-7", "no credentials");
	world.attestation = ERROR_NONE;
	world_step(provision);
	assert_view(provision, PROVISION_PROVISIONED, "hub-7", "");
	assert_int_equal(world.dps_calls, 0);
}

/* What DPS once assigned is there again when the source is put back. */
static void
a_manual_device_leaves_the_stored_assignment_alone(void **state)
{
	char *source;

	(void)state;
	world_provision_once();
	source = world_config.provisioning.source;
	be_manual();
	{
		CLEANUP(provision) struct provision *provision = world_start();

		world_step(provision);
		assert_view(provision, PROVISION_PROVISIONED, "hub-7", "");
	}
	world_config.provisioning.source = source;
	{
		CLEANUP(provision) struct provision *provision = world_start();

		world_step(provision);
		assert_view(provision, PROVISION_PROVISIONED, "hub-1", "");
	}
	assert_int_equal(world.dps_calls, 0);
}

static void
without_a_source_there_is_nothing_to_do(void **state)
{
	CLEANUP(provision) struct provision *provision = NULL;
	struct error outcome;

	(void)state;
	world_config.provisioning.source = none;
	provision = world_start();
	assert_int_equal(provision_step(provision), PROVISION_IDLE);
	assert_int_equal(world_status(provision), PROVISION_UNMANAGED);
	(void)provision_request(provision);
	(void)provision_step(provision);
	assert_true(provision_is_served(provision, 1, &outcome));
	assert_int_equal(outcome.code, ERROR_INVALID);
	assert_int_equal(world_status(provision), PROVISION_UNMANAGED);
}

int
main(void)
{
#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	static const struct CMUnitTest tests[] = {
	    TEST(a_manual_device_asks_nobody),
	    TEST(a_manual_device_says_what_is_wrong_with_its_certificate),
	    TEST(a_manual_device_says_that_its_certificate_is_not_valid_now),
	    TEST(a_manual_device_says_that_its_certificate_has_ended_meanwhile),
	    TEST(a_manual_device_says_that_its_key_is_gone),
	    TEST(a_manual_device_leaves_the_stored_assignment_alone),
	    TEST(without_a_source_there_is_nothing_to_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
