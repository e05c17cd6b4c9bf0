/* SPDX-License-Identifier: MIT */
#include "common/time.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#define SECONDS_PER_MINUTE 60
#define MINUTES_PER_HOUR 60
#define MS_PER_SECOND 1000
#define NS_PER_MS 1000000
#define US_PER_SECOND 1000000
#define NS_PER_US 1000

int64_t
time_monotonic_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * MS_PER_SECOND + now.tv_nsec / NS_PER_MS;
}

int64_t
time_monotonic_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * US_PER_SECOND + now.tv_nsec / NS_PER_US;
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

static int
two_digits(const char *text)
{
	if (!isdigit((unsigned char)text[0]) ||
	    !isdigit((unsigned char)text[1]))
		return -1;
	return 10 * (text[0] - '0') + (text[1] - '0');
}

/* "Z" or "+hh:mm" or "-hh:mm"; false if it is none of these. */
static bool
parse_offset(const char *text, int64_t *ret_seconds)
{
	int hours, minutes;

	if (strcmp(text, "Z") == 0) {
		*ret_seconds = 0;
		return true;
	}
	if (strlen(text) != strlen("+hh:mm") || !strchr("+-", text[0]) ||
	    text[3] != ':')
		return false;
	hours = two_digits(text + 1);
	minutes = two_digits(text + 4);
	if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
		return false;
	*ret_seconds = (int64_t)(hours * MINUTES_PER_HOUR + minutes) *
		       SECONDS_PER_MINUTE * (text[0] == '+' ? 1 : -1);
	return true;
}

/* What follows the seconds: a fraction, which is dropped, and an offset. */
static bool
parse_rest(const char *rest, int64_t *ret_offset)
{
	if (*rest == '.') {
		size_t digits = strspn(rest + 1, "0123456789");

		if (digits == 0)
			return false;
		rest += 1 + digits;
	}
	return parse_offset(rest, ret_offset);
}

enum error_code
time_parse(const char *text, int64_t *ret_when, struct error *err)
{
	static const size_t length = sizeof("2026-01-02T03:04:05") - 1;
	struct tm parts = {0};
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &parts);
	int64_t when = (int64_t)timegm(&parts);
	int64_t offset;

	/* strptime() takes "2026-2-31" and the like; it is written otherwise.
	 */
	if (!rest || strncmp(text, time_format(when).text, length) != 0 ||
	    !parse_rest(rest, &offset))
		return error_set(err, ERROR_INVALID,
		    "'%.40s' is no time such as 2026-01-02T03:04:05Z", text);

	*ret_when = when - offset;
	return ERROR_NONE;
}
