/* SPDX-License-Identifier: MIT */
#include "deadline.h"

#define NANOSECONDS 1000000000L

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
deadline_after_ms(unsigned milliseconds)
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

bool
deadline_wait(pthread_cond_t *condition, pthread_mutex_t *mutex,
    const struct timespec *deadline)
{
	return pthread_cond_timedwait(condition, mutex, deadline) == 0;
}
