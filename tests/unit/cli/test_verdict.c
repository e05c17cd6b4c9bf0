/* SPDX-License-Identifier: MIT */
/* When a daemon that was restarted with a new configuration is given up. */
#include "cmocka_wrap.h"

#include "rollout.h"
#include "verdict.h"

#define START 1000
#define LONG INT64_C(600000)

/* With --wait 600, so many milliseconds after the start. */
static enum verdict
look(struct verdict_watch *watch, int64_t after_ms, enum condition condition)
{
	return verdict_look(watch, START + after_ms, condition, false);
}

static void
who_is_degraded_on_end_is_given_up(void **state)
{
	struct verdict_watch watch = verdict_begin(true, LONG, START);

	(void)state;
	assert_int_equal(VERDICT_NONE, look(&watch, 0, CONDITION_DEGRADED));
	assert_int_equal(
	    VERDICT_NONE, look(&watch, ROLLOUT_GRACE_MS, CONDITION_DEGRADED));
	assert_int_equal(VERDICT_BAD,
	    look(&watch, ROLLOUT_GRACE_MS + 1, CONDITION_DEGRADED));
}

static void
one_bad_look_in_a_long_wait_is_no_end(void **state)
{
	struct verdict_watch watch = verdict_begin(true, LONG, START);

	(void)state;
	assert_int_equal(VERDICT_NONE, look(&watch, 0, CONDITION_STARTING));
	for (int64_t at = 60000; at < LONG; at += 60000) {
		assert_int_equal(
		    VERDICT_NONE, look(&watch, at, CONDITION_DEGRADED));
		assert_int_equal(
		    VERDICT_NONE, look(&watch, at + 50, CONDITION_STARTING));
	}
	assert_int_equal(
	    VERDICT_NONE, look(&watch, LONG - 50, CONDITION_DEGRADED));
	assert_int_equal(VERDICT_WELL, look(&watch, LONG, CONDITION_WELL));
}

static void
who_becomes_degraded_late_is_given_up_then(void **state)
{
	struct verdict_watch watch = verdict_begin(true, LONG, START);

	(void)state;
	assert_int_equal(VERDICT_NONE, look(&watch, 0, CONDITION_STARTING));
	assert_int_equal(VERDICT_NONE, look(&watch, 60000, CONDITION_DEGRADED));
	assert_int_equal(VERDICT_BAD,
	    look(&watch, 60001 + ROLLOUT_GRACE_MS, CONDITION_DEGRADED));
}

static void
a_device_is_waited_for_as_long_as_it_is_said(void **state)
{
	struct verdict_watch watch = verdict_begin(true, LONG, START);

	(void)state;
	assert_int_equal(VERDICT_NONE, look(&watch, LONG, CONDITION_STARTING));
	assert_int_equal(
	    VERDICT_UNKNOWN, look(&watch, LONG + 1, CONDITION_STARTING));
	watch = verdict_begin(false, LONG, START);
	assert_int_equal(VERDICT_WELL, look(&watch, 0, CONDITION_STARTING));
}

static void
only_a_device_that_was_there_can_be_lost(void **state)
{
	struct verdict_watch watch = verdict_begin(true, LONG, START);

	(void)state;
	assert_int_equal(
	    VERDICT_BAD, verdict_look(&watch, START, CONDITION_DEGRADED, true));
	watch = verdict_begin(false, LONG, START);
	assert_int_equal(VERDICT_WELL,
	    verdict_look(&watch, START, CONDITION_DEGRADED, true));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(who_is_degraded_on_end_is_given_up),
	    cmocka_unit_test(one_bad_look_in_a_long_wait_is_no_end),
	    cmocka_unit_test(who_becomes_degraded_late_is_given_up_then),
	    cmocka_unit_test(a_device_is_waited_for_as_long_as_it_is_said),
	    cmocka_unit_test(only_a_device_that_was_there_can_be_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
