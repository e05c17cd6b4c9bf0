/* SPDX-License-Identifier: MIT */
#include "common/time.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define SECONDS_PER_MINUTE 60
#define MS_PER_SECOND 1000
#define NS_PER_MS 1000000

int64_t
time_now(void)
{
	return (int64_t)time(NULL);
}

int64_t
time_monotonic_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * MS_PER_SECOND + now.tv_nsec / NS_PER_MS;
}

void
time_sleep_ms(int64_t milliseconds)
{
	int64_t end = time_monotonic_ms() + milliseconds;
	struct timespec until = {.tv_sec = end / MS_PER_SECOND,
	    .tv_nsec = (long)(end % MS_PER_SECOND) * NS_PER_MS};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) ==
	       EINTR)
		;
}

struct time_text
time_format(int64_t when)
{
	struct time_text result = {"invalid time"};
	time_t seconds = (time_t)when;
	struct tm parts;

	if (gmtime_r(&seconds, &parts))
		(void)strftime(result.text, sizeof(result.text),
		    "%Y-%m-%dT%H:%M:%SZ", &parts);
	return result;
}

/* "Z" or "+hh:mm" or "-hh:mm"; returns false if it is neither. */
static int
parse_offset(const char *text, int64_t *ret_seconds)
{
	int hours, minutes, used = 0;
	char sign;

	if (strcmp(text, "Z") == 0) {
		*ret_seconds = 0;
		return 1;
	}
	if (sscanf(text, "%c%2d:%2d%n", &sign, &hours, &minutes, &used) != 3 ||
	    text[used] || (sign != '+' && sign != '-'))
		return 0;
	*ret_seconds = (int64_t)(hours * SECONDS_PER_MINUTE + minutes) *
		       SECONDS_PER_MINUTE * (sign == '+' ? 1 : -1);
	return 1;
}

enum error_code
time_parse(const char *text, int64_t *ret_when, struct error *err)
{
	struct tm parts = {0};
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &parts);
	int64_t offset;

	if (rest && *rest == '.')
		rest += 1 + strspn(rest + 1, "0123456789");
	if (!rest || !parse_offset(rest, &offset))
		return error_set(err, ERROR_INVALID,
		    "'%.40s' is no time such as 2026-01-02T03:04:05Z", text);

	*ret_when = (int64_t)timegm(&parts) - offset;
	return ERROR_NONE;
}
