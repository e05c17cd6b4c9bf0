/* SPDX-License-Identifier: MIT */
/* What cannot take the old one's place, and whose place is not to be taken. */
#include "cmocka_wrap.h"

#include <string.h>

#include "common/file.h"
#include "renewal_fixture.h"

#define ID RENEWAL_FIXTURE_ID

static void
confirm(const struct renewal_fixture *fixture)
{
	CLEANUP_DONE(renewal_candidate)
	struct renewal_candidate candidate = {.key = NULL};
	struct error err = {.message = ""};

	if (renewals_candidate(fixture->renewals, ID, &candidate, &err) ||
	    renewals_confirm(fixture->renewals, ID, candidate.digest, &err))
		fail_msg("%s", err.message);
}

static void
keeps_the_old_pair_if_the_new_one_could_not_take_its_place(void **state)
{
	struct renewal_fixture fixture;
	CLEANUP(string) char *old = NULL;

	(void)state;
	renewal_fixture_open(&fixture, RENEWAL_PROOF_NONE, true);
	old = strdup(renewal_fake_pem(&fixture.fake, ID));
	fixture.fake.refuses_check = ERROR_INVALID;
	renewal_fixture_work_when_due(&fixture);
	renewal_fixture_assert_stage(&fixture, JOURNAL_IDLE);
	assert_string_equal(
	    renewal_fixture_status(&fixture).error, "cannot serve");
	assert_string_equal(renewal_fake_pem(&fixture.fake, ID), old);
	assert_true(renewal_fake_is_pair(&fixture.fake, ID, ID));
	renewal_fixture_restart(&fixture);
	fixture.fake.refuses_check = ERROR_NONE;
	renewal_fixture_work_when_due(&fixture);
	renewal_fixture_assert_renewed(&fixture, old);
	renewal_fixture_close(&fixture);
}

/* The disk is read-only there: the key waits until that has been changed. */
static void
switches_no_key_while_the_certificate_cannot_be_written(void **state)
{
	struct renewal_fixture fixture;
	CLEANUP(string) char *old = NULL;

	(void)state;
	renewal_fixture_open(&fixture, RENEWAL_PROOF_NONE, true);
	old = strdup(renewal_fake_pem(&fixture.fake, ID));
	fixture.fake.refuses_check = ERROR_INTERNAL;
	renewal_fixture_work_when_due(&fixture);
	renewal_fixture_assert_stage(&fixture, JOURNAL_CONFIRMED);
	assert_true(renewal_fake_is_pair(&fixture.fake, ID, ID));
	renewal_fixture_work_when_due(&fixture);
	assert_string_equal(
	    renewal_fixture_status(&fixture).error, "cannot serve");
	assert_true(renewal_fake_is_pair(&fixture.fake, ID, ID));
	fixture.fake.refuses_check = ERROR_NONE;
	renewal_fixture_work_when_due(&fixture);
	renewal_fixture_assert_renewed(&fixture, old);
	renewal_fixture_close(&fixture);
}

/* certd was off from its confirmation until it was over. */
static void
drops_a_confirmed_candidate_that_has_expired(void **state)
{
	struct renewal_fixture fixture;
	CLEANUP(string) char *old = NULL;

	(void)state;
	renewal_fixture_open(&fixture, RENEWAL_PROOF_USER, true);
	old = strdup(renewal_fake_pem(&fixture.fake, ID));
	renewal_fixture_work_when_due(&fixture);
	confirm(&fixture);
	fixture.fake.now += 101 * FIXTURE_DAY;
	renewal_fixture_restart(&fixture);
	/* Whether it is over is not known yet. */
	(void)renewals_work(fixture.renewals, 0, false);
	renewal_fixture_assert_stage(&fixture, JOURNAL_CONFIRMED);
	assert_true(renewal_fake_has_key(&fixture.fake, RENEWAL_FIXTURE_KEY));
	renewal_fixture_work_when_due(&fixture);
	renewal_fixture_assert_stage(&fixture, JOURNAL_IDLE);
	assert_string_equal(renewal_fake_pem(&fixture.fake, ID), old);
	renewal_fixture_work_when_due(&fixture);
	renewal_fixture_confirm(&fixture);
	renewal_fixture_assert_renewed(&fixture, old);
	renewal_fixture_close(&fixture);
}

