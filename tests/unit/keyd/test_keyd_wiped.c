/* SPDX-License-Identifier: MIT */
/* Memory that is wiped. The sanitizers see what is lost or released twice. */
#include "cmocka_wrap.h"

#include <pthread.h>
#include <string.h>

#include "wiped.h"

#define SMALL 100
#define LARGE 5000

static void *
allocate(size_t size)
{
	void *data = wiped_allocate(size, __FILE__, __LINE__);

	assert_non_null(data);
	memset(data, 'x', size);
	return data;
}

static void
release(void *data)
{
	wiped_release(data, __FILE__, __LINE__);
}

static void
assert_all(char expected, const char *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		assert_int_equal(data[i], expected);
}

static void
keeps_only_zeros_of_what_is_released(void **state)
{
	char *data = allocate(SMALL);

	(void)state;
	release(data);
	/* The thread keeps it, so it may still be looked at. */
	assert_all(0, data, SMALL);
	assert_ptr_equal(wiped_allocate(SMALL, NULL, 0), data);
	release(data);
}

static void
gives_blocks_that_do_not_overlap(void **state)
{
	char *blocks[200];
	size_t count = sizeof(blocks) / sizeof(blocks[0]);

	(void)state;
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < count; i++) {
			size_t size = i * 17 + 1;

			blocks[i] = allocate(size);
			assert_int_equal((uintptr_t)blocks[i] % 16, 0);
			memset(blocks[i], (char)i, size);
		}
		for (size_t i = 0; i < count; i++) {
			assert_all((char)i, blocks[i], i * 17 + 1);
			release(blocks[i]);
		}
	}
}

static void
resizes_without_losing_or_leaving_anything(void **state)
{
	char *small = allocate(SMALL);
	char *same = wiped_resize(small, 10, NULL, 0);
	char *large;

	(void)state;
	assert_ptr_equal(same, small);
	large = wiped_resize(small, LARGE, NULL, 0);
	assert_non_null(large);
	assert_all('x', large, SMALL);
	assert_all(0, small, SMALL);
	assert_null(wiped_resize(large, 0, NULL, 0));
	small = wiped_resize(NULL, SMALL, NULL, 0);
	assert_non_null(small);
	release(small);
}

static void
allocates_nothing_of_no_size_and_of_too_much(void **state)
{
	char *data = allocate(SMALL);

	(void)state;
	assert_null(wiped_allocate(0, NULL, 0));
	assert_null(wiped_allocate(SIZE_MAX, NULL, 0));
	assert_null(wiped_resize(data, SIZE_MAX - 1, NULL, 0));
	assert_all('x', data, SMALL);
	release(data);
	release(NULL);
}

static void *
take_over(void *argument)
{
	release(argument);
	release(allocate(SMALL));
	return NULL;
}

static void
lets_another_thread_release_and_end(void **state)
{
	pthread_t thread;

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(
		    pthread_create(&thread, NULL, take_over, allocate(SMALL)),
		    0);
		assert_int_equal(pthread_join(thread, NULL), 0);
	}
}

static int
setup(void **state)
{
	struct error err;

	(void)state;
	return wiped_prepare(&err) ? -1 : 0;
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(keeps_only_zeros_of_what_is_released),
	    cmocka_unit_test(gives_blocks_that_do_not_overlap),
	    cmocka_unit_test(resizes_without_losing_or_leaving_anything),
	    cmocka_unit_test(allocates_nothing_of_no_size_and_of_too_much),
	    cmocka_unit_test(lets_another_thread_release_and_end),
	};

	return cmocka_run_group_tests_name("keyd wiped", tests, setup, NULL);
}
