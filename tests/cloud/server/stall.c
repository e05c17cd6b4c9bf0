/* SPDX-License-Identifier: MIT */
#include "stall.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include "common/deadline.h"
#include "common/time.h"

struct stall {
	struct stall *next;
	struct MHD_Connection *connection;
	int64_t end_ms;
};

struct stalls {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_t thread;
	bool has_ended;
	struct stall *first;
};

/* Resumes those whose time is over; the time of the next one, or -1. */
static int64_t
resume_due(struct stalls *stalls, int64_t now_ms)
{
	struct stall **link = &stalls->first;
	int64_t next_ms = -1;

	while (*link) {
		struct stall *stall = *link;

		if (stalls->has_ended || stall->end_ms <= now_ms) {
			*link = stall->next;
			MHD_resume_connection(stall->connection);
			free(stall);
			continue;
		}
		if (next_ms < 0 || stall->end_ms < next_ms)
			next_ms = stall->end_ms;
		link = &stall->next;
	}
	return next_ms;
}

static void *
run(void *context)
{
	struct stalls *stalls = context;

	(void)pthread_mutex_lock(&stalls->lock);
	while (!stalls->has_ended) {
		int64_t next_ms = resume_due(stalls, time_monotonic_ms());
		const struct timespec until = {.tv_sec = next_ms / 1000,
		    .tv_nsec = next_ms % 1000 * 1000000};

		if (next_ms < 0)
			(void)pthread_cond_wait(
			    &stalls->changed, &stalls->lock);
		else
			(void)pthread_cond_timedwait(
			    &stalls->changed, &stalls->lock, &until);
	}
	(void)resume_due(stalls, 0);
	(void)pthread_mutex_unlock(&stalls->lock);
	return NULL;
}

enum error_code
stalls_create(struct stalls **ret_stalls, struct error *err)
{
	struct stalls *stalls = calloc(1, sizeof(*stalls));

	if (!stalls)
		return error_no_memory(err);
	(void)pthread_mutex_init(&stalls->lock, NULL);
	deadline_condition_init(&stalls->changed);
	if (pthread_create(&stalls->thread, NULL, run, stalls) != 0) {
		stalls->has_ended = true;
		stalls_free(stalls);
		return error_set(
		    err, ERROR_INTERNAL, "cannot start a thread for stalls");
	}
	*ret_stalls = stalls;
	return ERROR_NONE;
}

bool
stalls_add(
    struct stalls *stalls, struct MHD_Connection *connection, unsigned seconds)
{
	struct stall *stall = malloc(sizeof(*stall));
	bool is_added;

	if (!stall)
		return false;
	*stall = (struct stall){.connection = connection,
	    .end_ms = time_monotonic_ms() + (int64_t)seconds * 1000};
	(void)pthread_mutex_lock(&stalls->lock);
	is_added = !stalls->has_ended;
	if (is_added) {
		MHD_suspend_connection(connection);
		stall->next = stalls->first;
		stalls->first = stall;
		(void)pthread_cond_signal(&stalls->changed);
	}
	(void)pthread_mutex_unlock(&stalls->lock);
	if (!is_added)
		free(stall);
	return is_added;
}

void
stalls_end(struct stalls *stalls)
{
	if (!stalls || stalls->has_ended)
		return;
	(void)pthread_mutex_lock(&stalls->lock);
	stalls->has_ended = true;
	(void)pthread_cond_signal(&stalls->changed);
	(void)pthread_mutex_unlock(&stalls->lock);
	(void)pthread_join(stalls->thread, NULL);
}

void
stalls_free(struct stalls *stalls)
{
	if (!stalls)
		return;
	stalls_end(stalls);
	(void)pthread_cond_destroy(&stalls->changed);
	(void)pthread_mutex_destroy(&stalls->lock);
	free(stalls);
}
