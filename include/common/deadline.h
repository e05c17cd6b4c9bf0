/* SPDX-License-Identifier: MIT */
/* Condition variables with deadlines that no change of the clock moves. */
#ifndef COMMON_DEADLINE_H
#define COMMON_DEADLINE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* Initializes condition for CLOCK_MONOTONIC. */
void deadline_condition_init(pthread_cond_t *condition);

/* The point in time milliseconds from now. */
struct timespec deadline_after_ms(int64_t milliseconds);

/*
 * Waits for condition, but only a little, so that the caller can look after
 * what nobody signals: that a call hangs. False once deadline has passed.
 */
bool deadline_wait_a_little(pthread_cond_t *condition, pthread_mutex_t *mutex,
    const struct timespec *deadline);

#endif
