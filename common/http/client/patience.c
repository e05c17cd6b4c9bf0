/* SPDX-License-Identifier: MIT */
#include "patience.h"

#include <sched.h>

#include "common/time.h"

#define WAIT_US 100    /* about two signatures of a software token */
#define LONG_US 1000   /* for one yield: others had the core */
#define REST_US 200000 /* after that */

int64_t
patience_end(void)
{
	return time_monotonic_us() + WAIT_US;
}

bool
patience_lasts(const struct patience *patience, int64_t end_us, int64_t now_us)
{
	return now_us < end_us &&
	       now_us >= atomic_load_explicit(
			     &patience->rests_until_us, memory_order_relaxed);
}

void
patience_note(struct patience *patience, int64_t before_us, int64_t after_us)
{
	if (after_us - before_us >= LONG_US)
		atomic_store_explicit(&patience->rests_until_us,
		    after_us + REST_US, memory_order_relaxed);
}

bool
patience_yield(struct patience *patience, int64_t end_us)
{
	int64_t now_us = time_monotonic_us();

	if (!patience_lasts(patience, end_us, now_us))
		return false;
	(void)sched_yield();
	patience_note(patience, now_us, time_monotonic_us());
	return true;
}
