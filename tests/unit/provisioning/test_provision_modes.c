/* SPDX-License-Identifier: MIT */
/*
 * When DPS is asked anew: in a world that is made up, with a clock that goes as
 * fast as the test; the store is real.
 */
#include "cmocka_wrap.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/time.h"
#include "policy.h"
#include "preflight.h"
#include "provision_world.h"
#include "store.h"

#define MINUTE INT64_C(60000)
#define DAY (INT64_C(24) * 60 * MINUTE)
#define DAY_SECONDS INT64_C(86400)

static char device[] = "dev-7";

/* --- modes ---------------------------------------------------------------- */

static void
knows_what_each_mode_means_for_what_is_stored(void **state)
{
	static const struct {
		bool always;
		int64_t now, age;
		enum machine_event event;
	} cases[] = {
	    {true,  CLOCK_FLOOR + 1, 0,                 EVENT_STORED_FIRST},
	    {true,  CLOCK_FLOOR + 1, 99 * DAY_SECONDS,  EVENT_STORED_FIRST},
	    {false, CLOCK_FLOOR + 1, 0,                 EVENT_STORED      },
	    {false, CLOCK_FLOOR + 1, 30 * DAY_SECONDS,  EVENT_STORED      },
	    {false, CLOCK_FLOOR + 1, 31 * DAY_SECONDS,  EVENT_STORED_OLD  },
	    {false, CLOCK_FLOOR + 1, -99 * DAY_SECONDS, EVENT_STORED      },
	    {false, 1000,            99 * DAY_SECONDS,  EVENT_STORED      },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct provisioning_settings settings = {
		    .always_reprovision_on_startup = cases[i].always};

		assert_int_equal(policy_of_stored(&settings,
				     cases[i].now - cases[i].age, cases[i].now),
		    cases[i].event);
	}
}

/* Makes the stored assignment older than it is. */
static void
age_record(int64_t seconds)
{
	CLEANUP_DONE(record) struct record record = {0};
	struct error err;

	assert_int_equal(
	    store_load(world_directory, STORE_ASSIGNMENT, &record, &err), 0);
	record.assigned_at -= seconds;
	assert_int_equal(
	    store_save(world_directory, STORE_ASSIGNMENT, &record, &err), 0);
}

static void
asks_anew_for_an_old_assignment_that_stays_in_use(void **state)
{
	CLEANUP(provision) struct provision *provision = NULL;

	(void)state;
	world_provision_once();
	age_record(31 * DAY_SECONDS);
	provision = world_start();
	world.dps = ERROR_UNAVAILABLE;
	world_step(provision);
	assert_int_equal(world.dps_calls, 1);
	assert_int_equal(world.status_during_dps, PROVISION_PROVISIONED);
	assert_view(provision, PROVISION_PROVISIONED, "hub-1", "DPS says no");
	world.dps = ERROR_NONE;
	world.hub = "hub-2";
	world_step(provision);
	assert_view(provision, PROVISION_PROVISIONED, "hub-2", "");
}

static void
heeds_a_hub_that_turns_it_away_if_told_to(void **state)
{
	CLEANUP(provision) struct provision *provision = world_start();

	(void)state;
	world_step(provision);
	assert_false(provision_hub_refuses(provision));
	world_config.provisioning.dynamic_reprovisioning = true;
	world.hub = "hub-2";
	assert_true(provision_hub_refuses(provision));
	assert_int_equal(world.wakes, 1);
	world_step(provision);
	assert_int_equal(world.status_during_dps, PROVISION_PROVISIONED);
	assert_view(provision, PROVISION_PROVISIONED, "hub-2", "");
}

/* Two devices of one name take the hub from each other. */
static void
does_not_chase_another_device_of_its_name(void **state)
{
	CLEANUP(provision) struct provision *provision = world_start();
	unsigned heeded = 0;

	(void)state;
	world_config.provisioning.dynamic_reprovisioning = true;
	world_step(provision);
	for (world.now_ms = 0; world.now_ms < DAY; world.now_ms += 5000)
		if (provision_hub_refuses(provision)) {
			heeded++;
			(void)provision_step(provision);
		}
	assert_in_range(heeded, 20, 50);
}

/* --- the network ---------------------------------------------------------- */

static void
lives_through_a_week_without_a_network(void **state)
{
	CLEANUP(provision) struct provision *provision = NULL;

	(void)state;
	world_config.provisioning.always_reprovision_on_startup = true;
	world_provision_once();
	provision = world_start();
	world.dps = ERROR_UNAVAILABLE;
	world_step_for(provision, 7 * DAY);
	assert_view(provision, PROVISION_PROVISIONED, "hub-1", "DPS says no");
	assert_in_range(world.dps_calls, 7 * 24 * 30, 7 * 24 * 90);
	world.dps = ERROR_NONE;
	world_step(provision);
	assert_view(provision, PROVISION_PROVISIONED, "hub-1", "");
}

