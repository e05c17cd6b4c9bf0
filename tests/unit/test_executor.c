/* SPDX-License-Identifier: MIT */
/* Whose turn it is, who waited too long, and that no job is lost. */
#include "cmocka_wrap.h"

#include <pthread.h>
#include <stdbool.h>

#include "common/executor.h"
#include "common/time.h"

#define JOBS_MAX 8192
#define GREEDY_UID 1
#define MODEST_UID 2
#define LONG_MS 60000

/* What the jobs of a test have in common. */
struct record {
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t changed;
	bool is_open; /* jobs may end */
	unsigned started;
	unsigned done;
	unsigned order[JOBS_MAX]; /* the ids of jobs as they ended */
	enum executor_verdict verdicts[JOBS_MAX]; /* by id */
};

struct job {
	struct record *record;
	unsigned id;
};

static int
setup(void **state)
{
	struct record *record = calloc(1, sizeof(*record));

	assert_non_null(record);
	pthread_mutex_init(&record->lock, NULL);
	pthread_cond_init(&record->changed, NULL);
	*state = record;
	return 0;
}

static int
teardown(void **state)
{
	struct record *record = *state;

	pthread_cond_destroy(&record->changed);
	pthread_mutex_destroy(&record->lock);
	free(record);
	return 0;
}

static void
run(void *data, enum executor_verdict verdict)
{
	struct job *job = data;
	struct record *record = job->record;

	pthread_mutex_lock(&record->lock);
	record->started++;
	pthread_cond_broadcast(&record->changed);
	while (verdict == EXECUTOR_RUN && !record->is_open)
		pthread_cond_wait(&record->changed, &record->lock);
	record->verdicts[job->id] = verdict;
	record->order[record->done++] = job->id;
	pthread_cond_broadcast(&record->changed);
	pthread_mutex_unlock(&record->lock);
	free(job);
}

static enum error_code
submit(struct executor *executor, struct record *record, uid_t uid, unsigned id,
    int64_t wait_ms)
{
	struct job *job = malloc(sizeof(*job));
	struct error err;
	enum error_code code;

	assert_non_null(job);
	*job = (struct job){.record = record, .id = id};
	code = executor_submit(
	    executor, uid, time_monotonic_ms() + wait_ms, run, job, &err);
	if (code)
		free(job);
	return code;
}

static void
await(struct record *record, const unsigned *count, unsigned expected)
{
	pthread_mutex_lock(&record->lock);
	while (*count < expected)
		pthread_cond_wait(&record->changed, &record->lock);
	pthread_mutex_unlock(&record->lock);
}

static void
open_gate(struct record *record)
{
	pthread_mutex_lock(&record->lock);
	record->is_open = true;
	pthread_cond_broadcast(&record->changed);
	pthread_mutex_unlock(&record->lock);
}

static struct executor *
start(unsigned workers)
{
	struct executor *executor = NULL;
	struct error err;

	assert_int_equal(executor_create("a long name that is cut", workers,
			     &executor, &err),
	    ERROR_NONE);
	return executor;
}

static void
takes_turns_between_uids(void **state)
{
	struct record *record = *state;
	CLEANUP(executor) struct executor *executor = start(1);

	/* One job of the greedy uid occupies the worker, 100 wait. */
	for (unsigned id = 0; id <= 100; id++)
		assert_int_equal(
		    submit(executor, record, GREEDY_UID, id, LONG_MS),
		    ERROR_NONE);
	await(record, &record->started, 1);
	for (unsigned id = 101; id <= 103; id++)
		assert_int_equal(
		    submit(executor, record, MODEST_UID, id, LONG_MS),
		    ERROR_NONE);
	open_gate(record);
	await(record, &record->done, 104);

	assert_int_equal(record->order[0], 0);
	assert_int_equal(record->order[1], 1);
	assert_int_equal(record->order[2], 101);
	assert_int_equal(record->order[3], 2);
	assert_int_equal(record->order[4], 102);
	assert_int_equal(record->order[5], 3);
	assert_int_equal(record->order[6], 103);
	for (unsigned i = 7; i < 104; i++)
		assert_int_equal(record->order[i], i - 3);
}

static void
works_with_all_its_workers(void **state)
{
	struct record *record = *state;
	CLEANUP(executor) struct executor *executor = start(8);

	for (unsigned id = 0; id < 8; id++)
		assert_int_equal(
		    submit(executor, record, id, id, LONG_MS), ERROR_NONE);
	await(record, &record->started, 8);
	open_gate(record);
	await(record, &record->done, 8);
}

