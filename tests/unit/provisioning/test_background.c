/* SPDX-License-Identifier: MIT */
/* The thread behind the daemon, with steps that are counted. */
#include "cmocka_wrap.h"

#include <pthread.h>
#include <stdatomic.h>

#include "background.h"
#include "common/time.h"

static struct background *background;
static _Atomic unsigned steps;
static _Atomic bool waits; /* the next step waits for ever */
static _Atomic bool gave_up;

int64_t
provision_step(struct provision *provision)
{
	(void)provision;
	if (atomic_load(&waits))
		atomic_store(
		    &gave_up, !background_wait(background, PROVISION_IDLE));
	/* The first three come one after the other. */
	return atomic_fetch_add(&steps, 1) < 2 ? 1 : PROVISION_IDLE;
}

static void
await_steps(unsigned count)
{
	int64_t end = time_monotonic_ms() + 60000;

	while (atomic_load(&steps) < count) {
		assert_true(time_monotonic_ms() < end);
		time_sleep_ms(1);
	}
}

static int
setup(void **state)
{
	struct error err;

	(void)state;
	atomic_store(&steps, 0);
	atomic_store(&waits, false);
	atomic_store(&gave_up, false);
	return background_create(&background, &err) ? -1 : 0;
}

static int
teardown(void **state)
{
	(void)state;
	background_free(background);
	return 0;
}

static void
start(void)
{
	static int provision;
	struct error err;

	assert_int_equal(background_start(background,
			     (struct provision *)(void *)&provision, &err),
	    ERROR_NONE);
}

static void
steps_rests_and_is_woken(void **state)
{
	(void)state;
	start();
	await_steps(3);
	time_sleep_ms(20);
	assert_int_equal(atomic_load(&steps), 3);
	background_wake(background);
	await_steps(4);
	assert_true(background_stop(background));
}

static void
is_not_lost_when_woken_before_it_rests(void **state)
{
	(void)state;
	atomic_store(&steps, 2); /* the next one is idle */
	background_wake(background);
	start();
	await_steps(4);
	assert_true(background_stop(background));
}

static void
a_step_that_waits_is_told_to_give_up(void **state)
{
	(void)state;
	atomic_store(&waits, true);
	start();
	time_sleep_ms(20);
	background_wake(background);
	time_sleep_ms(20);
	assert_int_equal(atomic_load(&steps), 0);
	assert_true(background_stop(background));
	assert_true(atomic_load(&gave_up));
}

static void
stops_what_never_started(void **state)
{
	(void)state;
	assert_true(background_stop(background));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	static const struct CMUnitTest tests[] = {
	    TEST(steps_rests_and_is_woken),
	    TEST(is_not_lost_when_woken_before_it_rests),
	    TEST(a_step_that_waits_is_told_to_give_up),
	    TEST(stops_what_never_started),
	};

	return cmocka_run_group_tests_name("background", tests, NULL, NULL);
}
