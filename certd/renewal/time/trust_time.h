/* SPDX-License-Identifier: MIT */
/*
 * Whether the clock can be believed. Devices without a battery wake up in 1970,
 * and clocks are set wrongly by decades: until the time is trustworthy nothing
 * is decided by it, and nothing is ever removed because of it.
 *
 * Pure: what the clocks show goes in, a judgement comes out.
 */
#ifndef CERTD_TRUST_TIME_H
#define CERTD_TRUST_TIME_H

#include <stdbool.h>
#include <stdint.h>

/* No true clock shows a time before this program was written: 2026-11-01. */
#define TRUST_TIME_EPOCH INT64_C(1793491200)

/* A clock may be set back so far without being doubted. */
#define TRUST_TIME_BACK_SECONDS 600

/* A clock that runs ahead of the time that has passed by more is doubted. */
#define TRUST_TIME_AHEAD_SECONDS 86400

/* A device may have been switched off for so long without being doubted. */
#define TRUST_TIME_OFF_SECONDS (INT64_C(90) * 86400)

/* A doubted clock that nobody corrects for so long is believed. */
#define TRUST_TIME_SETTLE_SECONDS 3600

/* What was synchronized longer ago than that may have been set since. */
#define TRUST_TIME_FRESH_SECONDS 3600

/* What the clocks show. */
struct time_reading {
	int64_t now;       /* CLOCK_REALTIME, seconds */
	int64_t running;   /* CLOCK_BOOTTIME, seconds: counts suspend too */
	bool synchronized; /* the kernel says that a time server sets it */
};

/* What is known of them; zero, apart from floor, at the start. */
struct time_memory {
	int64_t floor;   /* the newest time that was trustworthy; 0: none */
	int64_t now;     /* the last reading that was */
	int64_t running; /* 0: there was none yet */
	int64_t doubted_since; /* by running; 0: not doubted */
};

enum time_trust {
	TIME_TRUSTED,
	TIME_BEHIND, /* older than what has been before */
	TIME_AHEAD,  /* has jumped further than time can have passed */
};

/*
 * True if synchronized, the time at which a time server was last heard, by the
 * clock that it set, is so near to now that the clock can be the same still.
 */
bool trust_time_is_fresh(int64_t synchronized, int64_t now);

/* Judges reading and keeps in memory what follows. */
enum time_trust trust_time(
    struct time_memory *memory, const struct time_reading *reading);

#endif
