/* SPDX-License-Identifier: MIT */
#include "fake_clock.h"

#include <stdatomic.h>

#include "common/time.h"

static _Atomic int64_t now;

void
fake_clock_set(int64_t when)
{
	atomic_store(&now, when);
}

int64_t
time_now(void)
{
	return atomic_load(&now);
}
