/* SPDX-License-Identifier: MIT */
#include "renewal_fixture.h"

#include <string.h>

#include "cmocka_wrap.h"

#include "scratch.h"

void
renewal_fixture_start(struct renewal_fixture *fixture)
{
	struct managed managed = {
	    .id = strdup(RENEWAL_FIXTURE_ID),
	    .policy = {.id = RENEWAL_FIXTURE_ID,
		       .pk = RENEWAL_FIXTURE_ID,
		       .renewal = {.automatic = true,
		    .window = {80, POLICY_PERCENT},
		    .retry = {4, POLICY_PERCENT},
		    .rotate_key = fixture->rotate_key}},
	    .proof = fixture->proof,
	    .create = fixture->proof == RENEWAL_PROOF_EST,
	};
	struct renewal_world world = renewal_fake_world(&fixture->fake);
	struct error problem, err;

	if (renewals_create(&managed, 1, fixture->scratch, &world,
		&fixture->renewals, &problem, &err))
		fail_msg("%s", err.message);
	assert_int_equal(problem.code, ERROR_NONE);
}

void
renewal_fixture_restart(struct renewal_fixture *fixture)
{
	renewals_free(TAKE(fixture->renewals));
	renewal_fake_doom(&fixture->fake, WORLD_WHOLE, 0);
	renewal_fixture_start(fixture);
}

void
renewal_fixture_open(
    struct renewal_fixture *fixture, enum renewal_proof proof, bool rotate_key)
{
	fixture->proof = proof;
	fixture->rotate_key = rotate_key;
	assert_int_equal(scratch_create(&fixture->scratch), 0);
	renewal_fake_open(&fixture->fake);
	renewal_fake_put_pair(
	    &fixture->fake, RENEWAL_FIXTURE_ID, RENEWAL_FIXTURE_ID);
	renewal_fixture_start(fixture);
}

void
renewal_fixture_close(struct renewal_fixture *fixture)
{
	renewals_free(TAKE(fixture->renewals));
	renewal_fake_close(&fixture->fake);
	assert_int_equal(scratch_remove(&fixture->scratch), 0);
}

struct renewal_status
renewal_fixture_status(const struct renewal_fixture *fixture)
{
	struct renewal_status status;

	assert_true(
	    renewals_status(fixture->renewals, RENEWAL_FIXTURE_ID, &status));
	return status;
}

int64_t
renewal_fixture_work(struct renewal_fixture *fixture)
{
	return renewals_work(fixture->renewals, 0, true);
}

void
renewal_fixture_work_when_due(struct renewal_fixture *fixture)
{
	int64_t next = renewal_fixture_work(fixture);

	assert_true(next != RENEWAL_NEVER && next > fixture->fake.now);
	fixture->fake.now = next;
	(void)renewal_fixture_work(fixture);
}

void
renewal_fixture_confirm(struct renewal_fixture *fixture)
{
	CLEANUP_DONE(renewal_candidate)
	struct renewal_candidate candidate = {.key = NULL};
	struct error err = {.message = ""};

	if (renewals_candidate(
		fixture->renewals, RENEWAL_FIXTURE_ID, &candidate, &err) ||
	    renewals_confirm(fixture->renewals, RENEWAL_FIXTURE_ID,
		candidate.digest, &err) ||
	    renewals_confirm(
		fixture->renewals, RENEWAL_FIXTURE_ID, candidate.digest, &err))
		fail_msg("%s", err.message);
	(void)renewal_fixture_work(fixture);
	if (renewals_confirm(
		fixture->renewals, RENEWAL_FIXTURE_ID, candidate.digest, &err))
		fail_msg("confirming again: %s", err.message);
}

void
renewal_fixture_assert_renewed(
    struct renewal_fixture *fixture, const char *old_pem)
{
	struct renewal_status status = renewal_fixture_status(fixture);

	if (status.stage != JOURNAL_IDLE)
		fail_msg(
		    "%s: %s", journal_stage_name(status.stage), status.error);
	assert_string_not_equal(
	    renewal_fake_pem(&fixture->fake, RENEWAL_FIXTURE_ID), old_pem);
	assert_true(renewal_fake_is_pair(
	    &fixture->fake, RENEWAL_FIXTURE_ID, RENEWAL_FIXTURE_ID));
	assert_false(renewal_fake_has_key(&fixture->fake, RENEWAL_FIXTURE_KEY));
	assert_int_equal(status.attempts, 0);
}
