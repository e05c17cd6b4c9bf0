/* SPDX-License-Identifier: MIT */
#include "common/executor.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>

#include "common/time.h"

#define WORKERS_MAX 64
#define THREAD_NAME_MAX 16 /* with the NUL: pthread_setname_np(3) */

struct job {
	struct job *next;
	int64_t deadline_ms;
	executor_run *run;
	void *data;
};

/* The waiting jobs of one uid. It exists as long as there are any. */
struct queue {
	struct queue *next;
	uid_t uid;
	struct job *first, **end;
};

/*
 * The queues form a list that is served from the front; a queue that has had
 * its turn goes to the end. A thread of its own runs what expires, so that
 * callers are answered in time even while every worker hangs.
 */
struct executor {
	pthread_mutex_t lock;  /* guards everything below */
	pthread_cond_t work;   /* there is a job, or it stops */
	pthread_cond_t expiry; /* next_expiry_ms changed, or it stops */
	struct queue *first, **end;
	size_t waiting;
	int64_t next_expiry_ms;
	bool stops;

	char name[THREAD_NAME_MAX];
	pthread_t expirer;
	unsigned worker_count;
	pthread_t workers[WORKERS_MAX];
};

static struct queue *
queue_of(struct executor *executor, uid_t uid)
{
	struct queue *queue = executor->first;

	while (queue && queue->uid != uid)
		queue = queue->next;
	return queue;
}

static void
append_queue(struct executor *executor, struct queue *queue)
{
	queue->next = NULL;
	*executor->end = queue;
	executor->end = &queue->next;
}

/* Adds job to the queue of uid. Returns false if there is no memory. */
static bool
append_job(struct executor *executor, uid_t uid, struct job *job)
{
	struct queue *queue = queue_of(executor, uid);

	if (!queue) {
		queue = malloc(sizeof(*queue));
		if (!queue)
			return false;
		*queue = (struct queue){.uid = uid, .end = &queue->first};
		append_queue(executor, queue);
	}
	*queue->end = job;
	queue->end = &job->next;
	executor->waiting++;
	return true;
}

/* Takes the first job of the queue whose turn it is; NULL if there is none. */
static struct job *
take_next(struct executor *executor)
{
	struct queue *queue = executor->first;
	struct job *job;

	if (!queue)
		return NULL;
	job = queue->first;
	queue->first = job->next;
	executor->waiting--;

	executor->first = queue->next;
	if (!executor->first)
		executor->end = &executor->first;
	if (queue->first)
		append_queue(executor, queue);
	else
		free(queue);
	return job;
}

/* Takes what queue has waiting past now_ms and puts it before *taken. */
static void
take_expired_of(struct executor *executor, struct queue *queue, int64_t now_ms,
    struct job **taken)
{
	struct job **link = &queue->first;

	while (*link) {
		struct job *job = *link;

		if (job->deadline_ms > now_ms) {
			if (job->deadline_ms < executor->next_expiry_ms)
				executor->next_expiry_ms = job->deadline_ms;
			link = &job->next;
			continue;
		}
		*link = job->next;
		job->next = *taken;
		*taken = job;
		executor->waiting--;
	}
	queue->end = link;
}

/* Takes all that waited too long, and finds when the next will have. */
static struct job *
take_expired(struct executor *executor, int64_t now_ms)
{
	struct queue **link = &executor->first;
	struct job *taken = NULL;

	executor->next_expiry_ms = INT64_MAX;
	while (*link) {
		struct queue *queue = *link;

		take_expired_of(executor, queue, now_ms, &taken);
		if (queue->first) {
			link = &queue->next;
			continue;
		}
		*link = queue->next;
		free(queue);
	}
	executor->end = link;
	return taken;
}

static void
run_job(struct job *job, enum executor_verdict verdict)
{
	job->run(job->data, verdict);
	free(job);
}

static void *
work(void *argument)
{
	struct executor *executor = argument;

	pthread_mutex_lock(&executor->lock);
	for (;;) {
		struct job *job = take_next(executor);
		enum executor_verdict verdict = EXECUTOR_RUN;

		if (!job && executor->stops)
			break;
		if (!job) {
			pthread_cond_wait(&executor->work, &executor->lock);
			continue;
		}
		if (executor->stops)
			verdict = EXECUTOR_STOPPED;
		pthread_mutex_unlock(&executor->lock);
		if (verdict == EXECUTOR_RUN &&
		    job->deadline_ms <= time_monotonic_ms())
			verdict = EXECUTOR_EXPIRED;
		run_job(job, verdict);
		pthread_mutex_lock(&executor->lock);
	}
	pthread_mutex_unlock(&executor->lock);
	return NULL;
}

/* Waits on condition until when_ms; INT64_MAX is without end. */
static void
wait_until(pthread_cond_t *condition, pthread_mutex_t *lock, int64_t when_ms)
{
	struct timespec until = {.tv_sec = when_ms / 1000,
	    .tv_nsec = (long)(when_ms % 1000) * 1000000};

	if (when_ms == INT64_MAX)
		pthread_cond_wait(condition, lock);
	else
		pthread_cond_timedwait(condition, lock, &until);
}

