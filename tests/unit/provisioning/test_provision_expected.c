/* SPDX-License-Identifier: MIT */
/*
 * What DPS has assigned by a renewed certificate: it is taken over when that
 * has taken the old one's place, whenever the daemon ends meanwhile.
 */
#include "cmocka_wrap.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/file.h"
#include "provision_world.h"
#include "store.h"

static bool
is_expected(void)
{
	CLEANUP(string) char *path = world_expected_path();

	return file_exists(path);
}

/* certd has put the candidate in the old one's place. */
static void
switch_certificate(void)
{
	world_change_certificate("cd34");
}

/*
 * A life of the daemon in which the device is assigned to hub-1, and by a
 * candidate to hub-2.
 */
static void
expect_in_a_life(void)
{
	CLEANUP(provision) struct provision *provision = world_start();

	world_step(provision);
	assert_view(provision, PROVISION_PROVISIONED, "hub-1", "");
	world_expect(provision, "cd34");
	world.dps_calls = 0;
}

/* No DPS is needed, nor asked. */
static void
assert_lives_at(const char *hub)
{
	CLEANUP(provision) struct provision *provision = world_start();

	world.dps = ERROR_UNAVAILABLE;
	world_step(provision);
	assert_view(provision, PROVISION_PROVISIONED, hub, "");
	assert_int_equal(world.dps_calls, 0);
}

static void
takes_over_what_a_renewed_certificate_was_assigned(void **state)
{
	CLEANUP(provision) struct provision *provision = world_start();

	(void)state;
	world_step(provision);
	world_expect(provision, "ffff");
	world_expect(provision, "cd34");
	world.dps = ERROR_UNAVAILABLE;
	world_step(provision);
	assert_view(provision, PROVISION_PROVISIONED, "hub-1", "");
	switch_certificate();
	provision_look_again(provision);
	assert_int_equal(world.wakes, 1);
	world_step(provision);
	assert_view(provision, PROVISION_PROVISIONED, "hub-2", "");
	assert_false(is_expected());
	world.dps_calls = 0;
	assert_lives_at("hub-2");
}

static void
takes_it_over_in_the_next_life(void **state)
{
	(void)state;
	expect_in_a_life();
	switch_certificate();
	assert_lives_at("hub-2");
	assert_false(is_expected());
	assert_lives_at("hub-2");
}

static void
keeps_the_old_one_as_long_as_its_certificate_is_in_place(void **state)
{
	(void)state;
	expect_in_a_life();
	assert_lives_at("hub-1");
	switch_certificate();
	assert_lives_at("hub-2");
}

/* First it was not known which certificate is in place. */
static void
takes_it_over_when_certd_is_back(void **state)
{
	CLEANUP(provision) struct provision *provision = NULL;

	(void)state;
	expect_in_a_life();
	switch_certificate();
	provision = world_start();
	world.attestation = ERROR_UNAVAILABLE;
	world_step(provision);
	assert_view(
	    provision, PROVISION_PROVISIONED, "hub-1", "no credentials");
	world.attestation = ERROR_NONE;
	world_step(provision);
	assert_view(provision, PROVISION_PROVISIONED, "hub-2", "");
	assert_int_equal(world.dps_calls, 0);
}

/* At each step of it the daemon may be killed. */
static void
is_interrupted_between_storing_and_removing(void **state)
{
	CLEANUP(string) char *path = world_expected_path();
	CLEANUP(string) char *kept = world_record_path(".kept");

	(void)state;
	expect_in_a_life();
	assert_int_equal(link(path, kept), 0);
	switch_certificate();
	assert_lives_at("hub-2");
	assert_int_equal(rename(kept, path), 0);
	assert_lives_at("hub-2");
	assert_false(is_expected());
}

static void
stores_what_it_took_over_as_soon_as_it_can(void **state)
{
	CLEANUP(provision) struct provision *provision = world_start();
	CLEANUP(string) char *path = world_record_path("");

	(void)state;
	world_step(provision);
	world_expect(provision, "cd34");
	switch_certificate();
	/* Nothing can be put in the place of a folder. */
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	world_step(provision);
	assert_int_equal(world_status(provision), PROVISION_PROVISIONED);
	assert_true(is_expected());
	assert_int_equal(rmdir(path), 0);
	world_step(provision);
	assert_true(world_has_record());
	assert_false(is_expected());
}

static void
says_that_it_cannot_be_stored(void **state)
{
	static char hub[] = "hub-2", name[] = "dev-1";
	static const struct dps_assignment assignment = {
	    .hub = hub, .device_id = name};
	CLEANUP(provision) struct provision *provision = world_start();
	struct error err;

	(void)state;
	assert_int_equal(rmdir(world_directory), 0);
	assert_int_equal(
	    provision_expect(provision, "cd34", name, &assignment, &err),
	    ERROR_INTERNAL);
	assert_int_equal(mkdir(world_directory, 0700), 0);
}

static void
one_for_another_certificate_changes_nothing(void **state)
{
	CLEANUP(provision) struct provision *provision = world_start();

	(void)state;
	world_step(provision);
	world_expect(provision, "ffff");
	switch_certificate();
	world_step(provision);
	assert_int_equal(world.dps_calls, 2);
	assert_view(provision, PROVISION_PROVISIONED, "hub-1", "");
	assert_true(is_expected());
}

