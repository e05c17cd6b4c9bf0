/* SPDX-License-Identifier: MIT */
/*
 * By TPM an assignment and the key for its hub belong together, though one is
 * on the disk and the other in the TPM; the store is real.
 */
#include "cmocka_wrap.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/file.h"
#include "provision_world.h"
#include "store.h"

static int
setup(void **state)
{
	static char name[] = "dev-1";
	int result = world_setup(state);

	world.has_certificate = false;
	world.has_tpm = true;
	world.hub_key = "key-1";
	world_config.provisioning.attestation.registration_id = name;
	return result;
}

/* A life of the daemon in which the device is assigned to hub-1. */
static void
provision_once(void)
{
	CLEANUP(provision) struct provision *provision = world_start();

	(void)provision_step(provision);
	assert_view(provision, PROVISION_PROVISIONED, "hub-1", "");
	assert_string_equal(world.tpm_key, "key-1");
	world.dps_calls = 0;
	world.hub = "hub-2";
	world.hub_key = "key-2";
}

/* A key in what is stored, or that DPS was asked for another; NULL: neither. */
static void
assert_stored(const char *hub, const char *tpm_key, bool is_renewed)
{
	CLEANUP_DONE(record) struct record record = {0};
	struct error err;

	assert_int_equal(
	    store_load(world_directory, STORE_ASSIGNMENT, &record, &err), 0);
	assert_string_equal(record.assignment.hub, hub);
	if (tpm_key)
		assert_string_equal(record.assignment.tpm_key, tpm_key);
	else
		assert_null(record.assignment.tpm_key);
	assert_int_equal(record.is_renewed, is_renewed);
}

static void
renew(struct provision *provision)
{
	(void)provision_step(provision);
	(void)provision_request(provision);
	(void)provision_step(provision);
}

static void
look_before_the_key_is_replaced(void)
{
	assert_stored("hub-2", "key-2", false);
	assert_string_equal(world.tpm_key, "key-1");
	world.during_import = NULL;
}

static void
stores_the_new_assignment_with_its_key_first(void **state)
{
	CLEANUP(provision) struct provision *provision = NULL;

	(void)state;
	provision_once();
	provision = world_start();
	world.during_import = look_before_the_key_is_replaced;
	renew(provision);
	assert_null(world.during_import);
	assert_view(provision, PROVISION_PROVISIONED, "hub-2", "");
	assert_string_equal(world.tpm_key, "key-2");
	assert_stored("hub-2", NULL, false);
}

/* The daemon was stopped between the disk and the TPM. */
static void
cut_off(void)
{
	CLEANUP_DONE(record) struct record record = {0};
	struct error err;

	assert_int_equal(
	    store_load(world_directory, STORE_ASSIGNMENT, &record, &err), 0);
	free(record.assignment.hub);
	record.assignment.hub = strdup("hub-2");
	record.assignment.tpm_key = strdup("key-2");
	assert_int_equal(
	    store_save(world_directory, STORE_ASSIGNMENT, &record, &err), 0);
}

static void
brings_in_the_key_that_was_cut_off(void **state)
{
	CLEANUP(provision) struct provision *provision = NULL;

	(void)state;
	provision_once();
	cut_off();
	provision = world_start();
	(void)provision_step(provision);
	assert_view(provision, PROVISION_PROVISIONED, "hub-2", "");
	assert_string_equal(world.tpm_key, "key-2");
	assert_stored("hub-2", NULL, false);
	assert_int_equal(world.dps_calls, 0);
}

static void
brings_it_in_when_the_tpm_is_back(void **state)
{
	CLEANUP(provision) struct provision *provision = NULL;

	(void)state;
	provision_once();
	cut_off();
	provision = world_start();
	world.import = ERROR_UNAVAILABLE;
	(void)provision_step(provision);
	assert_stored("hub-2", "key-2", false);
	world.import = ERROR_NONE;
	(void)provision_step(provision);
	assert_string_equal(world.tpm_key, "key-2");
	assert_stored("hub-2", NULL, false);
	assert_int_equal(world.dps_calls, 0);
}

/* As after the TPM was cleared, or replaced. */
static void
asks_anew_for_a_key_that_the_tpm_does_not_take(void **state)
{
	CLEANUP(provision) struct provision *provision = NULL;

	(void)state;
	provision_once();
	cut_off();
	provision = world_start();
	world.import = ERROR_INVALID;
	world.dps = ERROR_UNAVAILABLE;
	(void)provision_step(provision);
	assert_int_equal(world.dps_calls, 1);
	assert_view(provision, PROVISION_PROVISIONED, "hub-2", "DPS says no");
	world.import = ERROR_NONE;
	world.dps = ERROR_NONE;
	world.hub_key = "key-3";
	(void)provision_step(provision);
	assert_view(provision, PROVISION_PROVISIONED, "hub-2", "");
	assert_stored("hub-2", NULL, false);
}

