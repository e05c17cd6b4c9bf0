/* SPDX-License-Identifier: MIT */
/* How long to wait before trying again: longer each time, never in step. */
#ifndef COMMON_BACKOFF_H
#define COMMON_BACKOFF_H

#include <stdint.h>

struct backoff {
	int64_t first_ms;
	int64_t maximum_ms;
	unsigned failures; /* so far; 0 begins anew */
};

/*
 * The time to wait after one more failure: first_ms, doubled with each failure
 * up to maximum_ms, and moved by a quarter either way at random, so that
 * devices that failed together do not come back together.
 */
int64_t backoff_next(struct backoff *backoff);

#endif
