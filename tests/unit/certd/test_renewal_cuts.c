/* SPDX-License-Identifier: MIT */
/* Renewals that are cut off, or fail, at every step and every write. */
#include "cmocka_wrap.h"

#include <glob.h>
#include <string.h>
#include <unistd.h>

#include "common/file.h"

#include "renewal_fixture.h"

#define ID RENEWAL_FIXTURE_ID

/* Until the end, or until the doomed step. */
static void
run_one_renewal(struct renewal_fixture *fixture)
{
	struct renewal_status status;

	(void)renewal_fixture_work(fixture);
	fixture->fake.now = FIXTURE_NOW + 83 * FIXTURE_DAY;
	(void)renewal_fixture_work(fixture);
	status = renewal_fixture_status(fixture);
	if (status.stage == JOURNAL_CANDIDATE &&
	    fixture->proof == RENEWAL_PROOF_USER) {
		CLEANUP_DONE(renewal_candidate)
		struct renewal_candidate candidate = {.key = NULL};
		struct error err;

		if (!renewals_candidate(
			fixture->renewals, ID, &candidate, &err))
			(void)!renewals_confirm(
			    fixture->renewals, ID, candidate.digest, &err);
		(void)renewal_fixture_work(fixture);
	}
}

static void
finish(struct renewal_fixture *fixture, const char *old)
{
	for (unsigned i = 0; i < 20; i++) {
		struct renewal_status status = renewal_fixture_status(fixture);

		if (status.stage == JOURNAL_IDLE &&
		    strcmp(renewal_fake_pem(&fixture->fake, ID), old) != 0)
			break;
		if (status.next != RENEWAL_NEVER &&
		    status.next > fixture->fake.now)
			fixture->fake.now = status.next;
		run_one_renewal(fixture);
	}
	renewal_fixture_assert_renewed(fixture, old);
}

/* What a client gets is for the key that it uses. */
static bool
shows_a_pair(const struct renewal_fixture *fixture)
{
	CLEANUP(string) char *shown = NULL;
	CLEANUP(x509_stack) x509_stack *chain = NULL;
	struct error err;

	if (!renewals_shown(fixture->renewals, ID, &shown))
		return renewal_fake_is_pair(&fixture->fake, ID, ID);
	if (certificates_from_pem(shown, &chain, &err))
		return false;
	return renewal_fake_is_key(&fixture->fake, ID, sk_X509_value(chain, 0));
}

/* In which stages another process has gone on, as bits. */
static unsigned resumed;

/* Meets fate at the fated-th step; returns false if there are not so many. */
static bool
meet(enum renewal_proof proof, bool rotate_key, enum world_fate fate,
    unsigned fated)
{
	struct renewal_fixture fixture;
	CLEANUP(string) char *old = NULL;
	bool was_met;

	renewal_fixture_open(&fixture, proof, rotate_key);
	old = strdup(renewal_fake_pem(&fixture.fake, ID));
	renewal_fake_doom(&fixture.fake, fate, fated);
	run_one_renewal(&fixture);
	was_met = fixture.fake.steps >= fated;
	if (was_met && fate != WORLD_FAILS) {
		renewal_fixture_restart(&fixture);
		resumed |= 1U << renewal_fixture_status(&fixture).stage;
		/* What begins to serve does so with a pair that is one. */
		(void)renewals_work(fixture.renewals, 0, false);
	}
	assert_true(shows_a_pair(&fixture));
	finish(&fixture, old);
	renewal_fixture_close(&fixture);
	return was_met;
}

static void
meet_everywhere(enum world_fate fate)
{
	static const enum renewal_proof proofs[] = {
	    RENEWAL_PROOF_NONE, RENEWAL_PROOF_EST, RENEWAL_PROOF_USER};
	unsigned fewest = 1000;

	for (unsigned i = 0; i < 6; i++) {
		unsigned fated = 1;

		resumed = 0;
		while (meet(proofs[i / 2], i % 2, fate, fated))
			fated++;
		/* With a new key and without, in every stage there is. */
		if (fate != WORLD_FAILS)
			assert_int_equal(
			    resumed, (1U << (JOURNAL_SWITCHED + 1)) - 1);
		if (fated < fewest)
			fewest = fated;
	}
	/* Six writes of the journal and four steps at least. */
	assert_true(fewest > 10);
}

static void
leaves_a_working_pair_wherever_it_is_killed(void **state)
{
	(void)state;
	meet_everywhere(WORLD_DIES_BEFORE);
	meet_everywhere(WORLD_DIES_AFTER);
}

static void
survives_a_failure_of_any_step_and_any_write(void **state)
{
	(void)state;
	meet_everywhere(WORLD_FAILS);
}

/* ---- a journal that is lost ---- */