/* One of another device, say, whose disk this was. */
static void
brings_in_no_key_of_what_is_not_ours(void **state)
{
	static char other[] = "dev-2";
	CLEANUP(provision) struct provision *provision = NULL;

	(void)state;
	provision_once();
	cut_off();
	world_config.provisioning.attestation.registration_id = other;
	provision = world_start();
	world.dps = ERROR_UNAVAILABLE;
	(void)provision_step(provision);
	assert_int_equal(world.dps_calls, 1);
	assert_string_equal(world.tpm_key, "key-1");
}

static void
keeps_the_old_pair_when_the_tpm_does_not_take_the_new_key(void **state)
{
	CLEANUP(provision) struct provision *provision = NULL;

	(void)state;
	provision_once();
	provision = world_start();
	world.import = ERROR_INVALID;
	renew(provision);
	assert_view(
	    provision, PROVISION_PROVISIONED, "hub-1", "the TPM says no");
	assert_string_equal(world.tpm_key, "key-1");
	assert_stored("hub-1", NULL, true);
}

static void
has_nothing_when_the_tpm_does_not_take_the_first_key(void **state)
{
	CLEANUP(provision) struct provision *provision = world_start();

	(void)state;
	world.import = ERROR_INVALID;
	(void)provision_step(provision);
	assert_view(provision, PROVISION_FAILED, NULL, "the TPM says no");
	assert_false(world_has_record());
}

/* keyd may have done it and not come to say so. */
static void
goes_on_with_the_new_pair_when_the_answer_is_lost(void **state)
{
	CLEANUP(provision) struct provision *provision = NULL;

	(void)state;
	provision_once();
	provision = world_start();
	world.import = ERROR_UNAVAILABLE;
	renew(provision);
	assert_view(
	    provision, PROVISION_PROVISIONED, "hub-2", "the TPM says no");
	assert_stored("hub-2", "key-2", false);
	world.import = ERROR_NONE;
	world.dps = ERROR_UNAVAILABLE;
	(void)provision_step(provision);
	assert_string_equal(world.tpm_key, "key-2");
	assert_view(provision, PROVISION_PROVISIONED, "hub-2", "DPS says no");
}

static void
goes_on_with_the_first_pair_when_the_answer_is_lost(void **state)
{
	CLEANUP(provision) struct provision *provision = world_start();

	(void)state;
	world.import = ERROR_UNAVAILABLE;
	(void)provision_step(provision);
	assert_view(provision, PROVISION_PROVISIONING, NULL, "the TPM says no");
	world.import = ERROR_NONE;
	(void)provision_step(provision);
	assert_view(provision, PROVISION_PROVISIONED, "hub-1", "");
	assert_string_equal(world.tpm_key, "key-1");
	assert_int_equal(world.dps_calls, 1);
	assert_stored("hub-1", NULL, false);
}

/* What DPS has refused before is over as soon as it assigns. */
static void
makes_nobody_wait_for_a_refusal_that_is_over(void **state)
{
	CLEANUP(provision) struct provision *provision = world_start();

	(void)state;
	world_config.provisioning.always_reprovision_on_startup = true;
	world.dps = ERROR_UPSTREAM;
	(void)provision_step(provision);
	assert_view(provision, PROVISION_FAILED, NULL, "DPS says no");
	world.dps = ERROR_NONE;
	world.import = ERROR_UNAVAILABLE;
	(void)provision_request(provision);
	(void)provision_step(provision);
	world.import = ERROR_NONE;
	(void)provision_step(provision);
	assert_view(provision, PROVISION_PROVISIONED, "hub-1", "");
}

static void
look_that_a_renewal_is_noted(struct provision *provision)
{
	(void)provision;
	world.during_dps = NULL;
	assert_stored("hub-1", NULL, true);
}

static void
asks_again_after_a_registration_that_was_cut_off(void **state)
{
	CLEANUP_DONE(record) struct record record = {0};
	CLEANUP(provision) struct provision *provision = NULL;
	struct error err;

	(void)state;
	provision_once();
	provision = world_start();
	world.during_dps = look_that_a_renewal_is_noted;
	world.dps = ERROR_UNAVAILABLE;
	renew(provision);
	assert_null(world.during_dps);
	provision_free(TAKE(provision));
	assert_int_equal(
	    store_load(world_directory, STORE_ASSIGNMENT, &record, &err), 0);
	world.dps = ERROR_NONE;
	world.dps_calls = 0;
	provision = world_start();
	(void)provision_step(provision);
	assert_int_equal(world.dps_calls, 1);
	assert_int_equal(world.status_during_dps, PROVISION_PROVISIONED);
	assert_view(provision, PROVISION_PROVISIONED, "hub-2", "");
	assert_stored("hub-2", NULL, false);
}

/* The name by which file_write() begins. */
static char *
temporary_path(void)
{
	char suffix[32];

	(void)snprintf(suffix, sizeof(suffix), ".%d.tmp", gettid());
	return world_record_path(suffix);
}

