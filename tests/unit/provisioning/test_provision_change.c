/* SPDX-License-Identifier: MIT */
/*
 * Another certificate, and one that has ended: in a world that is made up, with
 * a clock that goes as fast as the test; the store is real.
 */
#include "cmocka_wrap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/file.h"
#include "common/time.h"
#include "provision_world.h"

#define MINUTE INT64_C(60000)
#define DAY (INT64_C(24) * 60 * MINUTE)

static void
assert_message_contains(struct provision *provision, const char *part)
{
	CLEANUP_DONE(provision_view) struct provision_view view = {0};
	struct error err;

	assert_int_equal(provision_look(provision, &view, &err), ERROR_NONE);
	assert_non_null(strstr(view.message, part));
}

/* --- another certificate -------------------------------------------------- */

static void
another_certificate_ends_a_refusal_at_once(void **state)
{
	CLEANUP(provision) struct provision *provision = world_start();

	(void)state;
	world.dps = ERROR_UPSTREAM;
	world_step_for(provision, DAY);
	world_change_certificate("cd34");
	world.dps = ERROR_NONE;
	world.dps_calls = 0;
	world_step(provision);
	assert_int_equal(world.dps_calls, 1);
	assert_int_equal(world.status_during_dps, PROVISION_PROVISIONING);
	assert_view(provision, PROVISION_PROVISIONED, "hub-1", "");
}

static void
sees_another_certificate_within_a_minute(void **state)
{
	CLEANUP(provision) struct provision *provision = world_start();

	(void)state;
	world_step(provision);
	world_step_for(provision, 5 * MINUTE);
	assert_int_equal(world.dps_calls, 1);
	assert_int_equal(world.obtained, 1);
	assert_in_range(world.peeks, 4, 6);
	world_change_certificate("cd34");
	world_step(provision);
	assert_int_equal(world.dps_calls, 2);
	assert_int_equal(world.status_during_dps, PROVISION_PROVISIONED);
	assert_view(provision, PROVISION_PROVISIONED, "hub-1", "");
	assert_true(world.now_ms <= 7 * MINUTE);
}

/* It is the same device: nobody has to wait for DPS. */
static void
another_certificate_makes_nobody_wait(void **state)
{
	CLEANUP(provision) struct provision *provision = world_start();

	(void)state;
	world_step(provision);
	world.dps = ERROR_UNAVAILABLE;
	world_change_certificate("cd34");
	world_step_for(provision, 7 * DAY);
	assert_int_equal(world.status_during_dps, PROVISION_PROVISIONED);
	assert_string_equal(world.message_during_dps, "DPS says no");
	assert_view(provision, PROVISION_PROVISIONED, "hub-1", "DPS says no");
	assert_true(world_has_record());
	world.dps = ERROR_NONE;
	world.hub = "hub-2";
	world_step(provision);
	assert_view(provision, PROVISION_PROVISIONED, "hub-2", "");
	world.dps_calls = 0;
	world_step_for(provision, DAY);
	assert_int_equal(world.dps_calls, 0);
}

static void
nor_does_one_that_is_found_at_the_start(void **state)
{
	static const bool always[] = {false, true};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		CLEANUP(provision) struct provision *provision = NULL;

		world.dps = ERROR_NONE;
		world_change_certificate("ab12");
		world_provision_once();
		world_config.provisioning.always_reprovision_on_startup =
		    always[i];
		world_change_certificate("cd34");
		world.dps = ERROR_UNAVAILABLE;
		provision = world_start();
		world_step(provision);
		assert_int_equal(world.dps_calls, 1);
		/* As the mode says, the first answer may be waited for. */
		assert_int_equal(world.status_during_dps,
		    always[i] ? PROVISION_PROVISIONING : PROVISION_PROVISIONED);
		assert_view(
		    provision, PROVISION_PROVISIONED, "hub-1", "DPS says no");
		assert_true(world_has_record());
	}
}

static void
another_key_makes_nobody_wait_either(void **state)
{
	static char name[] = "dev-1";
	CLEANUP(provision) struct provision *provision = NULL;

	(void)state;
	world.has_certificate = false;
	world_config.provisioning.attestation.registration_id = name;
	world_provision_once();
	world_change_certificate("cd34");
	world.dps = ERROR_TIMEOUT;
	provision = world_start();
	world_step(provision);
	assert_view(provision, PROVISION_PROVISIONED, "hub-1", "DPS says no");
}