static void
one_for_another_scope_does_not_count(void **state)
{
	static char other[] = "0ther";
	CLEANUP(provision) struct provision *provision = NULL;

	(void)state;
	expect_in_a_life();
	switch_certificate();
	world_config.provisioning.scope_id = other;
	provision = world_start();
	world_step(provision);
	assert_int_equal(world.dps_calls, 1);
	assert_view(provision, PROVISION_PROVISIONED, "hub-1", "");
}

static void
one_that_is_damaged_is_no_reason_to_ask(void **state)
{
	CLEANUP(string) char *path = world_expected_path();
	struct error err;

	(void)state;
	expect_in_a_life();
	assert_int_equal(file_write(path, "{half", 5, 0600, &err), ERROR_NONE);
	assert_lives_at("hub-1");
}

/* What DPS has refused does not come back by this way. */
static void
a_refusal_voids_it_too(void **state)
{
	CLEANUP(provision) struct provision *provision = NULL;

	(void)state;
	world_config.provisioning.always_reprovision_on_startup = true;
	expect_in_a_life();
	provision = world_start();
	world.dps = ERROR_UPSTREAM;
	world_step(provision);
	assert_view(provision, PROVISION_FAILED, NULL, "DPS says no");
	assert_false(world_has_record());
	assert_false(is_expected());
}

/* In a device that asks DPS at its start, which refuses it. */
static struct provision *
start_to_be_refused(void)
{
	world_config.provisioning.always_reprovision_on_startup = true;
	expect_in_a_life();
	world.dps = ERROR_UPSTREAM;
	return world_start();
}

/* By the new certificate, which is put in place then. */
static void
assert_is_taken_over(struct provision *provision)
{
	assert_true(is_expected());
	switch_certificate();
	world.dps_calls = 0;
	world_step(provision);
	assert_view(provision, PROVISION_PROVISIONED, "hub-2", "");
	assert_int_equal(world.dps_calls, 0);
}

static void
expect_meanwhile(struct provision *provision)
{
	world.during_dps = NULL;
	world_expect(provision, "cd34");
}

/* DPS has refused the old certificate, and taken the new one. */
static void
a_refusal_spares_what_was_assigned_after_the_question(void **state)
{
	CLEANUP(provision) struct provision *provision = start_to_be_refused();

	(void)state;
	world.during_dps = expect_meanwhile;
	world_step(provision);
	assert_view(provision, PROVISION_FAILED, NULL, "DPS says no");
	assert_false(world_has_record());
	assert_is_taken_over(provision);
}

static void
a_removal_that_is_late_spares_what_came_meanwhile(void **state)
{
	CLEANUP(provision) struct provision *provision = start_to_be_refused();
	CLEANUP(string) char *path = world_record_path("");

	(void)state;
	world.during_dps = world_block_record;
	world_step(provision);
	assert_false(is_expected());
	world_expect(provision, "cd34");
	/* Another question has no answer, so that nothing else is void. */
	world.dps = ERROR_UNAVAILABLE;
	(void)provision_request(provision);
	(void)provision_step(provision);
	assert_true(is_expected());
	assert_int_equal(rmdir(path), 0);
	(void)provision_step(provision);
	assert_is_taken_over(provision);
}

/* aziot did not note by which certificate it was assigned. */
static void
counts_more_than_what_names_no_certificate(void **state)
{
	CLEANUP_DONE(record) struct record record = {0};
	struct error err;

	(void)state;
	expect_in_a_life();
	assert_int_equal(
	    store_load(world_directory, STORE_ASSIGNMENT, &record, &err), 0);
	free(TAKE(record.origin.thumbprint));
	assert_int_equal(
	    store_save(world_directory, STORE_ASSIGNMENT, &record, &err), 0);
	assert_lives_at("hub-1");
	assert_true(is_expected());
	switch_certificate();
	assert_lives_at("hub-2");
	assert_false(is_expected());
}

int
main(void)
{
#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	static const struct CMUnitTest tests[] = {
	    TEST(takes_over_what_a_renewed_certificate_was_assigned),
	    TEST(takes_it_over_in_the_next_life),
	    TEST(keeps_the_old_one_as_long_as_its_certificate_is_in_place),
	    TEST(takes_it_over_when_certd_is_back),
	    TEST(is_interrupted_between_storing_and_removing),
	    TEST(stores_what_it_took_over_as_soon_as_it_can),
	    TEST(says_that_it_cannot_be_stored),
	    TEST(one_for_another_certificate_changes_nothing),
	    TEST(one_for_another_scope_does_not_count),
	    TEST(one_that_is_damaged_is_no_reason_to_ask),
	    TEST(a_refusal_voids_it_too),
	    TEST(a_refusal_spares_what_was_assigned_after_the_question),
	    TEST(a_removal_that_is_late_spares_what_came_meanwhile),
	    TEST(counts_more_than_what_names_no_certificate),
	};

	return cmocka_run_group_tests_name(
	    "provision: expected", tests, NULL, NULL);
}
