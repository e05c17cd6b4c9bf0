/* SPDX-License-Identifier: MIT */
#include "schedule.h"

#define FIRST_DOUBLINGS_MAX 4

/* What is left of the window, and of it what jitter may use. */
#define JITTER_PART 8
#define LEFT_PART 4

static int64_t
least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t
most(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* A part of at most maximum, from 0 on. */
static int64_t
jitter(int64_t maximum, uint32_t salt)
{
	return maximum > 0 ? salt % (maximum + 1) : 0;
}

bool
schedule_is_cut(
    const struct policy_renewal *rule, const struct schedule_life *life)
{
	int64_t length = life->until - life->since;

	return rule->window.unit != POLICY_PERCENT &&
	       policy_time_seconds(&rule->window, length) > length / 2;
}

int64_t
schedule_due(const struct policy_renewal *rule,
    const struct schedule_life *life, uint32_t salt)
{
	int64_t length = life->until - life->since;
	int64_t window = schedule_is_cut(rule, life)
			     ? length / 2
			     : policy_time_seconds(&rule->window, length);
	int64_t retry = policy_time_seconds(&rule->retry, length);
	int64_t due = rule->window.unit == POLICY_PERCENT
			  ? life->since + window
			  : life->until - window;

	due = most(due, life->since);
	return due + jitter(least(retry / 2, (life->until - due) / JITTER_PART),
			 salt);
}

static int64_t
first_interval(unsigned attempts)
{
	unsigned doublings = attempts > 0 ? attempts - 1 : 0;

	if (doublings > FIRST_DOUBLINGS_MAX)
		doublings = FIRST_DOUBLINGS_MAX;
	return (int64_t)SCHEDULE_FIRST_SECONDS << doublings;
}

static bool
is_passing(enum error_code code)
{
	return code == ERROR_UNAVAILABLE || code == ERROR_TIMEOUT;
}

int64_t
schedule_retry(const struct policy_renewal *rule,
    const struct schedule_life *life, const struct schedule_failure *failure,
    int64_t now, uint32_t salt)
{
	int64_t left = life->until - now;
	int64_t interval, soonest;

	if (life->until == 0)
		interval = first_interval(failure->attempts);
	else {
		interval = policy_time_seconds(
		    &rule->retry, life->until - life->since);
		soonest = least(interval, SCHEDULE_LEAST_SECONDS);
		if (is_passing(failure->code))
			interval = least(interval, SCHEDULE_PASSING_SECONDS);
		interval = least(interval, most(left / LEFT_PART, soonest));
	}
	interval = most(interval, 1);
	interval += jitter(interval / JITTER_PART, salt);
	/* A server that wants to be left alone past our end is asked before. */
	if (failure->wait_seconds > interval)
		interval = left > 0 ? least(failure->wait_seconds,
					  most(left / 2, interval))
				    : failure->wait_seconds;
	return now + interval;
}
