/* SPDX-License-Identifier: MIT */
/* When a certificate is renewed, and when a failed renewal is tried again. */
#include "cmocka_wrap.h"

#include "schedule.h"
#include "trust_time.h"

#define DAY INT64_C(86400)
#define NOW INT64_C(1800000000)

static const struct policy_renewal usual = {
    .automatic = true,
    .window = {80, POLICY_PERCENT},
    .retry = {4,  POLICY_PERCENT},
};

static const struct schedule_life hundred_days = {NOW, NOW + 100 * DAY};

static void
is_due_at_80_percent_and_a_little_later_by_chance(void **state)
{
	(void)state;
	assert_int_equal(
	    schedule_due(&usual, &hundred_days, 0), NOW + 80 * DAY);
	for (uint32_t salt = 1; salt < 2000000000; salt = salt * 3 + 1)
		assert_in_range(schedule_due(&usual, &hundred_days, salt),
		    NOW + 80 * DAY, NOW + 82 * DAY);
}

static void
is_due_so_long_before_the_end(void **state)
{
	struct policy_renewal rule = usual;

	(void)state;
	rule.window = (struct policy_time){30, POLICY_DAYS};
	assert_int_equal(schedule_due(&rule, &hundred_days, 0), NOW + 70 * DAY);
}

/* A new one must not be due again when it comes. */
static void
is_not_due_before_half_of_a_life_that_the_window_does_not_fit(void **state)
{
	const struct schedule_life ten_minutes = {NOW, NOW + 600};
	struct policy_renewal rule = usual;

	(void)state;
	rule.window = (struct policy_time){50, POLICY_DAYS};
	assert_false(schedule_is_cut(&rule, &hundred_days));
	rule.window = (struct policy_time){51, POLICY_DAYS};
	assert_true(schedule_is_cut(&rule, &hundred_days));
	assert_int_equal(schedule_due(&rule, &hundred_days, 0), NOW + 50 * DAY);
	rule.window = (struct policy_time){30, POLICY_MINUTES};
	assert_int_equal(schedule_due(&rule, &ten_minutes, 0), NOW + 300);
	/* What is a part of its life is as it is said. */
	rule.window = (struct policy_time){10, POLICY_PERCENT};
	assert_false(schedule_is_cut(&rule, &ten_minutes));
	assert_int_equal(schedule_due(&rule, &ten_minutes, 0), NOW + 60);
}

static void
is_never_due_past_the_end(void **state)
{
	struct policy_renewal rule = usual;

	(void)state;
	rule.retry = (struct policy_time){400, POLICY_DAYS};
	for (uint32_t salt = 1; salt < 2000000000; salt = salt * 3 + 1)
		assert_in_range(schedule_due(&rule, &hundred_days, salt),
		    NOW + 80 * DAY, NOW + 83 * DAY);
}

static int64_t
retry_in(enum error_code code, int64_t age, int64_t wait_seconds)
{
	struct schedule_failure failure = {code, 1, wait_seconds};
	int64_t now = NOW + age;

	return schedule_retry(&usual, &hundred_days, &failure, now, 0) - now;
}

static void
tries_again_after_4_percent_and_faster_near_the_end(void **state)
{
	(void)state;
	assert_int_equal(retry_in(ERROR_UPSTREAM, 80 * DAY, 0), 4 * DAY);
	assert_int_equal(retry_in(ERROR_UPSTREAM, 92 * DAY, 0), 2 * DAY);
	assert_int_equal(retry_in(ERROR_UPSTREAM, 100 * DAY - 600, 0), 600);
	assert_int_equal(retry_in(ERROR_UPSTREAM, 120 * DAY, 0), 600);
}

static void
tries_what_may_pass_within_the_hour(void **state)
{
	(void)state;
	assert_int_equal(retry_in(ERROR_UNAVAILABLE, 80 * DAY, 0), 3600);
	assert_int_equal(retry_in(ERROR_TIMEOUT, 80 * DAY, 0), 3600);
	assert_int_equal(retry_in(ERROR_TIMEOUT, 100 * DAY, 0), 600);
}

static void
leaves_a_server_alone_as_it_asks_but_not_past_the_end(void **state)
{
	(void)state;
	assert_int_equal(retry_in(ERROR_UNAVAILABLE, 80 * DAY, 7200), 7200);
	assert_int_equal(
	    retry_in(ERROR_UNAVAILABLE, 80 * DAY, 365 * DAY), 10 * DAY);
	assert_int_equal(
	    retry_in(ERROR_UNAVAILABLE, 101 * DAY, 9 * DAY), 9 * DAY);
}

static void
keeps_step_with_lives_of_minutes(void **state)
{
	const struct schedule_life two_minutes = {NOW, NOW + 120};
	struct schedule_failure failure = {ERROR_UPSTREAM, 1, 0};

	(void)state;
	assert_int_equal(schedule_due(&usual, &two_minutes, 0), NOW + 96);
	assert_int_equal(
	    schedule_retry(&usual, &two_minutes, &failure, NOW + 96, 0),
	    NOW + 100);
}

static void
tries_for_a_first_certificate_at_growing_intervals(void **state)
{
	static const int64_t expected[] = {30, 60, 120, 240, 480, 480};
	const struct schedule_life none = {0, 0};

	(void)state;
	for (unsigned i = 0; i < 6; i++) {
		struct schedule_failure failure = {ERROR_UPSTREAM, i + 1, 0};

		assert_int_equal(
		    schedule_retry(&usual, &none, &failure, NOW, 0),
		    NOW + expected[i]);
	}
}

/* ---- the clock ---- */

static enum time_trust
reads(struct time_memory *memory, int64_t now, int64_t running)
{
	return trust_time(memory, &(struct time_reading){now, running, false});
}

