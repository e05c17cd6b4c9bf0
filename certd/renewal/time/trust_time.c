/* SPDX-License-Identifier: MIT */
#include "trust_time.h"

static enum time_trust
believe(struct time_memory *memory, const struct time_reading *reading)
{
	if (memory->floor < reading->now || reading->synchronized)
		memory->floor = reading->now;
	memory->now = reading->now;
	memory->running = reading->running;
	memory->doubted_since = 0;
	return TIME_TRUSTED;
}

/* The latest that it can be now by what has been before; 0: nothing has. */
static int64_t
latest(const struct time_memory *memory, const struct time_reading *reading)
{
	if (memory->running)
		return memory->now + (reading->running - memory->running) +
		       TRUST_TIME_AHEAD_SECONDS;
	return memory->floor ? memory->floor + TRUST_TIME_OFF_SECONDS : 0;
}

static enum time_trust
doubt(struct time_memory *memory, const struct time_reading *reading,
    enum time_trust why)
{
	if (!memory->doubted_since)
		memory->doubted_since = reading->running ? reading->running : 1;
	return why;
}

static bool
has_settled(
    const struct time_memory *memory, const struct time_reading *reading)
{
	return memory->doubted_since &&
	       reading->running - memory->doubted_since >=
		   TRUST_TIME_SETTLE_SECONDS;
}

bool
trust_time_is_fresh(int64_t synchronized, int64_t now)
{
	return synchronized >= now - TRUST_TIME_FRESH_SECONDS &&
	       synchronized <= now + TRUST_TIME_FRESH_SECONDS;
}

enum time_trust
trust_time(struct time_memory *memory, const struct time_reading *reading)
{
	int64_t end;

	if (reading->now < TRUST_TIME_EPOCH)
		return doubt(memory, reading, TIME_BEHIND);
	/* A time server outranks what we remember: that may have been wrong. */
	if (reading->synchronized)
		return believe(memory, reading);
	if (reading->now < memory->floor - TRUST_TIME_BACK_SECONDS)
		return doubt(memory, reading, TIME_BEHIND);
	end = latest(memory, reading);
	if (end && reading->now > end && !has_settled(memory, reading))
		return doubt(memory, reading, TIME_AHEAD);
	return believe(memory, reading);
}
