/* SPDX-License-Identifier: MIT */
/* Whether a daemon that was restarted with new files can work with them. */
#ifndef CLI_VERDICT_H
#define CLI_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

/* What a daemon says of itself. */
enum condition {
	CONDITION_WELL,
	CONDITION_STARTING, /* there is no device yet */
	CONDITION_DEGRADED,
};

enum verdict {
	VERDICT_NONE, /* it is looked at again */
	VERDICT_WELL,
	VERDICT_UNKNOWN, /* DPS does not answer */
	VERDICT_BAD,
};

struct verdict_watch {
	bool had_device;   /* it was provisioned ... */
	int64_t device_ms; /* ... and is waited for so long */
	int64_t begin_ms;
	int64_t bad_since_ms; /* < 0: the last look found it not degraded */
};

/* Begins at now_ms, when the daemon has been restarted. */
struct verdict_watch verdict_begin(
    bool had_device, int64_t device_ms, int64_t now_ms);

/*
 * What is made of a look that was begun at now_ms; has_failed says that its
 * device cannot be provisioned. Only who is degraded for ROLLOUT_GRACE_MS on
 * end is bad: one look that finds him so may have met a busy machine.
 */
enum verdict verdict_look(struct verdict_watch *watch, int64_t now_ms,
    enum condition condition, bool has_failed);

#endif
