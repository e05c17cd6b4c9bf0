/* SPDX-License-Identifier: MIT */
#include "common/deadline.h"

#define NANOSECONDS 1000000000L
#define LITTLE_MS 200

void
deadline_condition_init(pthread_cond_t *condition)
{
	pthread_condattr_t attributes;

	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(condition, &attributes);
	pthread_condattr_destroy(&attributes);
}

struct timespec
deadline_after_ms(int64_t milliseconds)
{
	struct timespec deadline;

	(void)clock_gettime(CLOCK_MONOTONIC, &deadline);
	deadline.tv_sec += milliseconds / 1000;
	deadline.tv_nsec += (long)(milliseconds % 1000) * 1000000L;
	if (deadline.tv_nsec >= NANOSECONDS) {
		deadline.tv_sec++;
		deadline.tv_nsec -= NANOSECONDS;
	}
	return deadline;
}

static bool
is_before(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec < b->tv_sec ||
	       (a->tv_sec == b->tv_sec && a->tv_nsec < b->tv_nsec);
}

bool
deadline_wait_a_little(pthread_cond_t *condition, pthread_mutex_t *mutex,
    const struct timespec *deadline)
{
	struct timespec soon = deadline_after_ms(LITTLE_MS);
	bool is_last = is_before(deadline, &soon);

	return pthread_cond_timedwait(
		   condition, mutex, is_last ? deadline : &soon) == 0 ||
	       !is_last;
}