/* The key is switched, then the certificate is refused, and again. */
static void
asks_anew_for_the_key_that_has_been_switched(void **state)
{
	struct renewal_fixture fixture;
	CLEANUP(string) char *old = NULL;
	CLEANUP(string) char *shown = NULL;
	int64_t begun;

	(void)state;
	renewal_fixture_open(&fixture, RENEWAL_PROOF_NONE, true);
	old = strdup(renewal_fake_pem(&fixture.fake, ID));
	fixture.fake.refuses_place = ERROR_INVALID;
	renewal_fixture_work_when_due(&fixture);
	begun = fixture.fake.now;
	renewal_fixture_assert_stage(&fixture, JOURNAL_KEY);
	assert_false(renewals_shown(fixture.renewals, ID, &shown));
	renewal_fixture_restart(&fixture);
	for (unsigned i = 0; i < 4; i++) {
		renewal_fixture_work_when_due(&fixture);
		renewal_fixture_assert_stage(&fixture, JOURNAL_KEY);
	}
	/* Nothing works until then, so it is not days that it waits. */
	assert_true(fixture.fake.now < begun + 3600);
	fixture.fake.refuses_place = ERROR_NONE;
	renewal_fixture_work_when_due(&fixture);
	renewal_fixture_assert_renewed(&fixture, old);
	assert_int_equal(fixture.fake.key_count, 1);
	renewal_fixture_close(&fixture);
}

static void
keeps_a_key_that_was_not_rotated_with_its_certificate(void **state)
{
	struct renewal_fixture fixture;
	CLEANUP(string) char *old = NULL;

	(void)state;
	renewal_fixture_open(&fixture, RENEWAL_PROOF_NONE, false);
	old = strdup(renewal_fake_pem(&fixture.fake, ID));
	fixture.fake.refuses_place = ERROR_INVALID;
	renewal_fixture_work_when_due(&fixture);
	renewal_fixture_assert_stage(&fixture, JOURNAL_IDLE);
	assert_true(renewal_fake_is_pair(&fixture.fake, ID, ID));
	fixture.fake.refuses_place = ERROR_NONE;
	renewal_fixture_work_when_due(&fixture);
	renewal_fixture_assert_renewed(&fixture, old);
	renewal_fixture_close(&fixture);
}

/* It was killed when the key was switched, and keyd comes back later. */
static void
looks_every_half_minute_which_key_is_in_place(void **state)
{
	struct renewal_fixture fixture;
	CLEANUP(string) char *old = NULL;

	(void)state;
	renewal_fixture_open(&fixture, RENEWAL_PROOF_NONE, true);
	old = strdup(renewal_fake_pem(&fixture.fake, ID));
	fixture.fake.refuses_place = ERROR_INTERNAL;
	renewal_fixture_work_when_due(&fixture);
	renewal_fixture_assert_stage(&fixture, JOURNAL_CONFIRMED);
	fixture.fake.refuses_place = ERROR_NONE;
	fixture.fake.refuses_keys = ERROR_UNAVAILABLE;
	renewal_fixture_restart(&fixture);
	for (unsigned i = 0; i < 10; i++) {
		renewal_fixture_work_when_due(&fixture);
		renewal_fixture_assert_stage(&fixture, JOURNAL_CONFIRMED);
		assert_true(
		    renewal_fixture_work(&fixture) < fixture.fake.now + 40);
	}
	fixture.fake.refuses_keys = ERROR_NONE;
	renewal_fixture_work_when_due(&fixture);
	renewal_fixture_assert_renewed(&fixture, old);
	renewal_fixture_close(&fixture);
}

