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

/* Many devices renew on the same day. */
static void
is_tried_again_less_and_less_often_and_never_too_early(void **state)
{
	static const int64_t now = 1000000, long_ms = 3600000;
	struct backoff backoff = {.first_ms = 30000, .maximum_ms = 300000};

	(void)state;
	assert_in_range(candidate_pause_ms(&backoff, 0, now), 22500, 37500);
	assert_in_range(
	    candidate_pause_ms(&backoff, now - 1, now), 45000, 75000);
	assert_int_equal(
	    candidate_pause_ms(&backoff, now + long_ms, now), long_ms);
	for (int i = 0; i < 20; i++)
		assert_in_range(candidate_pause_ms(&backoff, now + 1000, now),
		    30000, 375000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(is_confirmed_only_if_dps_has_taken_it),
	    cmocka_unit_test(is_rejected_if_it_is_refused_or_no_pair),
	    cmocka_unit_test(is_tried_again_if_dps_was_not_reached),
	    cmocka_unit_test(
		is_tried_again_less_and_less_often_and_never_too_early),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
