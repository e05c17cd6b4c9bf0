/* SPDX-License-Identifier: MIT */
/* Renewals that somebody wants although nothing is due. */
#include "cmocka_wrap.h"

#include <string.h>

#include "renewal_fixture.h"

#define ID RENEWAL_FIXTURE_ID

static void
open_by_wish(struct renewal_fixture *fixture, enum renewal_proof proof)
{
	renewal_fixture_open(fixture, proof, true);
	fixture->is_by_wish = true;
	renewal_fixture_restart(fixture);
	assert_true(renewal_fixture_work(fixture) == RENEWAL_NEVER);
}

static void
want(const struct renewal_fixture *fixture)
{
	struct error err = {.message = ""};

	if (renewals_hurry(fixture->renewals, ID, &err))
		fail_msg("%s", err.message);
}

static void
hurries_when_it_is_told_to_but_does_not_race(void **state)
{
	struct renewal_fixture fixture;
	CLEANUP(string) char *old = NULL;
	struct error err;

	(void)state;
	renewal_fixture_open(&fixture, RENEWAL_PROOF_NONE, true);
	old = strdup(renewal_fake_pem(&fixture.fake, ID));
	(void)renewal_fixture_work(&fixture);
	fixture.fake.refuses = ERROR_UPSTREAM;
	assert_int_equal(
	    renewals_hurry(fixture.renewals, ID, &err), ERROR_NONE);
	assert_true(renewal_fixture_work(&fixture) > fixture.fake.now);
	fixture.fake.refuses = ERROR_NONE;
	assert_int_equal(
	    renewals_hurry(fixture.renewals, ID, &err), ERROR_NONE);
	assert_true(renewal_fixture_work(&fixture) >
		    fixture.fake.now + 70 * FIXTURE_DAY);
	renewal_fixture_assert_renewed(&fixture, old);
	assert_int_equal(
	    renewals_hurry(fixture.renewals, "other", &err), ERROR_NOT_FOUND);
	renewal_fixture_close(&fixture);
}

/* Whatever has failed last, it is tried at once. */
static void
hurries_what_is_under_way_already(void **state)
{
	struct renewal_fixture fixture;
	CLEANUP(string) char *old = NULL;
	struct error err;

	(void)state;
	renewal_fixture_open(&fixture, RENEWAL_PROOF_EST, true);
	old = strdup(renewal_fake_pem(&fixture.fake, ID));
	fixture.fake.refuses_proof = ERROR_TIMEOUT;
	renewal_fixture_work_when_due(&fixture);
	assert_int_equal(
	    renewal_fixture_status(&fixture).stage, JOURNAL_CANDIDATE);
	fixture.fake.refuses_proof = ERROR_NONE;
	fixture.fake.refuses_notice = ERROR_UNAVAILABLE;
	assert_int_equal(
	    renewals_hurry(fixture.renewals, ID, &err), ERROR_NONE);
	assert_true(renewal_fixture_work(&fixture) > fixture.fake.now);
	assert_int_equal(
	    renewal_fixture_status(&fixture).stage, JOURNAL_SWITCHED);
	fixture.fake.refuses_notice = ERROR_NONE;
	fixture.fake.refuses = ERROR_UPSTREAM;
	assert_int_equal(
	    renewals_hurry(fixture.renewals, ID, &err), ERROR_NONE);
	assert_true(renewal_fixture_work(&fixture) > fixture.fake.now);
	assert_int_equal(fixture.fake.notices, 1);
	assert_string_not_equal(renewal_fake_pem(&fixture.fake, ID), old);
	renewal_fixture_close(&fixture);
}

static void
does_what_was_wanted_after_a_restart(void **state)
{
	struct renewal_fixture fixture;
	CLEANUP(string) char *old = NULL;

	(void)state;
	open_by_wish(&fixture, RENEWAL_PROOF_NONE);
	old = strdup(renewal_fake_pem(&fixture.fake, ID));
	want(&fixture);
	renewal_fixture_restart(&fixture);
	assert_true(renewal_fixture_work(&fixture) == RENEWAL_NEVER);
	renewal_fixture_assert_renewed(&fixture, old);
	renewal_fixture_restart(&fixture);
	assert_true(renewal_fixture_work(&fixture) == RENEWAL_NEVER);
	assert_int_equal(fixture.fake.issued, 2);
	renewal_fixture_close(&fixture);
}

