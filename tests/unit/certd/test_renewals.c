/* SPDX-License-Identifier: MIT */
/* Renewals that go well, and that fail. */
#include "cmocka_wrap.h"

#include <string.h>

#include "common/file.h"
#include "renewal_fixture.h"
#include "scratch.h"

#define ID RENEWAL_FIXTURE_ID

static void
renews_when_due_and_tells_who_wants_to_know(void **state)
{
	struct renewal_fixture fixture;
	CLEANUP(string) char *old = NULL;
	int64_t due;

	(void)state;
	renewal_fixture_open(&fixture, RENEWAL_PROOF_NONE, true);
	old = strdup(renewal_fake_pem(&fixture.fake, ID));
	due = renewal_fixture_work(&fixture);
	assert_in_range(due, FIXTURE_NOW + 79 * FIXTURE_DAY,
	    FIXTURE_NOW + 82 * FIXTURE_DAY);
	fixture.fake.now = due - 1;
	assert_int_equal(renewal_fixture_work(&fixture), due);
	assert_int_equal(fixture.fake.issued, 1);
	fixture.fake.now = due;
	(void)renewal_fixture_work(&fixture);
	renewal_fixture_assert_renewed(&fixture, old);
	assert_int_equal(fixture.fake.issued, 2);
	assert_int_equal(fixture.fake.notices, 1);
	assert_int_equal(renewal_fixture_status(&fixture).last_success, due);
	renewal_fixture_close(&fixture);
}

static void
keeps_the_key_if_it_is_not_to_be_rotated(void **state)
{
	struct renewal_fixture fixture;
	CLEANUP(string) char *old = NULL;

	(void)state;
	renewal_fixture_open(&fixture, RENEWAL_PROOF_EST, false);
	old = strdup(renewal_fake_pem(&fixture.fake, ID));
	renewal_fixture_work_when_due(&fixture);
	renewal_fixture_assert_renewed(&fixture, old);
	assert_int_equal(fixture.fake.key_count, 1);
	renewal_fixture_close(&fixture);
}

static void
keeps_the_old_pair_until_the_new_one_is_proved(void **state)
{
	struct renewal_fixture fixture;
	CLEANUP(string) char *old = NULL;
	CLEANUP_DONE(renewal_candidate)
	struct renewal_candidate candidate = {.key = NULL};
	struct error err;

	(void)state;
	renewal_fixture_open(&fixture, RENEWAL_PROOF_USER, true);
	old = strdup(renewal_fake_pem(&fixture.fake, ID));
	assert_int_equal(
	    renewals_candidate(fixture.renewals, ID, &candidate, &err),
	    ERROR_NOT_FOUND);
	renewal_fixture_work_when_due(&fixture);
	assert_int_equal(
	    renewal_fixture_status(&fixture).stage, JOURNAL_CANDIDATE);
	assert_string_equal(renewal_fake_pem(&fixture.fake, ID), old);
	assert_true(renewal_fake_is_pair(&fixture.fake, ID, ID));
	assert_int_equal(
	    renewals_candidate(fixture.renewals, ID, &candidate, &err),
	    ERROR_NONE);
	assert_string_equal(candidate.key, RENEWAL_FIXTURE_KEY);
	assert_int_equal(
	    renewals_confirm(fixture.renewals, ID, "another", &err),
	    ERROR_NOT_FOUND);
	renewal_fixture_restart(&fixture);
	(void)renewal_fixture_work(&fixture);
	renewal_fixture_confirm(&fixture);
	renewal_fixture_assert_renewed(&fixture, old);
	renewal_fixture_close(&fixture);
}

