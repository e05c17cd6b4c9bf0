/* SPDX-License-Identifier: MIT */
/*
 * Time. Points in time are seconds since 1970 in 64 bits: certificates outlive
 * 2038 and 2049. Durations are milliseconds of CLOCK_MONOTONIC.
 */
#ifndef COMMON_TIME_H
#define COMMON_TIME_H

#include <stdint.h>

#include "common/error.h"

#define TIME_TEXT_MAX 32

/* 2026-01-01: a clock that says less has not been set. */
#define CLOCK_FLOOR INT64_C(1767225600)

struct time_text {
	char text[TIME_TEXT_MAX];
};

/* Now, in seconds since 1970 (CLOCK_REALTIME). */
int64_t time_now(void);

/* Milliseconds since some point, never going back (CLOCK_MONOTONIC). */
int64_t time_monotonic_ms(void);

/* The same in microseconds, for durations. */
int64_t time_monotonic_us(void);

/* Waits; a signal does not end it early. */
void time_sleep_ms(int64_t milliseconds);

/* RFC 3339 in UTC: "2055-01-02T03:04:05Z". */
struct time_text time_format(int64_t when);

/* Reads what time_format() writes, also with a fraction or a numeric offset. */
MUST_CHECK enum error_code time_parse(
    const char *text, int64_t *ret_when, struct error *err);

#endif
