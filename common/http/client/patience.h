/* SPDX-License-Identifier: MIT */
/*
 * A short wait that keeps the core awake. An answer that takes 50 microseconds
 * costs twice that when the core has gone to sleep meanwhile, in a virtual
 * machine even more. So who waits gives the core to whoever wants it
 * (sched_yield), looks, and sleeps only when nothing has come for a while.
 *
 * On a busy machine to yield means to be served after all others. One yield
 * that took long tells so, and then nobody who shares the patience yields for
 * some time.
 */
#ifndef COMMON_HTTP_PATIENCE_H
#define COMMON_HTTP_PATIENCE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Shared by threads that wait for the same kind of thing. Begins as zeros. */
struct patience {
	_Atomic int64_t rests_until_us; /* of time_monotonic_us() */
};

/* When a wait that begins now shall end, for patience_yield(). */
int64_t patience_end(void);

/*
 * Gives the core away once. Returns true if the caller shall look whether what
 * it waits for is there, and false without having yielded if it shall sleep.
 */
bool patience_yield(struct patience *patience, int64_t end_us);

/* What patience_yield() decides by. */
bool patience_lasts(
    const struct patience *patience, int64_t end_us, int64_t now_us);
void patience_note(
    struct patience *patience, int64_t before_us, int64_t after_us);

#endif