static void
drops_a_candidate_that_is_rejected_and_makes_another_later(void **state)
{
	struct renewal_fixture fixture;
	CLEANUP(string) char *old = NULL;
	CLEANUP_DONE(renewal_candidate)
	struct renewal_candidate candidate = {.key = NULL};
	struct error err = {.message = ""};

	(void)state;
	renewal_fixture_open(&fixture, RENEWAL_PROOF_USER, true);
	old = strdup(renewal_fake_pem(&fixture.fake, ID));
	renewal_fixture_work_when_due(&fixture);
	if (renewals_candidate(fixture.renewals, ID, &candidate, &err) ||
	    renewals_reject(fixture.renewals, ID, candidate.digest,
		"DPS says \xff no", &err))
		fail_msg("%s", err.message);
	assert_int_equal(renewal_fixture_status(&fixture).stage, JOURNAL_IDLE);
	assert_string_equal(
	    renewal_fixture_status(&fixture).error, "DPS says ? no");
	assert_int_equal(fixture.fake.failures, 1);
	assert_int_equal(fixture.fake.last_failure.code, ERROR_UPSTREAM);
	assert_string_equal(fixture.fake.last_failure.message, "DPS says ? no");
	assert_int_equal(renewals_reject(fixture.renewals, ID, candidate.digest,
			     "again", &err),
	    ERROR_NOT_FOUND);
	assert_int_equal(fixture.fake.failures, 1);
	assert_true(renewal_fake_is_pair(&fixture.fake, ID, ID));
	renewal_fixture_restart(&fixture);
	assert_string_equal(
	    renewal_fixture_status(&fixture).error, "DPS says ? no");
	renewal_fixture_work_when_due(&fixture);
	renewal_fixture_confirm(&fixture);
	renewal_fixture_assert_renewed(&fixture, old);
	renewal_fixture_close(&fixture);
}

static void
drops_a_candidate_that_nobody_proves_before_it_expires(void **state)
{
	struct renewal_fixture fixture;

	(void)state;
	renewal_fixture_open(&fixture, RENEWAL_PROOF_USER, true);
	renewal_fixture_work_when_due(&fixture);
	fixture.fake.now += 101 * FIXTURE_DAY;
	(void)renewal_fixture_work(&fixture);
	assert_int_equal(renewal_fixture_status(&fixture).stage, JOURNAL_IDLE);
	renewal_fixture_work_when_due(&fixture);
	assert_int_equal(
	    renewal_fixture_status(&fixture).stage, JOURNAL_CANDIDATE);
	renewal_fixture_close(&fixture);
}

/* ... which was left by a version that did not write it down. */
static void
knows_since_when_a_candidate_waits_by_a_trustworthy_time(void **state)
{
	struct renewal_fixture fixture;
	CLEANUP_DONE(journal) struct journal journal = {.stage = JOURNAL_IDLE};
	CLEANUP(string) char *name = file_name_of_id(ID, "json");
	CLEANUP(string) char *path = NULL;
	int64_t set;
	struct error err;

	(void)state;
	renewal_fixture_open(&fixture, RENEWAL_PROOF_USER, true);
	renewal_fixture_work_when_due(&fixture);
	set = fixture.fake.now;
	path = string_format("%s/%s", (char *)fixture.scratch, name);
	assert_int_equal(journal_load(path, ID, &journal, &err), ERROR_NONE);
	assert_int_equal(journal.candidate_since, set);
	journal.candidate_since = 0;
	assert_int_equal(journal_save(path, ID, &journal, &err), ERROR_NONE);
	fixture.fake.now = 5;
	renewal_fixture_restart(&fixture);
	(void)renewals_work(fixture.renewals, 0, false);
	assert_int_equal(renewal_fixture_status(&fixture).candidate_since, 0);
	fixture.fake.now = set + 60;
	(void)renewal_fixture_work(&fixture);
	fixture.fake.now = set + 120;
	renewal_fixture_restart(&fixture);
	assert_int_equal(
	    renewal_fixture_status(&fixture).candidate_since, set + 60);
	renewal_fixture_close(&fixture);
}

