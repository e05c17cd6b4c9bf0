/* SPDX-License-Identifier: MIT */
#include "common/backoff.h"

#include <stdlib.h>

int64_t
backoff_next(struct backoff *backoff)
{
	int64_t delay = backoff->first_ms;
	int64_t spread;

	for (unsigned i = 0;
	     i < backoff->failures && delay < backoff->maximum_ms; i++)
		delay *= 2;
	backoff->failures++;
	if (delay > backoff->maximum_ms)
		delay = backoff->maximum_ms;

	spread = delay / 2;
	return delay - spread / 2 +
	       (int64_t)arc4random_uniform((uint32_t)spread + 1);
}
