/* SPDX-License-Identifier: MIT */
#include "verdict.h"

#include "rollout.h"

struct verdict_watch
verdict_begin(bool had_device, int64_t device_ms, int64_t now_ms)
{
	return (struct verdict_watch){.had_device = had_device,
	    .device_ms = device_ms,
	    .begin_ms = now_ms,
	    .bad_since_ms = -1};
}

enum verdict
verdict_look(struct verdict_watch *watch, int64_t now_ms,
    enum condition condition, bool has_failed)
{
	if (condition == CONDITION_WELL)
		return VERDICT_WELL;
	if (condition == CONDITION_STARTING) {
		watch->bad_since_ms = -1;
		if (!watch->had_device)
			return VERDICT_WELL;
		return now_ms - watch->begin_ms > watch->device_ms
			   ? VERDICT_UNKNOWN
			   : VERDICT_NONE;
	}
	/* Who had no device loses none: it may not be enrolled yet. */
	if (has_failed)
		return watch->had_device ? VERDICT_BAD : VERDICT_WELL;
	if (watch->bad_since_ms < 0)
		watch->bad_since_ms = now_ms;
	return now_ms - watch->bad_since_ms > ROLLOUT_GRACE_MS ? VERDICT_BAD
							       : VERDICT_NONE;
}