static void
callers_wait_through_a_week_that_begins_without_anything(void **state)
{
	CLEANUP(provision) struct provision *provision = world_start();

	(void)state;
	world.dps = ERROR_TIMEOUT;
	world_step_for(provision, 7 * DAY);
	assert_view(provision, PROVISION_PROVISIONING, NULL, "DPS says no");
	world.dps = ERROR_NONE;
	world_step(provision);
	assert_view(provision, PROVISION_PROVISIONED, "hub-1", "");
}

static void
spares_dps_what_it_has_refused(void **state)
{
	CLEANUP(provision) struct provision *provision = world_start();

	(void)state;
	world.dps = ERROR_UPSTREAM;
	world_step_for(provision, DAY);
	assert_view(provision, PROVISION_FAILED, NULL, "DPS says no");
	assert_in_range(world.dps_calls, 20, 40);
}

/* --- looks ---------------------------------------------------------------- */

static void
says_what_it_waits_for_while_it_tries_again(void **state)
{
	CLEANUP(provision) struct provision *provision = world_start();

	(void)state;
	world.dps = ERROR_UNAVAILABLE;
	world_step(provision);
	world_step(provision);
	assert_string_equal(world.message_during_dps, "DPS says no");
}

static void
a_look_in_vain_is_no_trouble(void **state)
{
	CLEANUP(provision) struct provision *provision = world_start();

	(void)state;
	world_step(provision);
	world.attestation = ERROR_UNAVAILABLE;
	world_step_for(provision, 5 * MINUTE);
	assert_view(provision, PROVISION_PROVISIONED, "hub-1", "");
	assert_int_equal(world.dps_calls, 1);
}

static void
says_that_the_key_is_gone_and_goes_on_when_it_is_back(void **state)
{
	CLEANUP(provision) struct provision *provision = world_start();

	(void)state;
	world_step(provision);
	world.attestation = ERROR_NOT_FOUND;
	world_step(provision);
	assert_view(
	    provision, PROVISION_PROVISIONED, "hub-1", "no credentials");
	assert_true(world_has_record());
	assert_int_equal(world.dps_calls, 1);
	world.attestation = ERROR_NONE;
	world_step(provision);
	assert_view(provision, PROVISION_PROVISIONED, "hub-1", "");
	assert_int_equal(world.dps_calls, 2);
}

static void
asks_anew_for_an_assignment_that_grows_old(void **state)
{
	CLEANUP(provision) struct provision *provision = world_start();

	(void)state;
	world.has_certificate = false;
	world_config.provisioning.attestation.registration_id = device;
	world_step_for(provision, 29 * DAY);
	assert_int_equal(world.dps_calls, 1);
	world.hub = "hub-2";
	world_step_for(provision, 2 * DAY);
	assert_int_equal(world.dps_calls, 2);
	assert_int_equal(world.status_during_dps, PROVISION_PROVISIONED);
	assert_view(provision, PROVISION_PROVISIONED, "hub-2", "");
	world_step_for(provision, 29 * DAY);
	assert_int_equal(world.dps_calls, 2);
}

static void
a_key_is_seldom_looked_at(void **state)
{
	CLEANUP(provision) struct provision *provision = world_start();
	static char id[] = "dev-1";

	(void)state;
	world.has_certificate = false;
	world_config.provisioning.attestation.registration_id = id;
	assert_int_equal(provision_step(provision), PROVISION_KEY_LOOK_MS);
	assert_view(provision, PROVISION_PROVISIONED, "hub-1", "");
}

static void
a_payload_is_said_to_dps_when_there_is_one(void **state)
{
	CLEANUP(provision) struct provision *provision = NULL;
	char path[] = "/tmp/sgXXXXXX";
	int file = mkstemp(path);

	(void)state;
	assert_true(file >= 0);
	assert_int_equal(write(file, "{}", 2), 2);
	assert_int_equal(close(file), 0);
	world_provision_once();
	world_config.provisioning.payload.path = path;
	provision = world_start();
	world_step(provision);
	assert_int_equal(world.dps_calls, 1);
	assert_int_equal(unlink(path), 0);
}

int
main(void)
{
#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	static const struct CMUnitTest tests[] = {
	    TEST(knows_what_each_mode_means_for_what_is_stored),
	    TEST(asks_anew_for_an_old_assignment_that_stays_in_use),
	    TEST(heeds_a_hub_that_turns_it_away_if_told_to),
	    TEST(does_not_chase_another_device_of_its_name),
	    TEST(lives_through_a_week_without_a_network),
	    TEST(callers_wait_through_a_week_that_begins_without_anything),
	    TEST(spares_dps_what_it_has_refused),
	    TEST(says_what_it_waits_for_while_it_tries_again),
	    TEST(a_look_in_vain_is_no_trouble),
	    TEST(says_that_the_key_is_gone_and_goes_on_when_it_is_back),
	    TEST(asks_anew_for_an_assignment_that_grows_old),
	    TEST(a_key_is_seldom_looked_at),
	    TEST(a_payload_is_said_to_dps_when_there_is_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
