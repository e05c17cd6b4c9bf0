/* SPDX-License-Identifier: MIT */
#include "waiters.h"

#include <pthread.h>
#include <string.h>

#include "common/daemon.h"
#include "common/time.h"

/* So often is looked for calls whose caller has left. */
#define SWEEP_MS 10000

struct waiter {
	struct waiter *next;
	struct http_call *call;
	int64_t end_ms;
	char name[]; /* what it waits for */
};

struct waiters {
	pthread_mutex_t lock;
	pthread_cond_t changed; /* the first end, or the end of all */
	pthread_t thread;
	struct waiter *first;
	int64_t look_ms; /* when the thread looks next */
	unsigned count;
	bool is_over; /* who comes is answered at once */
	bool ends;    /* the thread does */
};

/* Takes out of the list, with the lock, those that wanted() says. */
static struct waiter *
take(struct waiters *waiters,
    bool (*wanted)(const struct waiter *waiter, const void *argument),
    const void *argument)
{
	struct waiter **link = &waiters->first;
	struct waiter *taken = NULL;

	while (*link) {
		struct waiter *waiter = *link;

		if (!wanted(waiter, argument)) {
			link = &waiter->next;
			continue;
		}
		*link = waiter->next;
		waiter->next = taken;
		taken = waiter;
		waiters->count--;
	}
	return taken;
}

static bool
waits_for(const struct waiter *waiter, const void *name)
{
	return strcmp(waiter->name, name) == 0;
}

static bool
is_due(const struct waiter *waiter, const void *now_ms)
{
	return waiter->end_ms <= *(const int64_t *)now_ms ||
	       http_call_is_abandoned(waiter->call);
}

static bool
is_any(const struct waiter *waiter, const void *argument)
{
	(void)waiter;
	(void)argument;
	return true;
}

/* The lock is not held: answering a call may take others' locks. */
static void
let_go(struct waiter *list, bool has_come)
{
	while (list) {
		struct waiter *waiter = list;

		list = waiter->next;
		if (has_come) {
			daemon_resume(waiter->call);
		} else {
			struct http_reply reply = {.status = 204};

			http_call_answer(waiter->call, &reply);
		}
		free(waiter);
	}
}

static int64_t
first_end(const struct waiters *waiters, int64_t now_ms)
{
	int64_t end_ms = now_ms + SWEEP_MS;

	for (const struct waiter *w = waiters->first; w; w = w->next)
		if (w->end_ms < end_ms)
			end_ms = w->end_ms;
	return end_ms;
}

/* Waits, with the lock, until look_ms or until it becomes earlier. */
static void
sleep_until_look(struct waiters *waiters)
{
	struct timespec when = {.tv_sec = waiters->look_ms / 1000,
	    .tv_nsec = waiters->look_ms % 1000 * 1000000};

	if (waiters->first)
		(void)pthread_cond_clockwait(
		    &waiters->changed, &waiters->lock, CLOCK_MONOTONIC, &when);
	else
		(void)pthread_cond_wait(&waiters->changed, &waiters->lock);
}

static void *
watch_the_clock(void *argument)
{
	struct waiters *waiters = argument;

	(void)pthread_mutex_lock(&waiters->lock);
	while (!waiters->ends) {
		int64_t now_ms = time_monotonic_ms();
		struct waiter *due = take(waiters, is_due, &now_ms);

		waiters->look_ms = first_end(waiters, now_ms);
		if (due) {
			(void)pthread_mutex_unlock(&waiters->lock);
			let_go(due, false);
			(void)pthread_mutex_lock(&waiters->lock);
		} else {
			sleep_until_look(waiters);
		}
	}
	(void)pthread_mutex_unlock(&waiters->lock);
	return NULL;
}

enum error_code
waiters_create(struct waiters **ret_waiters, struct error *err)
{
	struct waiters *waiters = malloc(sizeof(*waiters));

	if (!waiters)
		return error_no_memory(err);
	*waiters = (struct waiters){.lock = PTHREAD_MUTEX_INITIALIZER,
	    .changed = PTHREAD_COND_INITIALIZER};
	if (pthread_create(&waiters->thread, NULL, watch_the_clock, waiters) !=
	    0) {
		free(waiters);
		return error_set(err, ERROR_INTERNAL, "cannot start a thread");
	}
	*ret_waiters = waiters;
	return ERROR_NONE;
}

void
waiters_dismiss(struct waiters *waiters)
{
	struct waiter *all;

	(void)pthread_mutex_lock(&waiters->lock);
	waiters->is_over = true;
	all = take(waiters, is_any, NULL);
	(void)pthread_mutex_unlock(&waiters->lock);
	let_go(all, false);
}

void
waiters_free(struct waiters *waiters)
{
	if (!waiters)
		return;
	waiters_dismiss(waiters);
	(void)pthread_mutex_lock(&waiters->lock);
	waiters->ends = true;
	(void)pthread_cond_signal(&waiters->changed);
	(void)pthread_mutex_unlock(&waiters->lock);
	(void)pthread_join(waiters->thread, NULL);
	(void)pthread_cond_destroy(&waiters->changed);
	(void)pthread_mutex_destroy(&waiters->lock);
	free(waiters);
}

static void
enlist(struct waiters *waiters, struct waiter *waiter)
{
	bool is_first = !waiters->first;

	waiter->next = waiters->first;
	waiters->first = waiter;
	waiters->count++;
	if (is_first || waiter->end_ms < waiters->look_ms) {
		waiters->look_ms = waiter->end_ms;
		(void)pthread_cond_signal(&waiters->changed);
	}
}

enum error_code
waiters_add(struct waiters *waiters, struct http_call *call, const char *name,
    int64_t timeout_ms, struct error *err)
{
	size_t size = strlen(name) + 1;
	struct waiter *waiter = malloc(sizeof(*waiter) + size);
	bool is_over;

	if (!waiter)
		return error_no_memory(err);
	waiter->call = call;
	waiter->next = NULL;
	waiter->end_ms = http_call_end(call, timeout_ms);
	memcpy(waiter->name, name, size);
	(void)pthread_mutex_lock(&waiters->lock);
	is_over = waiters->is_over;
	if (!is_over)
		enlist(waiters, waiter);
	(void)pthread_mutex_unlock(&waiters->lock);
	if (!is_over)
		return ERROR_NONE;
	free(waiter);
	return error_set(err, ERROR_UNAVAILABLE, "the daemon stops");
}

void
waiters_wake(struct waiters *waiters, const char *name)
{
	struct waiter *woken;

	(void)pthread_mutex_lock(&waiters->lock);
	woken = take(waiters, waits_for, name);
	(void)pthread_mutex_unlock(&waiters->lock);
	let_go(woken, true);
}

unsigned
waiters_count(struct waiters *waiters)
{
	unsigned count;

	(void)pthread_mutex_lock(&waiters->lock);
	count = waiters->count;
	(void)pthread_mutex_unlock(&waiters->lock);
	return count;
}
