/* SPDX-License-Identifier: MIT */
/*
 * The rules of provisioning, step by step, in a world that is made up; the
 * store is real.
 */
#include "cmocka_wrap.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/file.h"
#include "dps.h"
#include "provision_world.h"

#define MINUTE INT64_C(60000)

static void
provisions_a_new_device(void **state)
{
	CLEANUP(provision) struct provision *provision = world_start();

	(void)state;
	assert_view(provision, PROVISION_PROVISIONING, NULL, "");
	assert_true(provision_is_pending(provision));
	assert_int_equal(provision_step(provision), PROVISION_LOOK_MS);
	assert_view(provision, PROVISION_PROVISIONED, "hub-1", "");
	assert_false(provision_is_pending(provision));
	assert_int_equal(world.dps_calls, 1);
	assert_int_equal(world.dps_deadline_ms, DPS_DEADLINE_MS);
	assert_true(world.changes > 0);
}

static bool
may_pass(struct provision *provision)
{
	CLEANUP_DONE(provision_view) struct provision_view view = {0};
	struct error err;

	assert_int_equal(provision_look(provision, &view, &err), ERROR_NONE);
	return view.passing;
}

static void
says_that_the_modules_are_out_of_step(void **state)
{
	CLEANUP(provision) struct provision *provision = world_start();

	(void)state;
	provision_note_modules(provision, "no");
	assert_view(provision, PROVISION_PROVISIONING, NULL, "");
	(void)provision_step(provision);
	assert_view(provision, PROVISION_PROVISIONED, "hub-1",
	    "the modules are not in step with the hub: no");
	assert_true(may_pass(provision));
	provision_note_modules(provision, NULL);
	assert_view(provision, PROVISION_PROVISIONED, "hub-1", "");
	assert_false(may_pass(provision));
}

static void
tells_what_may_pass_from_what_may_not(void **state)
{
	static const struct {
		enum error_code dps;
		bool passing;
	} cases[] = {
	    {ERROR_UNAVAILABLE, true },
	    {ERROR_INVALID,     false},
	    {ERROR_TIMEOUT,     true },
	};
	CLEANUP(provision) struct provision *provision = world_start();

	(void)state;
	(void)provision_step(provision);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		world.dps = cases[i].dps;
		(void)provision_request(provision);
		(void)provision_step(provision);
		assert_int_equal(may_pass(provision), cases[i].passing);
	}
}

/* The device has what it had; whether that is said to pass counts alike. */
static void
tells_it_of_what_hides_its_proof_too(void **state)
{
	static const struct {
		enum error_code attestation;
		bool passing;
	} cases[] = {
	    {ERROR_UNAVAILABLE, true },
	    {ERROR_TIMEOUT,     true },
	    {ERROR_NOT_FOUND,   false},
	    {ERROR_INVALID,     false},
	};

	(void)state;
	world_provision_once();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CLEANUP(provision) struct provision *provision = world_start();

		world.attestation = cases[i].attestation;
		(void)provision_step(provision);
		assert_view(provision, PROVISION_PROVISIONED, "hub-1",
		    "no credentials");
		assert_int_equal(may_pass(provision), cases[i].passing);
	}
}

static void
restarts_without_dps(void **state)
{
	CLEANUP(provision) struct provision *provision = NULL;

	(void)state;
	world_provision_once();
	provision = world_start();
	assert_int_equal(provision_step(provision), PROVISION_LOOK_MS);
	assert_view(provision, PROVISION_PROVISIONED, "hub-1", "");
	assert_int_equal(world.dps_calls, 0);
}

static void
restarts_without_dps_while_keyd_is_away(void **state)
{
	CLEANUP(provision) struct provision *provision = NULL;

	(void)state;
	world_provision_once();
	provision = world_start();
	world.attestation = ERROR_UNAVAILABLE;
	assert_in_range(provision_step(provision), 1000, 3000);
	assert_view(
	    provision, PROVISION_PROVISIONED, "hub-1", "no credentials");
	world.attestation = ERROR_NONE;
	assert_int_equal(provision_step(provision), PROVISION_LOOK_MS);
	assert_view(provision, PROVISION_PROVISIONED, "hub-1", "");
	assert_int_equal(world.dps_calls, 0);
}