/* The name in it is the registration id where none is configured. */
static void
a_certificate_for_another_device_is_another_registration(void **state)
{
	CLEANUP(provision) struct provision *next_life = NULL;

	(void)state;
	{
		CLEANUP(provision) struct provision *provision = world_start();

		world_step(provision);
		world_change_certificate("cd34");
		world.name = "dev-2";
		world.dps = ERROR_UNAVAILABLE;
		world_step(provision);
		assert_view(
		    provision, PROVISION_PROVISIONING, NULL, "DPS says no");
	}
	next_life = world_start();
	world_step(next_life);
	assert_view(next_life, PROVISION_PROVISIONING, NULL, "DPS says no");
	world.dps = ERROR_NONE;
	world_step(next_life);
	assert_view(next_life, PROVISION_PROVISIONED, "hub-1", "");
}

static void
a_refusal_of_another_certificate_voids_the_assignment(void **state)
{
	CLEANUP(provision) struct provision *provision = world_start();

	(void)state;
	world_step(provision);
	world_change_certificate("cd34");
	world.dps = ERROR_UPSTREAM;
	world_step(provision);
	assert_view(provision, PROVISION_FAILED, NULL, "DPS says no");
	assert_false(world_has_record());
}

/* --- and back ------------------------------------------------------------- */

/* A certificate for somebody else is put in place of ours, with that outcome.
 */
static void
put_wrong_one(struct provision *provision, enum error_code preflight,
    enum error_code dps, enum provision_status status)
{
	world_change_certificate("cd34");
	world.name = "dev-2";
	world.preflight = preflight;
	world.dps = dps;
	world_step(provision);
	assert_int_equal(world_status(provision), status);
	assert_true(world_has_record());
}

static void
put_back(void)
{
	world_change_certificate("ab12");
	world.name = "dev-1";
	world.preflight = ERROR_NONE;
	world.dps = ERROR_UNAVAILABLE;
	world.dps_calls = 0;
}

static void
a_mistake_that_is_put_back_needs_no_dps(void **state)
{
	static const struct {
		enum error_code preflight, dps;
		enum provision_status status;
	} cases[] = {
	    {ERROR_INVALID, ERROR_NONE,        PROVISION_FAILED      },
	    {ERROR_NONE,    ERROR_UNAVAILABLE, PROVISION_PROVISIONING},
	    {ERROR_NONE,    ERROR_UPSTREAM,    PROVISION_FAILED      },
	};
	CLEANUP(provision) struct provision *provision = world_start();

	(void)state;
	world_step(provision);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		put_wrong_one(provision, cases[i].preflight, cases[i].dps,
		    cases[i].status);
		put_back();
		world_step(provision);
		assert_int_equal(world.dps_calls, 0);
		assert_view(provision, PROVISION_PROVISIONED, "hub-1", "");
		assert_true(world_has_record());
	}
}

/* Another certificate of the same device: DPS has to see it, nobody to wait. */
static void
nor_makes_another_of_the_same_device_anybody_wait(void **state)
{
	CLEANUP(provision) struct provision *provision = world_start();

	(void)state;
	world_step(provision);
	put_wrong_one(provision, ERROR_INVALID, ERROR_NONE, PROVISION_FAILED);
	put_back();
	world_change_certificate("ef56");
	world_step(provision);
	assert_int_equal(world.dps_calls, 1);
	assert_view(provision, PROVISION_PROVISIONED, "hub-1", "DPS says no");
	world.dps = ERROR_NONE;
	world_step(provision);
	assert_view(provision, PROVISION_PROVISIONED, "hub-1", "");
}

static void
what_is_put_back_is_shown_to_dps_if_somebody_wants_it(void **state)
{
	CLEANUP(provision) struct provision *provision = world_start();

	(void)state;
	world_step(provision);
	put_wrong_one(provision, ERROR_INVALID, ERROR_NONE, PROVISION_FAILED);
	put_back();
	(void)provision_request(provision);
	world_step(provision);
	assert_int_equal(world.dps_calls, 1);
	assert_int_equal(world.status_during_dps, PROVISION_PROVISIONED);
	assert_view(provision, PROVISION_PROVISIONED, "hub-1", "DPS says no");
}

/* What DPS has refused does not come back. */
static void
what_was_refused_is_not_put_back(void **state)
{
	CLEANUP(provision) struct provision *provision = world_start();

	(void)state;
	world_step(provision);
	world_change_certificate("cd34");
	world.dps = ERROR_UPSTREAM;
	world_step(provision);
	put_back();
	world_step(provision);
	assert_int_equal(world.dps_calls, 1);
	assert_view(provision, PROVISION_PROVISIONING, NULL, "DPS says no");
}

/* --- another payload ------------------------------------------------------ */

static void
write_payload(const char *path, const char *text)
{
	struct error err;

	assert_int_equal(
	    file_write(path, text, strlen(text), 0600, &err), ERROR_NONE);
}