static void
tries_again_for_as_long_as_it_takes(void **state)
{
	struct renewal_fixture fixture;
	CLEANUP(string) char *old = NULL;
	int64_t first = 0;

	(void)state;
	renewal_fixture_open(&fixture, RENEWAL_PROOF_EST, true);
	old = strdup(renewal_fake_pem(&fixture.fake, ID));
	fixture.fake.refuses = ERROR_UPSTREAM;
	for (unsigned i = 1; i <= 50; i++) {
		renewal_fixture_work_when_due(&fixture);
		assert_int_equal(renewal_fixture_status(&fixture).attempts, i);
		assert_string_equal(
		    renewal_fixture_status(&fixture).error, "refused");
		assert_string_equal(renewal_fake_pem(&fixture.fake, ID), old);
		if (i == 1)
			first = fixture.fake.now;
		assert_int_equal(
		    renewal_fixture_status(&fixture).failing_since, first);
	}
	/* By now it has expired; that is no reason to stop, or to remove it. */
	assert_true(fixture.fake.now > FIXTURE_NOW + 100 * FIXTURE_DAY);
	fixture.fake.refuses = ERROR_NONE;
	renewal_fixture_restart(&fixture);
	assert_int_equal(renewal_fixture_status(&fixture).attempts, 50);
	assert_int_equal(renewal_fixture_status(&fixture).failing_since, first);
	renewal_fixture_work_when_due(&fixture);
	renewal_fixture_assert_renewed(&fixture, old);
	assert_int_equal(renewal_fixture_status(&fixture).failing_since, 0);
	renewal_fixture_close(&fixture);
}

static void
makes_another_if_its_proof_fails(void **state)
{
	struct renewal_fixture fixture;
	CLEANUP(string) char *old = NULL;

	(void)state;
	renewal_fixture_open(&fixture, RENEWAL_PROOF_EST, true);
	old = strdup(renewal_fake_pem(&fixture.fake, ID));
	fixture.fake.refuses_proof = ERROR_UPSTREAM;
	renewal_fixture_work_when_due(&fixture);
	assert_int_equal(renewal_fixture_status(&fixture).stage, JOURNAL_IDLE);
	assert_true(renewal_fake_is_pair(&fixture.fake, ID, ID));
	fixture.fake.refuses_proof = ERROR_TIMEOUT;
	renewal_fixture_work_when_due(&fixture);
	assert_int_equal(
	    renewal_fixture_status(&fixture).stage, JOURNAL_CANDIDATE);
	fixture.fake.refuses_proof = ERROR_NONE;
	renewal_fixture_work_when_due(&fixture);
	renewal_fixture_assert_renewed(&fixture, old);
	assert_int_equal(fixture.fake.issued, 3);
	renewal_fixture_close(&fixture);
}

static void
obtains_the_first_one_if_it_is_told_to(void **state)
{
	struct renewal_fixture fixture = {.proof = RENEWAL_PROOF_EST};

	(void)state;
	assert_int_equal(scratch_create(&fixture.scratch), 0);
	renewal_fake_open(&fixture.fake);
	fixture.rotate_key = true;
	renewal_fixture_start(&fixture);
	fixture.fake.refuses = ERROR_UNAVAILABLE;
	assert_in_range(
	    renewal_fixture_work(&fixture), FIXTURE_NOW + 30, FIXTURE_NOW + 40);
	fixture.fake.refuses = ERROR_NONE;
	renewal_fixture_work_when_due(&fixture);
	renewal_fixture_assert_renewed(&fixture, "none");
	renewal_fixture_close(&fixture);
}

static void
gives_up_telling_somebody_who_is_not_there(void **state)
{
	struct renewal_fixture fixture;
	unsigned tries = 1;

	(void)state;
	renewal_fixture_open(&fixture, RENEWAL_PROOF_NONE, false);
	fixture.fake.refuses_notice = ERROR_UNAVAILABLE;
	renewal_fixture_work_when_due(&fixture);
	while (renewal_fixture_status(&fixture).stage == JOURNAL_SWITCHED) {
		renewal_fixture_work_when_due(&fixture);
		tries++;
	}
	assert_int_equal(tries, 5);
	assert_string_equal(
	    renewal_fixture_status(&fixture).error, "nobody there");
	renewal_fixture_close(&fixture);
}

