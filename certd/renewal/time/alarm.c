/* SPDX-License-Identifier: MIT */
#include "alarm.h"

#include <limits.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

struct alarm_clock {
	int timer;
	int bell;
};

void
alarm_free(struct alarm_clock *alarm)
{
	if (!alarm)
		return;
	if (alarm->timer >= 0)
		(void)close(alarm->timer);
	if (alarm->bell >= 0)
		(void)close(alarm->bell);
	free(alarm);
}

enum error_code
alarm_create(struct alarm_clock **ret_alarm, struct error *err)
{
	CLEANUP(alarm) struct alarm_clock *alarm = malloc(sizeof(*alarm));

	if (!alarm)
		return error_no_memory(err);
	alarm->timer =
	    timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	alarm->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (alarm->timer < 0 || alarm->bell < 0)
		return error_set_errno(err, ERROR_INTERNAL, "timer");
	*ret_alarm = TAKE(alarm);
	return ERROR_NONE;
}

static void
empty(int descriptor)
{
	uint64_t ignored;

	(void)!read(descriptor, &ignored, sizeof(ignored));
}

void
alarm_sleep(struct alarm_clock *alarm, int64_t when, int64_t maximum_ms)
{
	/* 0 would disarm it. */
	struct itimerspec time = {.it_value = {.tv_sec = when > 0 ? when : 1}};
	struct pollfd polled[] = {
	    {.fd = alarm->timer, .events = POLLIN},
	    {.fd = alarm->bell,  .events = POLLIN},
	};

	if (when == INT64_MAX)
		time.it_value.tv_sec = LONG_MAX;
	(void)timerfd_settime(alarm->timer,
	    TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &time, NULL);
	(void)poll(polled, 2, maximum_ms < INT_MAX ? (int)maximum_ms : INT_MAX);
	empty(alarm->timer);
	empty(alarm->bell);
}

void
alarm_ring(struct alarm_clock *alarm)
{
	static const uint64_t one = 1;

	(void)!write(alarm->bell, &one, sizeof(one));
}
