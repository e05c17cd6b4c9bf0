/* SPDX-License-Identifier: MIT */
/* What becomes of a certificate whose key is lost. */
#include "cmocka_wrap.h"

#include <string.h>

#include "renewal_fixture.h"

#define ID RENEWAL_FIXTURE_ID

/* Nobody restarts certd for it, and it is far from due. */
static void
obtains_an_identity_anew_when_its_key_is_lost(void **state)
{
	struct renewal_fixture fixture;

	(void)state;
	for (unsigned rotates = 0; rotates < 2; rotates++) {
		CLEANUP(string) char *old = NULL;

		renewal_fixture_open(&fixture, RENEWAL_PROOF_EST, rotates);
		old = strdup(renewal_fake_pem(&fixture.fake, ID));
		(void)renewal_fixture_work(&fixture);
		assert_string_equal(renewal_fake_pem(&fixture.fake, ID), old);
		renewal_fake_lose_key(&fixture.fake, ID);
		/* As long as keyd or its token is away nothing is lost. */
		fixture.fake.refuses_keys = ERROR_UNAVAILABLE;
		(void)renewal_fixture_work(&fixture);
		renewal_fixture_assert_stage(&fixture, JOURNAL_IDLE);
		assert_int_equal(fixture.fake.issued, 1);
		assert_true(renewals_look_again(fixture.renewals, 0));
		fixture.fake.refuses_keys = ERROR_NONE;
		(void)renewal_fixture_work(&fixture);
		renewal_fixture_assert_renewed(&fixture, old);
		assert_int_equal(fixture.fake.issued, 2);
		assert_non_null(
		    strstr(fixture.fake.last_note, "its key is gone"));
		(void)renewal_fixture_work(&fixture);
		assert_int_equal(fixture.fake.issued, 2);
		renewal_fixture_close(&fixture);
	}
}

static void
hurry_while_refused(enum error_code why, bool rotates, bool restarts)
{
	struct renewal_fixture fixture;
	CLEANUP(string) char *old = NULL;

	renewal_fixture_open(&fixture, RENEWAL_PROOF_EST, rotates);
	old = strdup(renewal_fake_pem(&fixture.fake, ID));
	renewal_fake_lose_key(&fixture.fake, ID);
	fixture.fake.refuses = why;
	for (unsigned i = 0; i < 3; i++) {
		renewal_fixture_work_when_due(&fixture);
		renewal_fixture_assert_stage(&fixture, JOURNAL_ASKED);
		assert_true(renewal_fixture_status(&fixture).is_pair_lost);
		if (restarts)
			renewal_fixture_restart(&fixture);
	}
	assert_true(fixture.fake.now < FIXTURE_NOW + 3600);
	fixture.fake.refuses = ERROR_NONE;
	renewal_fixture_work_when_due(&fixture);
	renewal_fixture_assert_renewed(&fixture, old);
	assert_false(renewal_fixture_status(&fixture).is_pair_lost);
	renewal_fixture_close(&fixture);
}

/*
 * The server is away, or refuses us until somebody has mended that: it is tried
 * again soon, not by the life of what is of no use.
 */
static void
hurries_while_an_identity_has_no_key(void **state)
{
	static const enum error_code reasons[] = {
	    ERROR_UNAVAILABLE, ERROR_UPSTREAM, ERROR_INVALID};

	(void)state;
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		for (unsigned way = 0; way < 4; way++)
			hurry_while_refused(reasons[i], way & 1, way & 2);
}

/* The server has refused it, so that the next try is days away. */
static void
goes_on_at_once_when_the_key_is_lost_amid_a_renewal(void **state)
{
	struct renewal_fixture fixture;
	int64_t next;

	(void)state;
	for (unsigned rotates = 0; rotates < 2; rotates++) {
		CLEANUP(string) char *old = NULL;

		renewal_fixture_open(&fixture, RENEWAL_PROOF_EST, rotates);
		old = strdup(renewal_fake_pem(&fixture.fake, ID));
		fixture.fake.refuses = ERROR_UPSTREAM;
		renewal_fixture_work_when_due(&fixture);
		renewal_fixture_assert_stage(&fixture, JOURNAL_ASKED);
		assert_false(renewal_fixture_status(&fixture).is_pair_lost);
		next = renewal_fixture_status(&fixture).next;
		assert_true(next > fixture.fake.now + 3600);
		fixture.fake.refuses = ERROR_NONE;
		renewal_fake_lose_key(&fixture.fake, ID);
		/* As long as keyd or its token is away nothing is lost. */
		fixture.fake.refuses_keys = ERROR_UNAVAILABLE;
		(void)renewal_fixture_work(&fixture);
		renewal_fixture_assert_stage(&fixture, JOURNAL_ASKED);
		assert_false(renewal_fixture_status(&fixture).is_pair_lost);
		assert_int_equal(renewal_fixture_status(&fixture).next, next);
		fixture.fake.refuses_keys = ERROR_NONE;
		(void)renewal_fixture_work(&fixture);
		/* If its key was the candidate's it is begun anew. */
		if (!rotates)
			renewal_fixture_work_when_due(&fixture);
		assert_true(fixture.fake.now < next);
		renewal_fixture_assert_renewed(&fixture, old);
		renewal_fixture_close(&fixture);
	}
}

/* Which keyd loads from elsewhere: nothing can be made in its place. */
static void
leaves_an_identity_alone_whose_key_is_of_elsewhere(void **state)
{
	struct renewal_fixture fixture;

	(void)state;
	renewal_fixture_open(&fixture, RENEWAL_PROOF_EST, false);
	fixture.fake.has_fixed_keys = true;
	renewal_fake_lose_key(&fixture.fake, ID);
	(void)renewal_fixture_work(&fixture);
	renewal_fixture_assert_stage(&fixture, JOURNAL_IDLE);
	assert_int_equal(fixture.fake.issued, 1);
	assert_int_equal(renewal_fixture_status(&fixture).attempts, 0);
	assert_false(renewal_fixture_status(&fixture).is_key_fixed);
	renewal_fixture_close(&fixture);
}

/* Which certd has obtained for a key of keyd's, and which somebody else. */
static void
knows_whose_certificate_is_in_place(void **state)
{
	struct renewal_fixture fixture;

	(void)state;
	renewal_fixture_open(&fixture, RENEWAL_PROOF_NONE, true);
	(void)renewal_fixture_work(&fixture);
	assert_false(renewal_fixture_status(&fixture).is_ours);
	renewal_fixture_work_when_due(&fixture);
	assert_true(renewal_fixture_status(&fixture).is_ours);
	renewal_fixture_restart(&fixture);
	(void)renewal_fixture_work(&fixture);
	assert_true(renewal_fixture_status(&fixture).is_ours);
	renewal_fake_lose_key(&fixture.fake, ID);
	renewal_fake_put_pair(&fixture.fake, ID, ID);
	renewals_note_change(fixture.renewals, ID);
	(void)renewal_fixture_work(&fixture);
	assert_false(renewal_fixture_status(&fixture).is_ours);
	renewal_fixture_restart(&fixture);
	(void)renewal_fixture_work(&fixture);
	assert_false(renewal_fixture_status(&fixture).is_ours);
	renewal_fixture_close(&fixture);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(obtains_an_identity_anew_when_its_key_is_lost),
	    cmocka_unit_test(hurries_while_an_identity_has_no_key),
	    cmocka_unit_test(
		goes_on_at_once_when_the_key_is_lost_amid_a_renewal),
	    cmocka_unit_test(
		leaves_an_identity_alone_whose_key_is_of_elsewhere),
	    cmocka_unit_test(knows_whose_certificate_is_in_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