static void
lose_journal(const struct renewal_fixture *fixture)
{
	glob_t found = {0};
	CLEANUP(string)
	char *pattern = string_format("%s/*.json", (char *)fixture->scratch);

	if (glob(pattern, 0, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc; i++)
			assert_int_equal(unlink(found.gl_pathv[i]), 0);
	globfree(&found);
}

/* Killed, and its journal gone; returns false if it has not so many steps. */
static bool
lose(enum renewal_proof proof, enum world_fate fate, unsigned fated)
{
	struct renewal_fixture fixture;
	CLEANUP(string) char *old = NULL;
	bool was_met;

	renewal_fixture_open(&fixture, proof, true);
	old = strdup(renewal_fake_pem(&fixture.fake, ID));
	renewal_fake_doom(&fixture.fake, fate, fated);
	run_one_renewal(&fixture);
	was_met = fixture.fake.steps >= fated;
	if (was_met) {
		resumed |= 1U << renewal_fixture_status(&fixture).stage;
		lose_journal(&fixture);
		renewal_fixture_restart(&fixture);
	}
	for (unsigned i = 0; i < 3; i++)
		run_one_renewal(&fixture);
	assert_string_not_equal(renewal_fake_pem(&fixture.fake, ID), old);
	assert_true(renewal_fake_is_pair(&fixture.fake, ID, ID));
	assert_int_equal(renewal_fixture_status(&fixture).stage, JOURNAL_IDLE);
	assert_int_equal(renewal_fixture_status(&fixture).attempts, 0);
	renewal_fixture_close(&fixture);
	return was_met;
}

static void
renews_although_its_journal_is_lost_at_any_step(void **state)
{
	static const enum renewal_proof proofs[] = {
	    RENEWAL_PROOF_NONE, RENEWAL_PROOF_EST, RENEWAL_PROOF_USER};

	(void)state;
	for (unsigned i = 0; i < 6; i++) {
		unsigned fated = 1;

		resumed = 0;
		while (lose(proofs[i / 2],
		    i % 2 ? WORLD_DIES_BEFORE : WORLD_DIES_AFTER, fated))
			fated++;
		assert_true(fated > 10);
		assert_true(resumed & 1U << JOURNAL_CONFIRMED);
	}
}

/* A process begins with a certificate that is not for keyd's key. */
static void
begin_with_a_lost_pair(struct renewal_fixture *fixture)
{
	struct renewal_world world = renewal_fake_world(&fixture->fake);
	struct error err;

	renewal_fixture_open(fixture, RENEWAL_PROOF_NONE, true);
	(void)renewal_fixture_work(fixture);
	assert_false(renewals_look_again(fixture->renewals, 0));
	assert_int_equal(world.drop_key(world.context, ID, &err), ERROR_NONE);
	assert_int_equal(
	    world.make_key(world.context, NULL, ID, &err), ERROR_NONE);
	renewal_fixture_restart(fixture);
}

static void
looks_again_for_a_lost_pair_while_keyd_is_away(void **state)
{
	struct renewal_fixture fixture;

	(void)state;
	begin_with_a_lost_pair(&fixture);
	fixture.fake.refuses_keys = ERROR_UNAVAILABLE;
	(void)renewal_fixture_work(&fixture);
	assert_true(renewals_look_again(fixture.renewals, 0));
	assert_false(renewals_look_again(fixture.renewals, 1));
	fixture.fake.refuses_keys = ERROR_DENIED;
	(void)renewal_fixture_work(&fixture);
	assert_false(renewals_look_again(fixture.renewals, 0));
	fixture.fake.refuses_keys = ERROR_NONE;
	(void)renewal_fixture_work(&fixture);
	assert_false(renewals_look_again(fixture.renewals, 0));
	assert_true(renewal_fake_is_pair(&fixture.fake, ID, ID));
	renewal_fixture_close(&fixture);
}

static void
mends_a_lost_pair_when_it_can_be_written_down(void **state)
{
	struct renewal_fixture fixture;

	(void)state;
	begin_with_a_lost_pair(&fixture);
	renewal_fake_doom(&fixture.fake, WORLD_FAILS, 1);
	(void)renewal_fixture_work(&fixture);
	assert_int_equal(renewal_fixture_status(&fixture).attempts, 1);
	assert_string_equal(fixture.fake.last_note, "");
	/* Not before its time, but then. */
	(void)renewal_fixture_work(&fixture);
	assert_true(renewals_look_again(fixture.renewals, 0));
	assert_false(renewal_fake_is_pair(&fixture.fake, ID, ID));
	assert_int_equal(renewal_fixture_status(&fixture).attempts, 1);
	fixture.fake.now += 5 * FIXTURE_DAY;
	(void)renewal_fixture_work(&fixture);
	assert_true(renewal_fake_is_pair(&fixture.fake, ID, ID));
	assert_non_null(
	    strstr(fixture.fake.last_note, "journal of a renewal, is lost"));
	assert_false(renewals_look_again(fixture.renewals, 0));
	renewal_fixture_close(&fixture);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(leaves_a_working_pair_wherever_it_is_killed),
	    cmocka_unit_test(survives_a_failure_of_any_step_and_any_write),
	    cmocka_unit_test(renews_although_its_journal_is_lost_at_any_step),
	    cmocka_unit_test(looks_again_for_a_lost_pair_while_keyd_is_away),
	    cmocka_unit_test(mends_a_lost_pair_when_it_can_be_written_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
