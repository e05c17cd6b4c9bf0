/* SPDX-License-Identifier: MIT */
/* What is remembered of looks at keyd's keys, and for how long. */
#include "cmocka_wrap.h"

#include "glances.h"

#define LATER GLANCES_AGAIN_MS

static struct glances glances = {.lock = PTHREAD_MUTEX_INITIALIZER};

static int
forget(void **state)
{
	(void)state;
	glances_forget(&glances);
	return 0;
}

static void
asks_of_no_key_while_keyd_does_not_answer(void **state)
{
	(void)state;
	assert_false(glances_is_away(&glances, 5));
	glances_note(&glances, "a", ERROR_TIMEOUT, 5);
	assert_true(glances_is_away(&glances, 5 + LATER - 1));
	assert_false(glances_is_away(&glances, 5 + LATER));
	assert_false(glances_is_not_lost(&glances, "a", 5));
}

/* It may be in another token, or another's: the others are looked at. */
static void
asks_of_others_behind_a_key_that_cannot_be_told_of(void **state)
{
	static const enum error_code codes[] = {
	    ERROR_UNAVAILABLE, ERROR_DENIED, ERROR_INVALID, ERROR_INTERNAL};

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		glances_note(&glances, "a", codes[i], 5);
		assert_false(glances_is_away(&glances, 5));
		assert_true(glances_is_not_lost(&glances, "a", 5));
		assert_false(glances_is_not_lost(&glances, "b", 5));
		glances_forget(&glances);
	}
}

static void
asks_of_a_key_that_was_there_after_a_while(void **state)
{
	(void)state;
	glances_note(&glances, "a", ERROR_NONE, 5);
	glances_note(&glances, "b", ERROR_NONE, 7);
	assert_true(glances_is_not_lost(&glances, "a", 5 + LATER - 1));
	assert_false(glances_is_not_lost(&glances, "a", 5 + LATER));
	assert_true(glances_is_not_lost(&glances, "b", 5 + LATER));
	glances_note(&glances, "a", ERROR_NONE, 5 + LATER);
	assert_true(glances_is_not_lost(&glances, "a", 5 + LATER));
}

static void
asks_each_time_of_a_key_that_is_lost(void **state)
{
	(void)state;
	glances_note(&glances, "a", ERROR_NOT_FOUND, 5);
	assert_false(glances_is_away(&glances, 5));
	assert_false(glances_is_not_lost(&glances, "a", 5));
}

#define TEST(name) cmocka_unit_test_teardown(name, forget)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(asks_of_no_key_while_keyd_does_not_answer),
	    TEST(asks_of_others_behind_a_key_that_cannot_be_told_of),
	    TEST(asks_of_a_key_that_was_there_after_a_while),
	    TEST(asks_each_time_of_a_key_that_is_lost),
	};

	return cmocka_run_group_tests_name("glances", tests, NULL, NULL);
}
