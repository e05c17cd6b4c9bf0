/* SPDX-License-Identifier: MIT */
/* A stored assignment that cannot be read or removed for a while. */
#include "cmocka_wrap.h"

#include <stdio.h>
#include <unistd.h>

#include "common/file.h"
#include "provision_world.h"

/* In place of the stored assignment there is what cannot be read. */
static void
make_unreadable(void)
{
	CLEANUP(string) char *path = world_record_path("");
	CLEANUP(string) char *kept = world_record_path(".kept");

	assert_int_equal(rename(path, kept), 0);
	assert_int_equal(symlink(path, path), 0);
}

static void
make_readable(void)
{
	CLEANUP(string) char *path = world_record_path("");
	CLEANUP(string) char *kept = world_record_path(".kept");

	assert_int_equal(rename(kept, path), 0);
}

static void
reads_what_is_stored_as_soon_as_it_can(void **state)
{
	CLEANUP(provision) struct provision *provision = NULL;

	(void)state;
	world_provision_once();
	make_unreadable();
	provision = world_start();
	world.dps = ERROR_UNAVAILABLE;
	for (int i = 0; i < 3; i++)
		(void)provision_step(provision);
	assert_view(provision, PROVISION_PROVISIONING, NULL, "DPS says no");
	make_readable();
	assert_int_equal(provision_step(provision), PROVISION_LOOK_MS);
	assert_view(provision, PROVISION_PROVISIONED, "hub-1", "");
	assert_int_equal(world.dps_calls, 3);
}

/* What DPS has said since counts more than what is read then. */
static void
what_is_read_too_late_does_not_come_back(void **state)
{
	CLEANUP(provision) struct provision *provision = NULL;

	(void)state;
	world_provision_once();
	make_unreadable();
	provision = world_start();
	world.dps = ERROR_UPSTREAM;
	(void)provision_step(provision);
	assert_view(provision, PROVISION_FAILED, NULL, "DPS says no");
	make_readable();
	(void)provision_step(provision);
	assert_view(provision, PROVISION_FAILED, NULL, "DPS says no");
	assert_false(world_has_record());
}

static void
removes_a_void_assignment_as_soon_as_it_can(void **state)
{
	static char name[] = "dev-1";
	CLEANUP(string) char *path = world_record_path("");
	CLEANUP(provision) struct provision *provision = NULL;
	struct error err;

	(void)state;
	world_config.provisioning.always_reprovision_on_startup = true;
	world_provision_once();
	provision = world_start();
	world_config.provisioning.attestation.registration_id = name;
	world.has_certificate = false;
	world.dps = ERROR_UPSTREAM;
	world.during_dps = world_block_record;
	assert_int_equal(provision_step(provision), PROVISION_LOOK_MS);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(file_write(path, "void", 4, 0600, &err), ERROR_NONE);
	assert_in_range(provision_step(provision), PROVISION_LOOK_MS + 1,
	    PROVISION_KEY_LOOK_MS);
	assert_false(world_has_record());
	assert_int_equal(world.dps_calls, 1);
}

static void
removes_no_assignment_that_came_after_a_void_one(void **state)
{
	CLEANUP(string) char *path = world_record_path("");
	CLEANUP(provision) struct provision *provision = NULL;

	(void)state;
	world_config.provisioning.always_reprovision_on_startup = true;
	world_provision_once();
	provision = world_start();
	world.dps = ERROR_UPSTREAM;
	world.during_dps = world_block_record;
	(void)provision_step(provision);
	assert_int_equal(rmdir(path), 0);
	world.dps = ERROR_NONE;
	(void)provision_request(provision);
	for (int i = 0; i < 3; i++)
		assert_int_equal(provision_step(provision), PROVISION_LOOK_MS);
	assert_true(world_has_record());
}

int
main(void)
{
#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	static const struct CMUnitTest tests[] = {
	    TEST(reads_what_is_stored_as_soon_as_it_can),
	    TEST(what_is_read_too_late_does_not_come_back),
	    TEST(removes_a_void_assignment_as_soon_as_it_can),
	    TEST(removes_no_assignment_that_came_after_a_void_one),
	};

	return cmocka_run_group_tests_name(
	    "provision: disk", tests, NULL, NULL);
}
