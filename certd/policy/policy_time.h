/* SPDX-License-Identifier: MIT */
/* Parts of a certificate's life, as the configuration states them. */
#ifndef CERTD_POLICY_TIME_H
#define CERTD_POLICY_TIME_H

#include <stdint.h>

#include "common/error.h"

/*
 * A part of a certificate's life: "80%" of it, or so long: "90min", "30day".
 * As a window, "80%" is counted from its start, the others from its end.
 */
struct policy_time {
	unsigned amount;
	enum { POLICY_PERCENT, POLICY_MINUTES, POLICY_DAYS } unit;
};

/* Reads "80%" (1 to 99), "90min" or "30day". Fails with ERROR_INVALID. */
MUST_CHECK enum error_code policy_time_parse(
    const char *text, struct policy_time *ret_time, struct error *err);

/* How many seconds time is of a life of so many seconds. */
int64_t policy_time_seconds(const struct policy_time *time, int64_t life);

#endif