static void
leaves_to_its_program_what_has_its_key_elsewhere(void **state)
{
	struct renewal_fixture fixture;
	CLEANUP(string) char *old = NULL;
	struct renewal_world world;
	struct error err;

	(void)state;
	renewal_fixture_open(&fixture, RENEWAL_PROOF_NONE, true);
	old = strdup(renewal_fake_pem(&fixture.fake, ID));
	world = renewal_fake_world(&fixture.fake);
	assert_int_equal(world.drop_key(world.context, ID, &err), ERROR_NONE);
	renewal_fixture_work_when_due(&fixture);
	assert_string_equal(renewal_fake_pem(&fixture.fake, ID), old);
	assert_int_equal(fixture.fake.issued, 1); /* the old one */
	assert_non_null(strstr(
	    renewal_fixture_status(&fixture).error, "by the program that has"));
	assert_false(renewal_fake_has_key(&fixture.fake, ID));
	assert_false(renewal_fake_has_key(&fixture.fake, RENEWAL_FIXTURE_KEY));
	renewal_fixture_close(&fixture);
}

static void
decides_nothing_without_a_trustworthy_time_but_finishes(void **state)
{
	struct renewal_fixture fixture;
	CLEANUP(string) char *old = NULL;

	(void)state;
	renewal_fixture_open(&fixture, RENEWAL_PROOF_USER, true);
	old = strdup(renewal_fake_pem(&fixture.fake, ID));
	fixture.fake.now += 3650 * FIXTURE_DAY;
	(void)renewals_work(fixture.renewals, 0, false);
	assert_int_equal(fixture.fake.issued, 1);
	assert_string_equal(renewal_fake_pem(&fixture.fake, ID), old);
	fixture.fake.now = FIXTURE_NOW;
	renewal_fixture_work_when_due(&fixture);
	{
		CLEANUP_DONE(renewal_candidate)
		struct renewal_candidate candidate = {.key = NULL};
		struct error err;

		fixture.fake.now -= 50 * 365 * FIXTURE_DAY;
		assert_int_equal(
		    renewals_candidate(fixture.renewals, ID, &candidate, &err),
		    ERROR_NONE);
		assert_int_equal(renewals_confirm(fixture.renewals, ID,
				     candidate.digest, &err),
		    ERROR_NONE);
	}
	(void)renewals_work(fixture.renewals, 0, false);
	renewal_fixture_assert_renewed(&fixture, old);
	renewal_fixture_close(&fixture);
}

static void
starts_a_new_life_when_somebody_replaces_the_certificate(void **state)
{
	struct renewal_fixture fixture;
	int64_t due;

	(void)state;
	renewal_fixture_open(&fixture, RENEWAL_PROOF_NONE, true);
	due = renewal_fixture_work(&fixture);
	fixture.fake.now += 50 * FIXTURE_DAY;
	renewal_fake_put_pair(&fixture.fake, ID, "other");
	renewals_note_change(fixture.renewals, ID);
	assert_true(renewal_fixture_work(&fixture) > due + 45 * FIXTURE_DAY);
	renewal_fixture_close(&fixture);
}

static void
replace_again(void *context)
{
	struct renewal_fixture *fixture = context;

	renewals_note_change(fixture->renewals, ID);
}

