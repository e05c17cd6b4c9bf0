/* SPDX-License-Identifier: MIT */
/* What happens because time passes: who waits, stalls or hangs too long. */
#ifndef COMMON_HTTP_CLOCK_H
#define COMMON_HTTP_CLOCK_H

#include "http_loop.h"
#include "http_workers.h"

struct http_clock {
	struct http_loop *loop;
	struct http_workers *workers;
	int64_t period_ms; /* between two looks, at most */
};

/* Fills *ret_clock from the time limits of loop. */
void http_clock_init(struct http_clock *ret_clock, struct http_loop *loop,
    struct http_workers *workers);

/* Starts threads until there are as many as the lanes may run calls now. */
MUST_CHECK enum error_code http_clock_adapt(
    const struct http_clock *clock, struct error *err);

/* Ends what is overdue at now_ms; returns when to look again. */
int64_t http_clock_look(const struct http_clock *clock, int64_t now_ms);

/* Answers all that is owed an answer, and closes all connections. */
void http_clock_finish(const struct http_clock *clock);

#endif