/* It is said to DPS, and the device is who it was meanwhile. */
static void
another_payload_makes_nobody_wait(void **state)
{
	char path[] = "/tmp/sgXXXXXX";
	int file = mkstemp(path);
	CLEANUP(provision) struct provision *provision = NULL;
	CLEANUP(provision) struct provision *next_life = NULL;

	(void)state;
	assert_true(file >= 0);
	assert_int_equal(close(file), 0);
	write_payload(path, "{}");
	world_config.provisioning.payload.path = path;
	provision = world_start();
	world_step_for(provision, 5 * MINUTE);
	assert_int_equal(world.dps_calls, 1);
	world.dps = ERROR_UNAVAILABLE;
	write_payload(path, "{\"site\":7}");
	world_step_for(provision, 5 * MINUTE);
	assert_true(world.dps_calls > 1);
	assert_int_equal(world.status_during_dps, PROVISION_PROVISIONED);
	assert_view(provision, PROVISION_PROVISIONED, "hub-1", "DPS says no");
	next_life = world_start();
	world_step(next_life);
	assert_view(next_life, PROVISION_PROVISIONED, "hub-1", "DPS says no");
	world.dps = ERROR_NONE;
	world_step(next_life);
	assert_view(next_life, PROVISION_PROVISIONED, "hub-1", "");
	world.dps_calls = 0;
	assert_int_equal(unlink(path), 0);
	world_step_for(next_life, 5 * MINUTE);
	assert_int_equal(world.dps_calls, 0);
	assert_view(next_life, PROVISION_PROVISIONED, "hub-1", "");
}

/* --- one that has ended --------------------------------------------------- */

#define HOUR_SECONDS 3600

static void
says_that_its_certificate_has_ended_and_goes_on_with_another(void **state)
{
	CLEANUP(provision) struct provision *provision = world_start();

	(void)state;
	world.valid_until = time_now() + HOUR_SECONDS;
	world_step_for(provision, 30 * MINUTE);
	assert_view(provision, PROVISION_PROVISIONED, "hub-1", "");
	world_step_for(provision, 32 * MINUTE);
	assert_view(provision, PROVISION_PROVISIONED, "hub-1", "it has ended");
	world_step_for(provision, DAY);
	assert_view(provision, PROVISION_PROVISIONED, "hub-1", "it has ended");
	assert_int_equal(world.dps_calls, 1);
	world_change_certificate("cd34");
	world.valid_until = INT64_MAX;
	world_step(provision);
	assert_int_equal(world.dps_calls, 2);
	assert_view(provision, PROVISION_PROVISIONED, "hub-1", "");
}

static void
says_so_at_the_start_too(void **state)
{
	static const bool always[] = {false, true};

	(void)state;
	world_provision_once();
	world.valid_until = time_now() - 1;
	for (unsigned i = 0; i < 2; i++) {
		CLEANUP(provision) struct provision *provision = NULL;

		world_config.provisioning.always_reprovision_on_startup =
		    always[i];
		provision = world_start();
		world_step(provision);
		assert_view(
		    provision, PROVISION_PROVISIONED, "hub-1", "it has ended");
		assert_true(world_has_record());
	}
	assert_int_equal(world.dps_calls, 0);
}

/* certd has nothing to put in its place: the EST server is away. */
static void
says_so_while_no_other_can_be_had(void **state)
{
	CLEANUP(provision) struct provision *provision = world_start();

	(void)state;
	world.valid_until = time_now() + HOUR_SECONDS;
	world_step(provision);
	world.attestation = ERROR_UNAVAILABLE;
	world_step_for(provision, 30 * MINUTE);
	assert_view(provision, PROVISION_PROVISIONED, "hub-1", "");
	world_step_for(provision, 32 * MINUTE);
	assert_int_equal(world_status(provision), PROVISION_PROVISIONED);
	assert_message_contains(provision, "certificate expired at ");
	assert_message_contains(provision, ": no credentials");
}

int
main(void)
{
#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	static const struct CMUnitTest tests[] = {
	    TEST(another_certificate_ends_a_refusal_at_once),
	    TEST(sees_another_certificate_within_a_minute),
	    TEST(another_certificate_makes_nobody_wait),
	    TEST(nor_does_one_that_is_found_at_the_start),
	    TEST(another_key_makes_nobody_wait_either),
	    TEST(a_certificate_for_another_device_is_another_registration),
	    TEST(a_refusal_of_another_certificate_voids_the_assignment),
	    TEST(a_mistake_that_is_put_back_needs_no_dps),
	    TEST(nor_makes_another_of_the_same_device_anybody_wait),
	    TEST(what_is_put_back_is_shown_to_dps_if_somebody_wants_it),
	    TEST(what_was_refused_is_not_put_back),
	    TEST(another_payload_makes_nobody_wait),
	    TEST(says_that_its_certificate_has_ended_and_goes_on_with_another),
	    TEST(says_so_at_the_start_too),
	    TEST(says_so_while_no_other_can_be_had),
	};

	return cmocka_run_group_tests_name(
	    "provision: change", tests, NULL, NULL);
}