static void
asks_dps_at_each_start_if_told_to(void **state)
{
	CLEANUP(provision) struct provision *provision = NULL;

	(void)state;
	world_config.provisioning.always_reprovision_on_startup = true;
	world_provision_once();
	provision = world_start();
	world.hub = "hub-2";
	assert_int_equal(provision_step(provision), PROVISION_LOOK_MS);
	assert_int_equal(world.dps_calls, 1);
	assert_int_equal(world.status_during_dps, PROVISION_PROVISIONING);
	assert_view(provision, PROVISION_PROVISIONED, "hub-2", "");
}

static void
falls_back_to_what_is_stored(void **state)
{
	static const struct {
		enum error_code attestation, preflight, dps;
	} troubles[] = {
	    {ERROR_UNAVAILABLE, ERROR_NONE,        ERROR_NONE       },
	    {ERROR_NOT_FOUND,   ERROR_NONE,        ERROR_NONE       },
	    {ERROR_NONE,        ERROR_UNAVAILABLE, ERROR_NONE       },
	    {ERROR_NONE,        ERROR_INVALID,     ERROR_NONE       },
	    {ERROR_NONE,        ERROR_NONE,        ERROR_UNAVAILABLE},
	    {ERROR_NONE,        ERROR_NONE,        ERROR_TIMEOUT    },
	    {ERROR_NONE,        ERROR_NONE,        ERROR_INVALID    },
	    {ERROR_NONE,        ERROR_NONE,        ERROR_INTERNAL   },
	};

	(void)state;
	world_config.provisioning.always_reprovision_on_startup = true;
	world_provision_once();
	for (size_t i = 0; i < sizeof(troubles) / sizeof(troubles[0]); i++) {
		CLEANUP(provision) struct provision *provision = world_start();

		world.attestation = troubles[i].attestation;
		world.preflight = troubles[i].preflight;
		world.dps = troubles[i].dps;
		assert_true(provision_step(provision) < 15000);
		assert_int_equal(
		    world_status(provision), PROVISION_PROVISIONED);
		assert_true(world_has_record());
	}
}

static void
falls_back_while_dps_is_still_being_tried(void **state)
{
	CLEANUP(provision) struct provision *provision = NULL;

	(void)state;
	world_config.provisioning.always_reprovision_on_startup = true;
	world_provision_once();
	provision = world_start();
	world.passing = ERROR_UNAVAILABLE;
	assert_int_equal(provision_step(provision), PROVISION_LOOK_MS);
	assert_int_equal(world.status_during_dps, PROVISION_PROVISIONED);
}

static void
only_a_refusal_by_dps_voids_the_assignment(void **state)
{
	CLEANUP(provision) struct provision *provision = NULL;

	(void)state;
	world_config.provisioning.always_reprovision_on_startup = true;
	world_provision_once();
	provision = world_start();
	world.dps = ERROR_UPSTREAM;
	assert_int_equal(provision_step(provision), PROVISION_LOOK_MS);
	assert_view(provision, PROVISION_FAILED, NULL, "DPS says no");
	assert_false(world_has_record());
}

static void
makes_callers_wait_while_trouble_may_pass(void **state)
{
	CLEANUP(provision) struct provision *provision = world_start();

	(void)state;
	world.dps = ERROR_UNAVAILABLE;
	assert_in_range(provision_step(provision), 1000, 3000);
	assert_in_range(provision_step(provision), 3000, 5000);
	assert_view(provision, PROVISION_PROVISIONING, NULL, "DPS says no");
	for (int i = 0; i < 20; i++)
		assert_true(provision_step(provision) <= 2 * MINUTE);
	world.dps = ERROR_NONE;
	assert_int_equal(provision_step(provision), PROVISION_LOOK_MS);
}

