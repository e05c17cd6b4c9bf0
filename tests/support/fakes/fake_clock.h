/* SPDX-License-Identifier: MIT */
/* A clock that shows what the test says, instead of that of common/time.h. */
#ifndef FAKE_CLOCK_H
#define FAKE_CLOCK_H

#include <stdint.h>

/* From now on it is when, in seconds since 1970. Any thread. */
void fake_clock_set(int64_t when);

#endif