static void *
expire(void *argument)
{
	struct executor *executor = argument;

	pthread_mutex_lock(&executor->lock);
	while (!executor->stops) {
		struct job *expired = NULL;

		if (executor->next_expiry_ms > time_monotonic_ms()) {
			wait_until(&executor->expiry, &executor->lock,
			    executor->next_expiry_ms);
			continue;
		}
		expired = take_expired(executor, time_monotonic_ms());
		pthread_mutex_unlock(&executor->lock);
		while (expired) {
			struct job *job = expired;

			expired = job->next;
			run_job(job, EXECUTOR_EXPIRED);
		}
		pthread_mutex_lock(&executor->lock);
	}
	pthread_mutex_unlock(&executor->lock);
	return NULL;
}

static enum error_code
start_thread(struct executor *executor, void *(*body)(void *),
    pthread_t *ret_thread, struct error *err)
{
	int failure = pthread_create(ret_thread, NULL, body, executor);

	if (failure) {
		errno = failure;
		return error_set_errno(
		    err, ERROR_INTERNAL, "starting a thread");
	}
	(void)pthread_setname_np(*ret_thread, executor->name);
	return ERROR_NONE;
}

/* Ends the threads that there are; used also when one could not start. */
static void
stop_threads(struct executor *executor, bool has_expirer)
{
	pthread_mutex_lock(&executor->lock);
	executor->stops = true;
	pthread_cond_broadcast(&executor->work);
	pthread_cond_signal(&executor->expiry);
	pthread_mutex_unlock(&executor->lock);

	for (unsigned i = 0; i < executor->worker_count; i++)
		pthread_join(executor->workers[i], NULL);
	if (has_expirer)
		pthread_join(executor->expirer, NULL);

	pthread_cond_destroy(&executor->expiry);
	pthread_cond_destroy(&executor->work);
	pthread_mutex_destroy(&executor->lock);
	free(executor);
}

static void
init_locks(struct executor *executor)
{
	pthread_condattr_t monotonic;

	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_mutex_init(&executor->lock, NULL);
	pthread_cond_init(&executor->work, NULL);
	pthread_cond_init(&executor->expiry, &monotonic);
	pthread_condattr_destroy(&monotonic);
}

enum error_code
executor_create(const char *name, unsigned workers,
    struct executor **ret_executor, struct error *err)
{
	struct executor *executor;

	if (workers == 0 || workers > WORKERS_MAX)
		return error_set(err, ERROR_INVALID,
		    "%u workers; there may be 1 to %d", workers, WORKERS_MAX);
	executor = calloc(1, sizeof(*executor));
	if (!executor)
		return error_no_memory(err);

	init_locks(executor);
	executor->end = &executor->first;
	executor->next_expiry_ms = INT64_MAX;
	(void)snprintf(executor->name, sizeof(executor->name), "%s", name);

	if (start_thread(executor, expire, &executor->expirer, err)) {
		stop_threads(executor, false);
		return err->code;
	}
	while (executor->worker_count < workers) {
		if (start_thread(executor, work,
			&executor->workers[executor->worker_count], err)) {
			stop_threads(executor, true);
			return err->code;
		}
		executor->worker_count++;
	}
	*ret_executor = executor;
	return ERROR_NONE;
}

/* Queues job unless the executor is full or stops. */
static bool
enqueue(struct executor *executor, uid_t uid, struct job *job)
{
	int64_t deadline_ms = job->deadline_ms;
	bool accepted, is_next;

	pthread_mutex_lock(&executor->lock);
	accepted = !executor->stops && executor->waiting < EXECUTOR_QUEUE_MAX &&
		   append_job(executor, uid, job);
	is_next = accepted && deadline_ms < executor->next_expiry_ms;
	if (is_next)
		executor->next_expiry_ms = deadline_ms;
	pthread_mutex_unlock(&executor->lock);

	/* Without the lock, which who wakes up would only wait for. */
	if (accepted)
		pthread_cond_signal(&executor->work);
	if (is_next)
		pthread_cond_signal(&executor->expiry);
	return accepted;
}

enum error_code
executor_submit(struct executor *executor, uid_t uid, int64_t deadline_ms,
    executor_run *run, void *data, struct error *err)
{
	struct job *job = malloc(sizeof(*job));

	if (!job)
		return error_no_memory(err);
	*job =
	    (struct job){.deadline_ms = deadline_ms, .run = run, .data = data};
	if (!enqueue(executor, uid, job)) {
		free(job);
		return error_set(err, ERROR_UNAVAILABLE,
		    "too many requests are waiting; try again later");
	}
	return ERROR_NONE;
}

void
executor_free(struct executor *executor)
{
	if (executor)
		stop_threads(executor, true);
}