/* The disk takes nothing, but what is on it can be removed. */
static void
fill_the_disk(struct provision *provision)
{
	CLEANUP(string) char *path = temporary_path();

	(void)provision;
	world.during_dps = NULL;
	assert_int_equal(mkdir(path, 0700), 0);
}

static void
look_that_nothing_is_stored(void)
{
	world.during_import = NULL;
	assert_false(world_has_record());
}

/* One that was stored would be used with the new key after a restart. */
static void
has_no_assignment_stored_that_the_key_is_not_of(void **state)
{
	CLEANUP(provision) struct provision *provision = NULL;
	CLEANUP(string) char *path = temporary_path();

	(void)state;
	provision_once();
	provision = world_start();
	world.during_dps = fill_the_disk;
	world.during_import = look_that_nothing_is_stored;
	renew(provision);
	assert_null(world.during_import);
	assert_string_equal(world.tpm_key, "key-2");
	assert_false(world_has_record());
	assert_int_equal(rmdir(path), 0);
	(void)provision_step(provision);
	assert_view(provision, PROVISION_PROVISIONED, "hub-2", "");
	assert_stored("hub-2", NULL, false);
}

/* Its payload has another content, and DPS is away. */
static void
brings_in_the_key_beside_another_payload(void **state)
{
	CLEANUP_DONE(record) struct record record = {0};
	CLEANUP(provision) struct provision *provision = NULL;
	struct error err;

	(void)state;
	provision_once();
	cut_off();
	assert_int_equal(
	    store_load(world_directory, STORE_ASSIGNMENT, &record, &err), 0);
	free(record.origin.payload);
	record.origin.payload = strdup("another");
	assert_int_equal(
	    store_save(world_directory, STORE_ASSIGNMENT, &record, &err), 0);
	provision = world_start();
	world.dps = ERROR_UNAVAILABLE;
	(void)provision_step(provision);
	assert_int_equal(world.dps_calls, 1);
	assert_view(provision, PROVISION_PROVISIONED, "hub-2", "DPS says no");
	assert_string_equal(world.tpm_key, "key-2");
}

/* --- a void one that cannot be removed while another one comes -------------
 */

static void
make_removable(void)
{
	CLEANUP(string) char *path = world_record_path("");

	assert_int_equal(rmdir(path), 0);
}

/* The disk is full when DPS answers, so that the key is brought in alone. */
static void
assign_on_a_full_disk(struct provision *provision)
{
	make_removable();
	fill_the_disk(provision);
}

static void
empty_the_disk(void)
{
	CLEANUP(string) char *path = temporary_path();

	world.during_import = make_removable;
	assert_int_equal(rmdir(path), 0);
	world_block_record(world.provision);
}

static void
removes_no_assignment_that_was_stored_with_its_key(void **state)
{
	CLEANUP(provision) struct provision *provision = NULL;

	(void)state;
	world_config.provisioning.always_reprovision_on_startup = true;
	provision_once();
	provision = world_start();
	world.dps = ERROR_UPSTREAM;
	world.during_dps = world_block_record;
	(void)provision_step(provision);
	assert_view(provision, PROVISION_FAILED, NULL, "DPS says no");

	world_config.provisioning.always_reprovision_on_startup = false;
	world.dps = ERROR_NONE;
	world.during_dps = assign_on_a_full_disk;
	world.import = ERROR_UNAVAILABLE;
	world.during_import = empty_the_disk;
	(void)provision_request(provision);
	(void)provision_step(provision);
	world.import = ERROR_NONE;
	(void)provision_step(provision);
	assert_stored("hub-2", NULL, false);
	(void)provision_step(provision);
	assert_view(provision, PROVISION_PROVISIONED, "hub-2", "");
	assert_stored("hub-2", NULL, false);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, world_teardown)
	static const struct CMUnitTest tests[] = {
	    TEST(stores_the_new_assignment_with_its_key_first),
	    TEST(brings_in_the_key_that_was_cut_off),
	    TEST(brings_it_in_when_the_tpm_is_back),
	    TEST(asks_anew_for_a_key_that_the_tpm_does_not_take),
	    TEST(brings_in_no_key_of_what_is_not_ours),
	    TEST(keeps_the_old_pair_when_the_tpm_does_not_take_the_new_key),
	    TEST(has_nothing_when_the_tpm_does_not_take_the_first_key),
	    TEST(goes_on_with_the_new_pair_when_the_answer_is_lost),
	    TEST(goes_on_with_the_first_pair_when_the_answer_is_lost),
	    TEST(makes_nobody_wait_for_a_refusal_that_is_over),
	    TEST(asks_again_after_a_registration_that_was_cut_off),
	    TEST(has_no_assignment_stored_that_the_key_is_not_of),
	    TEST(brings_in_the_key_beside_another_payload),
	    TEST(removes_no_assignment_that_was_stored_with_its_key),
	};

	return cmocka_run_group_tests_name("provision: TPM", tests, NULL, NULL);
}