static void
refuses_what_it_cannot_write_down(void **state)
{
	struct renewal_fixture fixture;
	struct error err;

	(void)state;
	open_by_wish(&fixture, RENEWAL_PROOF_NONE);
	renewal_fake_doom(&fixture.fake, WORLD_FAILS, 1);
	assert_int_equal(
	    renewals_hurry(fixture.renewals, ID, &err), ERROR_INTERNAL);
	assert_true(renewal_fixture_work(&fixture) == RENEWAL_NEVER);
	renewal_fixture_restart(&fixture);
	assert_true(renewal_fixture_work(&fixture) == RENEWAL_NEVER);
	assert_int_equal(fixture.fake.issued, 1);
	renewal_fixture_close(&fixture);
}

/* A wish that cannot be written down does not make what is due later due. */
static void
leaves_the_next_try_when_it_is_if_it_cannot_write(void **state)
{
	struct renewal_fixture fixture;
	int64_t next;
	struct error err;

	(void)state;
	renewal_fixture_open(&fixture, RENEWAL_PROOF_NONE, true);
	fixture.fake.refuses = ERROR_UPSTREAM;
	renewal_fixture_work_when_due(&fixture);
	next = renewal_fixture_work(&fixture);
	assert_true(next > fixture.fake.now);
	renewal_fake_doom(&fixture.fake, WORLD_FAILS, 1);
	assert_int_equal(
	    renewals_hurry(fixture.renewals, ID, &err), ERROR_INTERNAL);
	assert_true(renewal_fixture_work(&fixture) == next);
	renewal_fixture_close(&fixture);
}

/* Returns false if there are not so many steps. */
static bool
fails_once(enum renewal_proof proof, unsigned fated)
{
	struct renewal_fixture fixture;
	CLEANUP(string) char *old = NULL;
	bool was_met;

	open_by_wish(&fixture, proof);
	old = strdup(renewal_fake_pem(&fixture.fake, ID));
	want(&fixture);
	renewal_fake_doom(&fixture.fake, WORLD_FAILS, fated);
	(void)renewal_fixture_work(&fixture);
	was_met = fixture.fake.steps >= fated;
	/* It is the world that fails: the next try is soon. */
	if (was_met) {
		assert_true(
		    renewal_fixture_work(&fixture) <= fixture.fake.now + 40);
		renewal_fixture_work_when_due(&fixture);
	}
	renewal_fixture_assert_renewed(&fixture, old);
	assert_true(renewal_fixture_work(&fixture) == RENEWAL_NEVER);
	renewal_fixture_close(&fixture);
	return was_met;
}

static void
tries_again_whatever_failed_until_it_is_done(void **state)
{
	unsigned fated = 1;

	(void)state;
	while (fails_once(RENEWAL_PROOF_NONE, fated))
		fated++;
	assert_true(fated > 10);
	fated = 1;
	while (fails_once(RENEWAL_PROOF_EST, fated))
		fated++;
	assert_true(fated > 10);
}

static void
makes_another_if_the_first_one_is_rejected(void **state)
{
	struct renewal_fixture fixture;
	CLEANUP(string) char *old = NULL;
	CLEANUP_DONE(renewal_candidate)
	struct renewal_candidate candidate = {.key = NULL};
	struct error err = {.message = ""};

	(void)state;
	open_by_wish(&fixture, RENEWAL_PROOF_USER);
	old = strdup(renewal_fake_pem(&fixture.fake, ID));
	want(&fixture);
	(void)renewal_fixture_work(&fixture);
	if (renewals_candidate(fixture.renewals, ID, &candidate, &err) ||
	    renewals_reject(fixture.renewals, ID, candidate.digest, "no", &err))
		fail_msg("%s", err.message);
	renewal_fixture_restart(&fixture);
	renewal_fixture_work_when_due(&fixture);
	renewal_fixture_confirm(&fixture);
	renewal_fixture_assert_renewed(&fixture, old);
	assert_true(renewal_fixture_work(&fixture) == RENEWAL_NEVER);
	renewal_fixture_close(&fixture);
}

static void
forgets_what_can_never_be_done(void **state)
{
	struct renewal_fixture fixture;
	struct renewal_world world;
	struct error err;

	(void)state;
	open_by_wish(&fixture, RENEWAL_PROOF_NONE);
	world = renewal_fake_world(&fixture.fake);
	assert_int_equal(world.drop_key(world.context, ID, &err), ERROR_NONE);
	want(&fixture);
	assert_true(renewal_fixture_work(&fixture) == RENEWAL_NEVER);
	assert_non_null(strstr(
	    renewal_fixture_status(&fixture).error, "by the program that has"));
	renewal_fixture_restart(&fixture);
	assert_true(renewal_fixture_work(&fixture) == RENEWAL_NEVER);
	assert_int_equal(fixture.fake.failures, 1);
	renewal_fixture_close(&fixture);
}

