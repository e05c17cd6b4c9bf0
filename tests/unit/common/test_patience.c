/* SPDX-License-Identifier: MIT */
/* When who waits for an answer yields the core, and when it sleeps. */
#include "cmocka_wrap.h"

#include "common/time.h"
#include "patience.h"

#define NOW_US INT64_C(5000000)
#define SECOND_US INT64_C(1000000)

static void
lasts_until_the_end_of_the_wait(void **state)
{
	struct patience patience = {0};

	(void)state;
	assert_true(patience_lasts(&patience, NOW_US + 1, NOW_US));
	assert_false(patience_lasts(&patience, NOW_US, NOW_US));
}

static void
goes_on_after_yields_that_returned_soon(void **state)
{
	struct patience patience = {0};

	(void)state;
	patience_note(&patience, NOW_US, NOW_US + 60);
	assert_true(patience_lasts(&patience, NOW_US + 100, NOW_US + 60));
}

static void
rests_for_a_while_when_others_had_the_core(void **state)
{
	struct patience patience = {0};
	int64_t after = NOW_US + 3000, later = after + SECOND_US;

	(void)state;
	patience_note(&patience, NOW_US, after);
	assert_false(patience_lasts(&patience, after + 100, after));
	patience_note(&patience, after, after + 1);
	assert_false(patience_lasts(&patience, after + 100, after + 1));
	assert_true(patience_lasts(&patience, later + 100, later));
}

static void
ends_by_itself(void **state)
{
	struct patience patience = {0};
	int64_t end = patience_end();
	unsigned yields = 0;

	(void)state;
	while (patience_yield(&patience, end))
		yields++;
	print_message("%u yields\n", yields);
	assert_true(time_monotonic_us() >= end ||
		    atomic_load(&patience.rests_until_us) > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lasts_until_the_end_of_the_wait),
	    cmocka_unit_test(goes_on_after_yields_that_returned_soon),
	    cmocka_unit_test(rests_for_a_while_when_others_had_the_core),
	    cmocka_unit_test(ends_by_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
