/* SPDX-License-Identifier: MIT */
/* Sleeping until a time of day. */
#include "cmocka_wrap.h"

#include <pthread.h>
#include <time.h>

#include "alarm.h"
#include "common/time.h"

/* Longer than any of the tests waits. */
#define LONG_MS 60000

static struct alarm_clock *alarm;

static int
setup(void **state)
{
	struct error err;

	(void)state;
	return alarm_create(&alarm, &err) == ERROR_NONE ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	alarm_free(alarm);
	return 0;
}

/* How long it slept. */
static int64_t
sleep_until(int64_t when, int64_t maximum_ms)
{
	int64_t begin = time_monotonic_ms();

	alarm_sleep(alarm, when, maximum_ms);
	return time_monotonic_ms() - begin;
}

static void
does_not_sleep_if_the_time_has_come(void **state)
{
	(void)state;
	assert_true(sleep_until(0, LONG_MS) < LONG_MS);
	assert_true(sleep_until(time_now(), LONG_MS) < LONG_MS);
}

static void
sleeps_until_then(void **state)
{
	int64_t when = time_now() + 2;
	struct timespec now;

	(void)state;
	assert_true(sleep_until(when, LONG_MS) < LONG_MS);
	/* time() may lag behind by a tick. */
	(void)clock_gettime(CLOCK_REALTIME, &now);
	assert_true(now.tv_sec >= when);
}

static void
sleeps_no_longer_than_it_may(void **state)
{
	(void)state;
	assert_true(sleep_until(INT64_MAX, 50) >= 49);
}

static void *
ring(void *context)
{
	(void)context;
	alarm_ring(alarm);
	return NULL;
}

static void
wakes_when_somebody_rings_before_or_during_it(void **state)
{
	pthread_t thread;

	(void)state;
	alarm_ring(alarm);
	assert_true(sleep_until(INT64_MAX, LONG_MS) < LONG_MS);
	assert_int_equal(pthread_create(&thread, NULL, ring, NULL), 0);
	assert_true(sleep_until(INT64_MAX, LONG_MS) < LONG_MS);
	(void)pthread_join(thread, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(does_not_sleep_if_the_time_has_come),
	    cmocka_unit_test(sleeps_until_then),
	    cmocka_unit_test(sleeps_no_longer_than_it_may),
	    cmocka_unit_test(wakes_when_somebody_rings_before_or_during_it),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
