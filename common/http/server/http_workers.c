/* SPDX-License-Identifier: MIT */
#include "http_workers.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>

#include "common/time.h"

#include "http_connection.h"

#define THREAD_NAME_MAX 16 /* with the NUL: pthread_setname_np(3) */
#define EVENTS_MAX 64
#define POLL_MS 5 /* between looks at threads that shall end */

struct thread {
	struct thread *next;
	struct http_workers *workers;
	struct http_worker worker;
	pthread_t id;
	atomic_bool has_ended;
};

struct http_workers {
	struct http_loop *loop;
	http_work_on_events *work;
	void *context;
	char name[THREAD_NAME_MAX];
	atomic_bool ends;
	atomic_uint idle; /* that wait for events */

	/* The clock's, who alone starts and joins. */
	struct thread *threads;
	unsigned count;
};

static void
run(struct http_workers *workers, struct http_ticket *ticket)
{
	struct http_loop *loop = workers->loop;
	struct http_connection *connection = http_connection_of(ticket);
	struct http_call *call = &connection->call;
	struct http_reply reply = {.status = 503};

	/* Who is gone reads no answer. */
	if (!http_call_is_abandoned(call))
		http_dispatch(loop->options.service, &call->message, &reply);
	/* Somebody else has to read meanwhile what others send. */
	if (!reply.deferred)
		http_connection_finish_call(
		    connection, &reply, atomic_load(&workers->idle) > 0);
}

/* Waits for something to do. */
static void
await(struct http_workers *workers)
{
	(void)atomic_fetch_add(&workers->idle, 1);
	workers->work(workers->context, 1, true);
	(void)atomic_fetch_sub(&workers->idle, 1);
}

/*
 * While others wait for events, those wake one thread each. Else whoever has
 * time looks who else is waiting before it decides whose turn it is.
 */
static void
look_around(struct http_workers *workers)
{
	if (atomic_load(&workers->idle) == 0)
		workers->work(workers->context, EVENTS_MAX, false);
}

static void *
work(void *argument)
{
	struct thread *thread = argument;
	struct http_workers *workers = thread->workers;
	struct http_loop *loop = workers->loop;

	for (;;) {
		bool more;
		struct http_ticket *ticket = http_lanes_take(
		    loop->lanes, &thread->worker, time_monotonic_ms(), &more);

		if (more)
			http_loop_wake(loop);
		if (ticket) {
			run(workers, ticket);
			look_around(workers);
		} else if (thread->worker.written_off ||
			   atomic_load(&workers->ends)) {
			break;
		} else {
			await(workers);
		}
	}
	http_loop_wake(loop); /* the next one shall see the end, too */
	atomic_store(&thread->has_ended, true);
	return NULL;
}

enum error_code
http_workers_create(struct http_loop *loop, http_work_on_events *work_on_events,
    void *context, struct http_workers **ret_workers, struct error *err)
{
	struct http_workers *workers = calloc(1, sizeof(*workers));

	if (!workers)
		return error_no_memory(err);
	workers->loop = loop;
	workers->work = work_on_events;
	workers->context = context;
	(void)snprintf(workers->name, sizeof(workers->name), "%s",
	    loop->options.name ? loop->options.name : "http");
	*ret_workers = workers;
	return ERROR_NONE;
}

static enum error_code
start_one(struct http_workers *workers, struct error *err)
{
	struct thread *thread = calloc(1, sizeof(*thread));

	if (!thread)
		return error_no_memory(err);
	thread->workers = workers;
	errno = pthread_create(&thread->id, NULL, work, thread);
	if (errno) {
		free(thread);
		return error_set_errno(
		    err, ERROR_INTERNAL, "starting a thread");
	}
	(void)pthread_setname_np(thread->id, workers->name);
	thread->next = workers->threads;
	workers->threads = thread;
	workers->count++;
	return ERROR_NONE;
}

enum error_code
http_workers_start(
    struct http_workers *workers, unsigned count, struct error *err)
{
	unsigned late;

	(void)http_lanes_running(workers->loop->lanes, &late);
	while (workers->count < count + late)
		if (start_one(workers, err))
			return err->code;
	return ERROR_NONE;
}

void
http_workers_reap(struct http_workers *workers)
{
	struct thread **link = &workers->threads;

	while (*link) {
		struct thread *thread = *link;

		if (!atomic_load(&thread->has_ended)) {
			link = &thread->next;
			continue;
		}
		*link = thread->next;
		(void)pthread_join(thread->id, NULL);
		free(thread);
		workers->count--;
	}
}

/* Nobody will join the threads that are left. */
static bool
give_up(struct http_workers *workers)
{
	for (struct thread *each = workers->threads; each; each = each->next)
		(void)pthread_detach(each->id);
	return false;
}

bool
http_workers_end(struct http_workers *workers, int64_t wait_ms)
{
	int64_t end_ms = time_monotonic_ms() + wait_ms;

	atomic_store(&workers->ends, true);
	http_loop_wake(workers->loop);
	for (;;) {
		int64_t now_ms = time_monotonic_ms(), ignored = INT64_MAX;
		struct http_written_off written_off;
		unsigned late;

		http_workers_reap(workers);
		if (!workers->threads)
			return true;
		while (http_lanes_write_off(
		    workers->loop->lanes, now_ms, &written_off, &ignored))
			; /* its caller has been answered already */
		if (now_ms >= end_ms ||
		    (http_lanes_running(workers->loop->lanes, &late) == 0 &&
			late > 0))
			return give_up(workers);
		time_sleep_ms(POLL_MS);
	}
}

void
http_workers_free(struct http_workers *workers)
{
	free(workers);
}