static void
believes_a_clock_that_goes_on(void **state)
{
	struct time_memory memory = {.floor = NOW};

	(void)state;
	assert_int_equal(reads(&memory, NOW + 10, 5), TIME_TRUSTED);
	assert_int_equal(reads(&memory, NOW + 9, 6), TIME_TRUSTED);
	/* Suspended for a year: CLOCK_BOOTTIME counts it. */
	assert_int_equal(
	    reads(&memory, NOW + 365 * DAY, 365 * DAY), TIME_TRUSTED);
	assert_int_equal(memory.floor, NOW + 365 * DAY);
}

static void
doubts_a_clock_without_a_battery(void **state)
{
	struct time_memory memory = {.floor = 0};

	(void)state;
	assert_int_equal(reads(&memory, 100, 5), TIME_BEHIND);
	assert_int_equal(reads(&memory, 100 + 9999, 9999), TIME_BEHIND);
	assert_int_equal(reads(&memory, NOW, 10005), TIME_TRUSTED);
}

static void
doubts_a_clock_that_is_set_back_by_50_years(void **state)
{
	struct time_memory memory = {.floor = NOW};
	const int64_t back = NOW - 50 * 365 * DAY;

	(void)state;
	assert_int_equal(reads(&memory, NOW, 5), TIME_TRUSTED);
	assert_int_equal(reads(&memory, back, 6), TIME_BEHIND);
	assert_int_equal(reads(&memory, NOW - 601, 7), TIME_BEHIND);
	assert_int_equal(reads(&memory, NOW - 600, 8), TIME_TRUSTED);
	assert_int_equal(memory.floor, NOW);
}

static void
doubts_a_clock_that_jumps_10_years_until_it_stays_there(void **state)
{
	struct time_memory memory = {.floor = NOW};
	const int64_t ahead = NOW + 3650 * DAY;

	(void)state;
	assert_int_equal(reads(&memory, NOW, 5), TIME_TRUSTED);
	assert_int_equal(reads(&memory, ahead, 6), TIME_AHEAD);
	assert_int_equal(reads(&memory, ahead + 3599, 3605), TIME_AHEAD);
	assert_int_equal(memory.floor, NOW);
	/* It is put right: as if nothing had been. */
	assert_int_equal(reads(&memory, NOW + 3601, 3606), TIME_TRUSTED);
	assert_int_equal(reads(&memory, ahead, 4000), TIME_AHEAD);
	assert_int_equal(reads(&memory, ahead + 3600, 7600), TIME_TRUSTED);
	assert_int_equal(memory.floor, ahead + 3600);
}

static void
believes_a_time_server_more_than_its_memory(void **state)
{
	struct time_memory memory = {.floor = NOW + 3650 * DAY};
	struct time_reading reading = {NOW, 5, true};

	(void)state;
	assert_int_equal(trust_time(&memory, &reading), TIME_TRUSTED);
	assert_int_equal(memory.floor, NOW);
	reading.now = 100;
	assert_int_equal(trust_time(&memory, &reading), TIME_BEHIND);
}

/* A file that a time server's client has left says nothing for ever. */
static void
believes_what_was_synchronized_within_the_hour_only(void **state)
{
	(void)state;
	assert_true(trust_time_is_fresh(NOW, NOW));
	assert_true(trust_time_is_fresh(NOW - 3600, NOW));
	assert_true(trust_time_is_fresh(NOW + 3600, NOW));
	assert_false(trust_time_is_fresh(NOW - 3601, NOW));
	assert_false(trust_time_is_fresh(NOW + 3601, NOW));
	assert_false(trust_time_is_fresh(NOW, NOW + 3650 * DAY));
	assert_false(trust_time_is_fresh(NOW, 100));
}

static void
doubts_a_clock_that_ran_away_while_the_device_was_off(void **state)
{
	struct time_memory memory = {.floor = NOW};

	(void)state;
	assert_int_equal(reads(&memory, NOW + 89 * DAY, 5), TIME_TRUSTED);
	memory = (struct time_memory){.floor = NOW};
	assert_int_equal(reads(&memory, NOW + 91 * DAY, 5), TIME_AHEAD);
	/* The first start of all has nothing to compare with. */
	memory = (struct time_memory){.floor = 0};
	assert_int_equal(reads(&memory, NOW + 9999 * DAY, 5), TIME_TRUSTED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(is_due_at_80_percent_and_a_little_later_by_chance),
	    cmocka_unit_test(is_due_so_long_before_the_end),
	    cmocka_unit_test(
		is_not_due_before_half_of_a_life_that_the_window_does_not_fit),
	    cmocka_unit_test(is_never_due_past_the_end),
	    cmocka_unit_test(
		tries_again_after_4_percent_and_faster_near_the_end),
	    cmocka_unit_test(tries_what_may_pass_within_the_hour),
	    cmocka_unit_test(
		leaves_a_server_alone_as_it_asks_but_not_past_the_end),
	    cmocka_unit_test(keeps_step_with_lives_of_minutes),
	    cmocka_unit_test(
		tries_for_a_first_certificate_at_growing_intervals),
	    cmocka_unit_test(believes_a_clock_that_goes_on),
	    cmocka_unit_test(doubts_a_clock_without_a_battery),
	    cmocka_unit_test(doubts_a_clock_that_is_set_back_by_50_years),
	    cmocka_unit_test(
		doubts_a_clock_that_jumps_10_years_until_it_stays_there),
	    cmocka_unit_test(believes_a_time_server_more_than_its_memory),
	    cmocka_unit_test(
		believes_what_was_synchronized_within_the_hour_only),
	    cmocka_unit_test(
		doubts_a_clock_that_ran_away_while_the_device_was_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