static void
leaves_dps_alone_as_long_as_it_asks(void **state)
{
	CLEANUP(provision) struct provision *provision = world_start();
	struct error outcome;
	uint64_t request;

	(void)state;
	world.dps = ERROR_UNAVAILABLE;
	world.busy_ms = 2 * MINUTE;
	assert_in_range(
	    provision_step(provision), 2 * MINUTE - 1000, 2 * MINUTE);
	request = provision_request(provision);
	assert_in_range(
	    provision_step(provision), 2 * MINUTE - 2000, 2 * MINUTE);
	assert_true(provision_is_served(provision, request, &outcome));
	assert_non_null(strstr(outcome.message, "wants to be left alone"));
	assert_int_equal(world.dps_calls, 1);
}

static void
gives_up_quietly_when_the_daemon_ends(void **state)
{
	CLEANUP(provision) struct provision *provision = world_start();

	(void)state;
	world.passing = ERROR_UNAVAILABLE;
	world.ends = true;
	assert_int_equal(provision_step(provision), PROVISION_IDLE);
	assert_view(provision, PROVISION_PROVISIONING, NULL, "passing trouble");
}

static void
tells_callers_what_must_be_put_right(void **state)
{
	CLEANUP(provision) struct provision *provision = world_start();

	(void)state;
	world.preflight = ERROR_INVALID;
	assert_in_range(provision_step(provision), 7000, 13000);
	assert_view(provision, PROVISION_FAILED, NULL, "wrong certificate");
	assert_int_equal(world.dps_calls, 0);
	world.preflight = ERROR_NONE;
	assert_int_equal(provision_step(provision), PROVISION_LOOK_MS);
	assert_view(provision, PROVISION_PROVISIONED, "hub-1", "");
}

static void
registers_again_when_the_configuration_changed(void **state)
{
	static char other[] = "other";
	static char **const changed[] = {
	    &world_config.provisioning.global_endpoint,
	    &world_config.provisioning.scope_id,
	    &world_config.provisioning.attestation.registration_id};

	(void)state;
	for (size_t i = 0; i < sizeof(changed) / sizeof(changed[0]); i++) {
		CLEANUP(provision) struct provision *provision = NULL;
		char *before = *changed[i];

		world_provision_once();
		*changed[i] = other;
		provision = world_start();
		world.dps = ERROR_UNAVAILABLE;
		(void)provision_step(provision);
		assert_int_equal(world.dps_calls, 1);
		assert_int_equal(
		    world_status(provision), PROVISION_PROVISIONING);
		assert_true(world_has_record());
		world.dps = ERROR_NONE;
		*changed[i] = before;
	}
}

static void
registers_again_with_a_new_certificate(void **state)
{
	CLEANUP(provision) struct provision *provision = NULL;

	(void)state;
	world_provision_once();
	world_change_certificate("cd34");
	provision = world_start();
	assert_int_equal(provision_step(provision), PROVISION_LOOK_MS);
	assert_int_equal(world.dps_calls, 1);
}

static void
sets_a_corrupt_record_aside_and_asks_dps(void **state)
{
	CLEANUP(string) char *path = world_record_path("");
	CLEANUP(string) char *aside = world_record_path(".corrupt");
	CLEANUP(provision) struct provision *provision = NULL;
	struct error err;

	(void)state;
	assert_int_equal(file_write(path, "{half", 5, 0600, &err), ERROR_NONE);
	provision = world_start();
	assert_int_equal(provision_step(provision), PROVISION_LOOK_MS);
	assert_int_equal(world.dps_calls, 1);
	assert_true(file_exists(aside));
	assert_true(world_has_record());
}

static void
serves_a_request_and_keeps_the_old_state_meanwhile(void **state)
{
	CLEANUP(provision) struct provision *provision = NULL;
	struct error outcome;
	uint64_t request;

	(void)state;
	world_provision_once();
	provision = world_start();
	(void)provision_step(provision);
	request = provision_request(provision);
	assert_int_equal(world.wakes, 1);
	assert_false(provision_is_served(provision, request, &outcome));
	world.hub = "hub-2";
	assert_int_equal(provision_step(provision), PROVISION_LOOK_MS);
	assert_int_equal(world.status_during_dps, PROVISION_PROVISIONED);
	assert_int_equal(world.dps_deadline_ms, MINUTE);
	assert_true(provision_is_served(provision, request, &outcome));
	assert_int_equal(outcome.code, ERROR_NONE);
	assert_view(provision, PROVISION_PROVISIONED, "hub-2", "");
}