/* Replaced again just when the first replacement has been looked at. */
static void
takes_no_certificate_for_due_because_it_was_just_replaced(void **state)
{
	struct renewal_fixture fixture;
	unsigned issued;
	int64_t due;

	(void)state;
	renewal_fixture_open(&fixture, RENEWAL_PROOF_NONE, true);
	due = renewal_fixture_work(&fixture);
	issued = fixture.fake.issued;
	fixture.fake.after_reading = replace_again;
	fixture.fake.context = &fixture;
	renewals_note_change(fixture.renewals, ID);
	(void)renewal_fixture_work(&fixture);
	assert_null(fixture.fake.after_reading);
	assert_true(renewal_fixture_work(&fixture) == due);
	assert_int_equal(fixture.fake.issued, issued);
	renewal_fixture_close(&fixture);
}

/* Returns false if a renewal has fewer steps than fated. */
static bool
tells_of_step(unsigned fated)
{
	struct renewal_fixture fixture;
	bool has_failed;

	renewal_fixture_open(&fixture, RENEWAL_PROOF_EST, true);
	fixture.fake.now = renewal_fixture_work(&fixture);
	renewal_fake_doom(&fixture.fake, WORLD_FAILS, fated);
	(void)renewal_fixture_work(&fixture);
	has_failed = fixture.fake.steps >= fated;
	assert_int_equal(fixture.fake.failures, has_failed);
	assert_int_equal(*fixture.fake.last_failure.message != 0, has_failed);
	renewal_fixture_close(&fixture);
	return has_failed;
}

/* Whatever step it is that fails, and be it the journal's. */
static void
tells_of_every_step_that_fails(void **state)
{
	unsigned fated = 1;

	(void)state;
	while (tells_of_step(fated))
		fated++;
	assert_true(fated > 10);
}

static void
begins_a_journal_anew_that_cannot_be_read(void **state)
{
	struct renewal_fixture fixture;
	struct managed managed = {.id = strdup(ID)};
	struct renewal_world world;
	CLEANUP(string) char *name = file_name_of_id(ID, "json");
	CLEANUP(string) char *path = NULL;
	struct renewals *renewals;
	struct error problem, err;

	(void)state;
	renewal_fixture_open(&fixture, RENEWAL_PROOF_NONE, true);
	world = renewal_fake_world(&fixture.fake);
	path = string_format("%s/%s", (char *)fixture.scratch, name);
	assert_int_equal(
	    file_write(path, "{\"id\":", 6, 0600, &err), ERROR_NONE);
	assert_int_equal(renewals_create(&managed, 1, fixture.scratch, &world,
			     &renewals, &problem, &err),
	    ERROR_NONE);
	assert_int_equal(problem.code, ERROR_INVALID);
	renewals_free(renewals);
	renewal_fixture_close(&fixture);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(renews_when_due_and_tells_who_wants_to_know),
	    cmocka_unit_test(keeps_the_key_if_it_is_not_to_be_rotated),
	    cmocka_unit_test(keeps_the_old_pair_until_the_new_one_is_proved),
	    cmocka_unit_test(
		drops_a_candidate_that_is_rejected_and_makes_another_later),
	    cmocka_unit_test(
		drops_a_candidate_that_nobody_proves_before_it_expires),
	    cmocka_unit_test(
		knows_since_when_a_candidate_waits_by_a_trustworthy_time),
	    cmocka_unit_test(tries_again_for_as_long_as_it_takes),
	    cmocka_unit_test(makes_another_if_its_proof_fails),
	    cmocka_unit_test(obtains_the_first_one_if_it_is_told_to),
	    cmocka_unit_test(gives_up_telling_somebody_who_is_not_there),
	    cmocka_unit_test(leaves_to_its_program_what_has_its_key_elsewhere),
	    cmocka_unit_test(
		decides_nothing_without_a_trustworthy_time_but_finishes),
	    cmocka_unit_test(
		starts_a_new_life_when_somebody_replaces_the_certificate),
	    cmocka_unit_test(
		takes_no_certificate_for_due_because_it_was_just_replaced),
	    cmocka_unit_test(tells_of_every_step_that_fails),
	    cmocka_unit_test(begins_a_journal_anew_that_cannot_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
