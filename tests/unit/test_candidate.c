/* SPDX-License-Identifier: MIT */
/* What becomes of a renewed pair after DPS was asked with it. */
#include "cmocka_wrap.h"

#include "candidate.h"

static void
is_confirmed_only_if_dps_has_taken_it(void **state)
{
	(void)state;
	assert_int_equal(candidate_judge(ERROR_NONE), CANDIDATE_CONFIRM);
}

static void
is_rejected_if_it_is_refused_or_no_pair(void **state)
{
	(void)state;
	assert_int_equal(candidate_judge(ERROR_UPSTREAM), CANDIDATE_REJECT);
	assert_int_equal(candidate_judge(ERROR_INVALID), CANDIDATE_REJECT);
	assert_int_equal(candidate_judge(ERROR_NOT_FOUND), CANDIDATE_REJECT);
}

static void
is_tried_again_if_dps_was_not_reached(void **state)
{
	(void)state;
	assert_int_equal(candidate_judge(ERROR_UNAVAILABLE), CANDIDATE_AGAIN);
	assert_int_equal(candidate_judge(ERROR_TIMEOUT), CANDIDATE_AGAIN);
	assert_int_equal(candidate_judge(ERROR_INTERNAL), CANDIDATE_AGAIN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(is_confirmed_only_if_dps_has_taken_it),
	    cmocka_unit_test(is_rejected_if_it_is_refused_or_no_pair),
	    cmocka_unit_test(is_tried_again_if_dps_was_not_reached),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