/* By a wrong clock it may seem to be over, and is the only one for its key. */
static void
drops_no_candidate_without_a_trustworthy_time(void **state)
{
	struct renewal_fixture fixture;
	CLEANUP(string) char *old = NULL;
	CLEANUP(string) char *shown = NULL;

	(void)state;
	renewal_fixture_open(&fixture, RENEWAL_PROOF_USER, true);
	old = strdup(renewal_fake_pem(&fixture.fake, ID));
	renewal_fixture_work_when_due(&fixture);
	confirm(&fixture);
	fixture.fake.refuses_place = ERROR_INVALID;
	(void)renewals_work(fixture.renewals, 0, false);
	renewal_fixture_assert_stage(&fixture, JOURNAL_CONFIRMED);
	assert_true(renewals_shown(fixture.renewals, ID, &shown));
	fixture.fake.refuses_place = ERROR_NONE;
	(void)renewals_work(fixture.renewals, 0, false);
	renewal_fixture_assert_renewed(&fixture, old);
	renewal_fixture_close(&fixture);
}

/* ---- keys that are not certd's ---- */

/* Makes it as somebody else does, and tells which one it is. */
static void
make_foreign_key(struct renewal_fixture *fixture, const char *key,
    char ret_digest[static JOURNAL_DIGEST_MAX])
{
	struct renewal_world world = renewal_fake_world(&fixture->fake);
	struct error err;

	assert_int_equal(
	    world.make_key(world.context, NULL, key, &err), ERROR_NONE);
	assert_int_equal(
	    world.key_digest(world.context, key, ret_digest, &err), ERROR_NONE);
}

static void
replaces_no_key_that_it_has_not_made(void **state)
{
	struct renewal_fixture fixture;
	char digest[JOURNAL_DIGEST_MAX], then[JOURNAL_DIGEST_MAX];

	(void)state;
	renewal_fixture_open(&fixture, RENEWAL_PROOF_USER, true);
	make_foreign_key(&fixture, RENEWAL_FIXTURE_KEY, digest);
	for (unsigned i = 0; i < 2; i++) {
		CLEANUP(string)
		char *old = strdup(renewal_fake_pem(&fixture.fake, ID));
		CLEANUP_DONE(renewal_candidate)
		struct renewal_candidate candidate = {.key = NULL};
		struct error err;

		renewal_fixture_work_when_due(&fixture);
		assert_int_equal(
		    renewals_candidate(fixture.renewals, ID, &candidate, &err),
		    ERROR_NONE);
		assert_string_equal(candidate.key, RENEWAL_FIXTURE_KEY "-2");
		assert_non_null(strstr(
		    fixture.fake.last_note, "key delete " RENEWAL_FIXTURE_KEY));
		renewal_fixture_restart(&fixture);
		assert_true(renewal_fixture_status(&fixture).has_other_name);
		renewal_fixture_confirm(&fixture);
		assert_string_not_equal(
		    renewal_fake_pem(&fixture.fake, ID), old);
		assert_true(renewal_fake_is_pair(&fixture.fake, ID, ID));
		make_foreign_key(&fixture, RENEWAL_FIXTURE_KEY, then);
		assert_string_equal(then, digest);
		assert_int_equal(fixture.fake.key_count, 2);
	}
	renewal_fixture_close(&fixture);
}

static void
stops_when_all_names_for_the_next_key_are_taken(void **state)
{
	static const char *const names[] = {
	    "", "-2", "-3", "-4", "-5", "-6", "-7", "-8", "-9"};
	struct renewal_fixture fixture;
	CLEANUP(string) char *old = NULL;
	char digest[JOURNAL_DIGEST_MAX];
	struct renewal_world world;
	struct error err;

	(void)state;
	renewal_fixture_open(&fixture, RENEWAL_PROOF_NONE, true);
	old = strdup(renewal_fake_pem(&fixture.fake, ID));
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		CLEANUP(string)
		char *key = string_format(RENEWAL_FIXTURE_KEY "%s", names[i]);

		make_foreign_key(&fixture, key, digest);
	}
	renewal_fixture_work_when_due(&fixture);
	assert_string_equal(renewal_fake_pem(&fixture.fake, ID), old);
	assert_non_null(strstr(
	    renewal_fixture_status(&fixture).error, "know to be its own"));
	assert_int_equal(fixture.fake.key_count, 10);
	world = renewal_fake_world(&fixture.fake);
	assert_int_equal(
	    world.drop_key(world.context, RENEWAL_FIXTURE_KEY, &err),
	    ERROR_NONE);
	renewal_fixture_work_when_due(&fixture);
	renewal_fixture_assert_renewed(&fixture, old);
	assert_false(renewal_fixture_status(&fixture).has_other_name);
	renewal_fixture_close(&fixture);
}