static void
tells_who_waited_too_long_while_all_workers_hang(void **state)
{
	struct record *record = *state;
	CLEANUP(executor) struct executor *executor = start(1);

	assert_int_equal(
	    submit(executor, record, GREEDY_UID, 0, LONG_MS), ERROR_NONE);
	await(record, &record->started, 1);
	assert_int_equal(
	    submit(executor, record, GREEDY_UID, 1, LONG_MS), ERROR_NONE);
	assert_int_equal(
	    submit(executor, record, GREEDY_UID, 2, 40), ERROR_NONE);
	assert_int_equal(
	    submit(executor, record, MODEST_UID, 3, 20), ERROR_NONE);
	await(record, &record->done, 2);
	assert_int_equal(record->order[0], 3);
	assert_int_equal(record->order[1], 2);
	assert_int_equal(record->verdicts[2], EXECUTOR_EXPIRED);
	assert_int_equal(record->verdicts[3], EXECUTOR_EXPIRED);

	/* What has not expired is done as ever, in a queue that was cut. */
	assert_int_equal(
	    submit(executor, record, GREEDY_UID, 4, LONG_MS), ERROR_NONE);
	open_gate(record);
	await(record, &record->done, 5);
	assert_int_equal(record->verdicts[1], EXECUTOR_RUN);
	assert_int_equal(record->verdicts[4], EXECUTOR_RUN);
}

static void
does_not_begin_what_has_expired(void **state)
{
	struct record *record = *state;
	CLEANUP(executor) struct executor *executor = start(1);

	assert_int_equal(
	    submit(executor, record, MODEST_UID, 0, 0), ERROR_NONE);
	await(record, &record->done, 1);
	assert_int_equal(record->verdicts[0], EXECUTOR_EXPIRED);
}

static void
refuses_when_the_queue_is_full(void **state)
{
	struct record *record = *state;
	struct executor *executor = start(1);

	assert_int_equal(
	    submit(executor, record, GREEDY_UID, 0, LONG_MS), ERROR_NONE);
	await(record, &record->started, 1);
	for (unsigned id = 1; id <= EXECUTOR_QUEUE_MAX; id++)
		assert_int_equal(
		    submit(executor, record, GREEDY_UID, id, LONG_MS),
		    ERROR_NONE);
	assert_int_equal(submit(executor, record, MODEST_UID, 0, LONG_MS),
	    ERROR_UNAVAILABLE);
	open_gate(record);
	executor_free(executor);
	assert_int_equal(record->done, EXECUTOR_QUEUE_MAX + 1);
}

static void *
open_late(void *data)
{
	time_sleep_ms(50);
	open_gate(data);
	return NULL;
}

static void
tells_who_waits_that_it_stops(void **state)
{
	struct record *record = *state;
	struct executor *executor = start(1);
	pthread_t opener;

	assert_int_equal(
	    submit(executor, record, GREEDY_UID, 0, LONG_MS), ERROR_NONE);
	await(record, &record->started, 1);
	for (unsigned id = 1; id < 10; id++)
		assert_int_equal(
		    submit(executor, record, id % 3, id, LONG_MS), ERROR_NONE);
	assert_int_equal(pthread_create(&opener, NULL, open_late, record), 0);
	executor_free(executor);
	assert_int_equal(pthread_join(opener, NULL), 0);

	assert_int_equal(record->done, 10);
	assert_int_equal(record->verdicts[0], EXECUTOR_RUN);
	for (unsigned id = 1; id < 10; id++)
		assert_int_equal(record->verdicts[id], EXECUTOR_STOPPED);
}

static void
refuses_odd_numbers_of_workers(void **state)
{
	struct executor *executor = NULL;
	struct error err;

	(void)state;
	assert_int_equal(
	    executor_create("none", 0, &executor, &err), ERROR_INVALID);
	assert_int_equal(
	    executor_create("many", 65, &executor, &err), ERROR_INVALID);
	executor_free(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(takes_turns_between_uids),
	    TEST(works_with_all_its_workers),
	    TEST(tells_who_waited_too_long_while_all_workers_hang),
	    TEST(does_not_begin_what_has_expired),
	    TEST(refuses_when_the_queue_is_full),
	    TEST(tells_who_waits_that_it_stops),
	    TEST(refuses_odd_numbers_of_workers),
	};

	return cmocka_run_group_tests_name("executor", tests, NULL, NULL);
}