/* Who asks before the new one is there means that one; afterwards another. */
static void
means_another_one_than_what_is_shown(void **state)
{
	struct renewal_fixture fixture;
	CLEANUP(string) char *old = NULL;

	(void)state;
	open_by_wish(&fixture, RENEWAL_PROOF_EST);
	old = strdup(renewal_fake_pem(&fixture.fake, ID));
	fixture.fake.refuses_proof = ERROR_TIMEOUT;
	want(&fixture);
	(void)renewal_fixture_work(&fixture);
	assert_int_equal(
	    renewal_fixture_status(&fixture).stage, JOURNAL_CANDIDATE);
	want(&fixture);
	fixture.fake.refuses_proof = ERROR_NONE;
	fixture.fake.refuses_place = ERROR_INTERNAL;
	(void)renewal_fixture_work(&fixture);
	assert_int_equal(
	    renewal_fixture_status(&fixture).stage, JOURNAL_CONFIRMED);
	assert_int_equal(fixture.fake.issued, 2);
	want(&fixture);
	fixture.fake.refuses_place = ERROR_NONE;
	renewal_fixture_restart(&fixture);
	assert_true(renewal_fixture_work(&fixture) == RENEWAL_NEVER);
	renewal_fixture_assert_renewed(&fixture, old);
	assert_int_equal(fixture.fake.issued, 3);
	renewal_fixture_close(&fixture);
}

/* Works through what another process has left, with the time that it takes. */
static void
finish(struct renewal_fixture *fixture)
{
	for (unsigned i = 0; i < 20; i++) {
		int64_t next = renewal_fixture_work(fixture);

		if (next == RENEWAL_NEVER)
			return;
		if (next > fixture->fake.now)
			fixture->fake.now = next;
	}
	fail_msg("there is no end");
}

/* Returns false if there are not so many steps. */
static bool
is_killed(enum world_fate fate, unsigned fated, bool is_seen)
{
	struct renewal_fixture fixture;
	CLEANUP(string) char *old = NULL;
	bool was_met, was_accepted;
	struct error err;

	open_by_wish(&fixture, RENEWAL_PROOF_NONE);
	if (is_seen) {
		fixture.fake.refuses_place = ERROR_INTERNAL;
		want(&fixture);
		(void)renewal_fixture_work(&fixture);
		fixture.fake.refuses_place = ERROR_NONE;
	}
	old = strdup(renewal_fake_pem(&fixture.fake, ID));
	renewal_fake_doom(&fixture.fake, fate, fated);
	was_accepted = renewals_hurry(fixture.renewals, ID, &err) == ERROR_NONE;
	(void)renewal_fixture_work(&fixture);
	was_met = fixture.fake.steps >= fated;
	renewal_fixture_restart(&fixture);
	finish(&fixture);
	if (was_accepted) {
		renewal_fixture_assert_renewed(&fixture, old);
		assert_true(fixture.fake.issued >= (is_seen ? 3 : 2));
	}
	assert_true(renewal_fake_is_pair(&fixture.fake, ID, ID));
	renewal_fixture_close(&fixture);
	return was_met;
}

static void
does_what_was_wanted_wherever_it_is_killed(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		enum world_fate fate =
		    i % 2 ? WORLD_DIES_BEFORE : WORLD_DIES_AFTER;
		unsigned fated = 1;

		while (is_killed(fate, fated, i / 2))
			fated++;
		assert_true(fated > 10);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(hurries_when_it_is_told_to_but_does_not_race),
	    cmocka_unit_test(hurries_what_is_under_way_already),
	    cmocka_unit_test(does_what_was_wanted_after_a_restart),
	    cmocka_unit_test(refuses_what_it_cannot_write_down),
	    cmocka_unit_test(leaves_the_next_try_when_it_is_if_it_cannot_write),
	    cmocka_unit_test(tries_again_whatever_failed_until_it_is_done),
	    cmocka_unit_test(makes_another_if_the_first_one_is_rejected),
	    cmocka_unit_test(forgets_what_can_never_be_done),
	    cmocka_unit_test(means_another_one_than_what_is_shown),
	    cmocka_unit_test(does_what_was_wanted_wherever_it_is_killed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