static void
says_what_to_do_without_rights_to_another_name(void **state)
{
	struct renewal_fixture fixture;
	char digest[JOURNAL_DIGEST_MAX];

	(void)state;
	renewal_fixture_open(&fixture, RENEWAL_PROOF_NONE, true);
	make_foreign_key(&fixture, RENEWAL_FIXTURE_KEY, digest);
	fixture.fake.forbidden_key = RENEWAL_FIXTURE_KEY "-2";
	renewal_fixture_work_when_due(&fixture);
	assert_non_null(strstr(renewal_fixture_status(&fixture).error,
	    "'" RENEWAL_FIXTURE_KEY "' is taken, and certd lacks rights to "
	    "'" RENEWAL_FIXTURE_KEY "-2'; 'signetctl config apply'"));
	/* That of the first is another matter. */
	fixture.fake.forbidden_key = RENEWAL_FIXTURE_KEY;
	renewal_fixture_work_when_due(&fixture);
	assert_null(strstr(renewal_fixture_status(&fixture).error, "is taken"));
	renewal_fixture_close(&fixture);
}

static void
replaces_no_key_that_is_loaded_from_elsewhere(void **state)
{
	struct renewal_fixture fixture;
	CLEANUP(string) char *old = NULL;

	(void)state;
	renewal_fixture_open(&fixture, RENEWAL_PROOF_NONE, true);
	old = strdup(renewal_fake_pem(&fixture.fake, ID));
	fixture.fake.has_fixed_keys = true;
	/* That it cannot be is said long before it is due. */
	(void)renewal_fixture_work(&fixture);
	assert_non_null(strstr(fixture.fake.last_note, "'rotate_key: false'"));
	assert_true(renewal_fixture_status(&fixture).is_key_fixed);
	assert_int_equal(fixture.fake.failures, 0);
	renewal_fixture_work_when_due(&fixture);
	assert_non_null(strstr(
	    renewal_fixture_status(&fixture).error, "loaded from elsewhere"));
	assert_int_equal(fixture.fake.issued, 1);
	assert_int_equal(fixture.fake.key_count, 1);
	assert_string_equal(renewal_fake_pem(&fixture.fake, ID), old);
	fixture.fake.has_fixed_keys = false;
	renewal_fixture_work_when_due(&fixture);
	assert_false(renewal_fixture_status(&fixture).is_key_fixed);
	renewal_fixture_assert_renewed(&fixture, old);
	renewal_fixture_close(&fixture);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		keeps_the_old_pair_if_the_new_one_could_not_take_its_place),
	    cmocka_unit_test(
		switches_no_key_while_the_certificate_cannot_be_written),
	    cmocka_unit_test(drops_a_confirmed_candidate_that_has_expired),
	    cmocka_unit_test(looks_every_half_minute_which_key_is_in_place),
	    cmocka_unit_test(asks_anew_for_the_key_that_has_been_switched),
	    cmocka_unit_test(
		keeps_a_key_that_was_not_rotated_with_its_certificate),
	    cmocka_unit_test(drops_no_candidate_without_a_trustworthy_time),
	    cmocka_unit_test(replaces_no_key_that_it_has_not_made),
	    cmocka_unit_test(says_what_to_do_without_rights_to_another_name),
	    cmocka_unit_test(replaces_no_key_that_is_loaded_from_elsewhere),
	    cmocka_unit_test(stops_when_all_names_for_the_next_key_are_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
