/* SPDX-License-Identifier: MIT */
/* Who shares an fsync, and who may not. fsync() is the test's own. */
#include "cmocka_wrap.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "folder_sync.h"

#define OTHERS 8
#define PAUSE_US_MAX (4 * 1000 * 1000)

static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	unsigned begun;
	bool is_open; /* the first fsync may end */
	int failure;  /* of those after the first */
} disk;

static struct folder_sync *folder;

/*
 * In place of libc's; the parameter's name is its own. The first one takes as
 * long as the test wants.
 */
int
/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
fsync(int descriptor)
{
	int failure = 0;

	(void)descriptor;
	(void)pthread_mutex_lock(&disk.lock);
	if (disk.begun++ > 0)
		failure = disk.failure;
	(void)pthread_cond_broadcast(&disk.changed);
	while (!disk.is_open)
		(void)pthread_cond_wait(&disk.changed, &disk.lock);
	(void)pthread_mutex_unlock(&disk.lock);
	errno = failure;
	return failure ? -1 : 0;
}

static int
setup(void **state)
{
	struct error err;

	(void)state;
	(void)pthread_mutex_init(&disk.lock, NULL);
	(void)pthread_cond_init(&disk.changed, NULL);
	disk.begun = 0;
	disk.is_open = false;
	disk.failure = 0;
	return folder_sync_open("/", &folder, &err) ? -1 : 0;
}

static int
teardown(void **state)
{
	(void)state;
	folder_sync_close(folder);
	return 0;
}

static void *
wait_in_thread(void *context)
{
	struct error *err = context;

	err->code = ERROR_NONE;
	(void)!folder_sync_wait(folder, err);
	return NULL;
}

static void
await_first(void)
{
	(void)pthread_mutex_lock(&disk.lock);
	while (disk.begun == 0)
		(void)pthread_cond_wait(&disk.changed, &disk.lock);
	(void)pthread_mutex_unlock(&disk.lock);
}

static void
open_disk(void)
{
	(void)pthread_mutex_lock(&disk.lock);
	disk.is_open = true;
	(void)pthread_cond_broadcast(&disk.changed);
	(void)pthread_mutex_unlock(&disk.lock);
}

/*
 * One whose fsync is under way, and others who come meanwhile, for which they
 * have so long.
 */
static void
run_crowd(struct error *first, struct error *others, unsigned pause_us)
{
	pthread_t threads[OTHERS + 1];

	assert_int_equal(
	    pthread_create(&threads[OTHERS], NULL, wait_in_thread, first), 0);
	await_first();
	for (unsigned i = 0; i < OTHERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL,
				     wait_in_thread, &others[i]),
		    0);
	(void)usleep(pause_us);
	open_disk();
	for (unsigned i = 0; i <= OTHERS; i++)
		(void)pthread_join(threads[i], NULL);
}

/* That all others have come in time is a matter of giving them enough. */
static void
has_one_sync_for_all_who_come_meanwhile(void **state)
{
	struct error first, others[OTHERS];
	unsigned pause_us = 1000;

	do {
		run_crowd(&first, others, pause_us);
		assert_int_equal(first.code, ERROR_NONE);
		for (unsigned i = 0; i < OTHERS; i++)
			assert_int_equal(others[i].code, ERROR_NONE);
		/* Not the one under way: their names may not be in it. */
		assert_true(disk.begun >= 2);
		if (disk.begun == 2)
			return;
		(void)teardown(state);
		assert_int_equal(setup(state), 0);
		pause_us *= 2;
	} while (pause_us < PAUSE_US_MAX);
	fail_msg("%d who wait for the disk never shared a sync", OTHERS);
}

static void
tells_each_who_shared_it_that_it_failed(void **state)
{
	struct error first, others[OTHERS];

	(void)state;
	disk.failure = EIO;
	run_crowd(&first, others, 1000);
	assert_int_equal(first.code, ERROR_NONE);
	for (unsigned i = 0; i < OTHERS; i++) {
		assert_int_equal(others[i].code, ERROR_INTERNAL);
		assert_non_null(strstr(others[i].message, strerror(EIO)));
	}
}

static void
needs_a_folder(void **state)
{
	struct folder_sync *none = NULL;
	struct error err;

	(void)state;
	assert_int_equal(
	    folder_sync_open("/nowhere/at/all", &none, &err), ERROR_INTERNAL);
	assert_null(none);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		has_one_sync_for_all_who_come_meanwhile, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		tells_each_who_shared_it_that_it_failed, setup, teardown),
	    cmocka_unit_test(needs_a_folder),
	};

	return cmocka_run_group_tests_name("folder sync", tests, NULL, NULL);
}
