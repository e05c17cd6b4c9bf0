/* SPDX-License-Identifier: MIT */
/* What becomes of a renewed pair after DPS was asked with it. */
#include "cmocka_wrap.h"

#include "candidate.h"

static void
is_confirmed_only_if_dps_has_taken_it(void **state)
{
	(void)state;
	assert_int_equal(candidate_judge(ERROR_NONE, true), CANDIDATE_CONFIRM);
}

static void
is_rejected_if_it_is_refused_or_no_pair(void **state)
{
	(void)state;
	assert_int_equal(
	    candidate_judge(ERROR_UPSTREAM, true), CANDIDATE_REJECT);
	assert_int_equal(
	    candidate_judge(ERROR_INVALID, false), CANDIDATE_REJECT);
}

/* A server that is not trusted, say, tells nothing of the pair. */
static void
is_tried_again_if_dps_was_not_reached(void **state)
{
	static const enum error_code codes[] = {ERROR_UNAVAILABLE,
	    ERROR_TIMEOUT, ERROR_INTERNAL, ERROR_INVALID, ERROR_NOT_FOUND,
	    ERROR_DENIED};

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		assert_int_equal(
		    candidate_judge(codes[i], true), CANDIDATE_AGAIN);
	assert_int_equal(
	    candidate_judge(ERROR_UNAVAILABLE, false), CANDIDATE_AGAIN);
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
