/* SPDX-License-Identifier: MIT */
/* When somebody has to look after a renewal, and what is said of it. */
#include "cmocka_wrap.h"

#include <string.h>

#include "standing.h"

#define HOUR INT64_C(3600)
#define DAY (24 * HOUR)
#define NOW (20000 * DAY)

/* Of 100 days, due since NOW. */
static struct renewal_status
status_of_months(void)
{
	return (struct renewal_status){.since = NOW - 80 * DAY,
	    .until = NOW + 20 * DAY,
	    .due = NOW,
	    .next = NOW + 4 * DAY};
}

static void
assert_late_after(const struct renewal_status *status, int64_t seconds)
{
	assert_false(standing_is_late(status, NOW + seconds - 1));
	assert_true(standing_is_late(status, NOW + seconds));
	assert_true(standing_is_late(status, status->until + DAY));
}

static void
says_nothing_while_all_is_well(void **state)
{
	struct renewal_status status = status_of_months();
	CLEANUP(string) char *text = NULL;
	struct error err;

	(void)state;
	assert_int_equal(standing_describe(&status, &text, &err), ERROR_NONE);
	assert_null(text);
	/* It is being renewed, as certd was off for so long. */
	assert_false(standing_is_late(&status, status.until));
}

static void
is_late_when_it_has_failed_for_a_day(void **state)
{
	struct renewal_status status = status_of_months();

	(void)state;
	status.attempts = 1;
	assert_late_after(&status, DAY);
	status.due = NOW + DAY; /* somebody wanted it before */
	assert_late_after(&status, 2 * DAY);
	status.failing_since = NOW;
	assert_late_after(&status, 2 * DAY);
}

static void
gives_what_was_due_while_it_was_off_the_same_time(void **state)
{
	struct renewal_status status = status_of_months();

	(void)state;
	status.attempts = 1;
	status.failing_since = NOW + 5 * DAY;
	assert_false(standing_is_late(&status, NOW + 6 * DAY - 1));
	assert_true(standing_is_late(&status, NOW + 6 * DAY));
	/* It has expired by then. */
	status.failing_since = status.until + HOUR;
	assert_false(standing_is_late(&status, status.failing_since));
	assert_true(standing_is_late(&status, status.failing_since + 900));
	/* By a clock that was ahead. */
	assert_true(standing_is_late(&status, NOW + DAY));
}

static void
is_late_when_a_candidate_has_waited_for_a_day(void **state)
{
	struct renewal_status status = status_of_months();

	(void)state;
	status.waits_for_user = true;
	status.candidate_since = NOW;
	status.due = NOW + 10 * DAY;
	assert_late_after(&status, DAY);
	status.candidate_since = 0; /* nobody knows yet */
	assert_false(standing_is_late(&status, NOW + DAY));
	/* Another one came, as the last one was rejected. */
	status.candidate_since = NOW + 5 * DAY;
	status.due = NOW;
	status.attempts = 1;
	status.failing_since = NOW;
	assert_late_after(&status, DAY);
	status.due = RENEWAL_NEVER;
	assert_late_after(&status, 6 * DAY);
	/* It is the first, and was due while the device was off. */
	status.due = NOW;
	status.attempts = 0;
	assert_late_after(&status, 6 * DAY);
}

static void
is_late_sooner_if_less_is_left(void **state)
{
	struct renewal_status status = status_of_months();

	(void)state;
	status.attempts = 1;
	status.until = NOW + 10 * HOUR;
	assert_late_after(&status, 5 * HOUR);
	status.until = NOW + 60;
	assert_late_after(&status, 15 * 60);
}

static void
is_late_when_the_first_one_does_not_come(void **state)
{
	struct renewal_status status = {
	    .due = RENEWAL_NEVER, .next = NOW, .attempts = 4};

	(void)state;
	assert_false(standing_is_late(&status, NOW));
	status.attempts = 5;
	assert_true(standing_is_late(&status, NOW));
}

static void
assert_says(const struct renewal_status *status, const char *const *parts)
{
	CLEANUP(string) char *text = NULL;
	struct error err;

	assert_int_equal(standing_describe(status, &text, &err), ERROR_NONE);
	assert_non_null(text);
	for (; *parts; parts++)
		if (!strstr(text, *parts))
			fail_msg("no '%s' in: %s", *parts, text);
}

static void
says_what_it_waits_for_and_why_it_fails(void **state)
{
	struct renewal_status status = status_of_months();

	(void)state;
	status.waits_for_user = true;
	status.candidate_since = 0;
	assert_says(&status, (const char *const[]){"certificate waits for who",
				 "renewal.prove: user", NULL});
	status.attempts = 2;
	(void)snprintf(
	    status.error, sizeof(status.error), "DPS refuses it: \xc3\xa4");
	assert_says(&status, (const char *const[]){"2 tries before it failed",
				 "DPS refuses it: \xc3\xa4", NULL});
	status.waits_for_user = false;
	assert_says(&status,
	    (const char *const[]){"renewing it has failed 2 times, next try on",
		"DPS refuses it: \xc3\xa4", NULL});
	status.until = 0;
	status.next = RENEWAL_NEVER;
	status.attempts = 1;
	assert_says(&status,
	    (const char *const[]){"obtaining it has failed 1 time: DPS", NULL});
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(says_nothing_while_all_is_well),
	    cmocka_unit_test(is_late_when_it_has_failed_for_a_day),
	    cmocka_unit_test(gives_what_was_due_while_it_was_off_the_same_time),
	    cmocka_unit_test(is_late_when_a_candidate_has_waited_for_a_day),
	    cmocka_unit_test(is_late_sooner_if_less_is_left),
	    cmocka_unit_test(is_late_when_the_first_one_does_not_come),
	    cmocka_unit_test(says_what_it_waits_for_and_why_it_fails),
	};

	return cmocka_run_group_tests_name("standing", tests, NULL, NULL);
}
