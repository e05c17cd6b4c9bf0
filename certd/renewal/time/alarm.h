/* SPDX-License-Identifier: MIT */
/*
 * Sleeping until a time of day. A clock that is set, and a resume after
 * suspend, end the sleep, so that nobody sleeps past a time that has come.
 */
#ifndef CERTD_ALARM_H
#define CERTD_ALARM_H

#include <stdint.h>

#include "common/cleanup.h"
#include "common/error.h"

struct alarm_clock;

void alarm_free(struct alarm_clock *alarm);
DEFINE_CLEANUP(alarm, struct alarm_clock, alarm_free)

MUST_CHECK enum error_code alarm_create(
    struct alarm_clock **ret_alarm, struct error *err);

/*
 * Sleeps until when (seconds of CLOCK_REALTIME), at most maximum_ms, until the
 * clock is set or alarm_ring() is called. One thread.
 */
void alarm_sleep(struct alarm_clock *alarm, int64_t when, int64_t maximum_ms);

/* Ends the sleep, or the next one. Any thread. */
void alarm_ring(struct alarm_clock *alarm);

#endif