static void
tells_who_requested_why_it_failed(void **state)
{
	CLEANUP(provision) struct provision *provision = NULL;
	struct error outcome;
	uint64_t request;

	(void)state;
	world_provision_once();
	provision = world_start();
	request = provision_request(provision);
	world.dps = ERROR_UNAVAILABLE;
	(void)provision_step(provision);
	assert_true(provision_is_served(provision, request, &outcome));
	assert_int_equal(outcome.code, ERROR_UNAVAILABLE);
	assert_string_equal(outcome.message, "DPS says no");
	assert_view(provision, PROVISION_PROVISIONED, "hub-1", "DPS says no");
}

static void
a_request_ends_a_failure_for_callers(void **state)
{
	CLEANUP(provision) struct provision *provision = world_start();

	(void)state;
	world.dps = ERROR_UPSTREAM;
	(void)provision_step(provision);
	(void)provision_request(provision);
	world.dps = ERROR_NONE;
	(void)provision_step(provision);
	assert_int_equal(world.status_during_dps, PROVISION_PROVISIONING);
	assert_view(provision, PROVISION_PROVISIONED, "hub-1", "");
}

static void
request_now(struct provision *provision)
{
	world.during_dps = NULL;
	(void)provision_request(provision);
}

static void
a_request_gets_a_registration_that_began_after_it(void **state)
{
	CLEANUP(provision) struct provision *provision = world_start();
	struct error outcome;

	(void)state;
	world.during_dps = request_now;
	assert_int_equal(provision_step(provision), 0);
	assert_false(provision_is_served(provision, 1, &outcome));
	assert_int_equal(provision_step(provision), PROVISION_LOOK_MS);
	assert_true(provision_is_served(provision, 1, &outcome));
	assert_int_equal(world.dps_calls, 2);
}

static void
uses_an_assignment_that_cannot_be_stored(void **state)
{
	CLEANUP(provision) struct provision *provision = world_start();

	(void)state;
	assert_int_equal(rmdir(world_directory), 0);
	assert_in_range(provision_step(provision), 7000, 13000);
	assert_int_equal(world_status(provision), PROVISION_PROVISIONED);
	assert_int_equal(mkdir(world_directory, 0700), 0);
	assert_int_equal(provision_step(provision), PROVISION_LOOK_MS);
	assert_true(world_has_record());
}

int
main(void)
{
#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	static const struct CMUnitTest tests[] = {
	    TEST(provisions_a_new_device),
	    TEST(says_that_the_modules_are_out_of_step),
	    TEST(tells_what_may_pass_from_what_may_not),
	    TEST(tells_it_of_what_hides_its_proof_too),
	    TEST(restarts_without_dps),
	    TEST(restarts_without_dps_while_keyd_is_away),
	    TEST(asks_dps_at_each_start_if_told_to),
	    TEST(falls_back_to_what_is_stored),
	    TEST(falls_back_while_dps_is_still_being_tried),
	    TEST(only_a_refusal_by_dps_voids_the_assignment),
	    TEST(makes_callers_wait_while_trouble_may_pass),
	    TEST(leaves_dps_alone_as_long_as_it_asks),
	    TEST(gives_up_quietly_when_the_daemon_ends),
	    TEST(tells_callers_what_must_be_put_right),
	    TEST(registers_again_when_the_configuration_changed),
	    TEST(registers_again_with_a_new_certificate),
	    TEST(sets_a_corrupt_record_aside_and_asks_dps),
	    TEST(serves_a_request_and_keeps_the_old_state_meanwhile),
	    TEST(tells_who_requested_why_it_failed),
	    TEST(a_request_ends_a_failure_for_callers),
	    TEST(a_request_gets_a_registration_that_began_after_it),
	    TEST(uses_an_assignment_that_cannot_be_stored),
	};

	return cmocka_run_group_tests_name("provisioning", tests, NULL, NULL);
}
