/* SPDX-License-Identifier: MIT */
/*
 * A clock that is wrong, to be preloaded: WRONGCLOCK_FILE has by how many
 * seconds, and is read anew each time. Durations are as they are. As long as
 * there is a file of that name with ".synchronized" behind it, a time server
 * has set the clock; else none has.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

typedef int clock_function(clockid_t, struct timespec *);

/* 0 if there is no such file. */
static long
offset_seconds(void)
{
	const char *path = getenv("WRONGCLOCK_FILE");
	int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	char text[32] = "";
	ssize_t length;

	if (file < 0)
		return 0;
	length = read(file, text, sizeof(text) - 1);
	(void)close(file);
	return length > 0 ? strtol(text, NULL, 10) : 0;
}

/* libc has names of its own. */
/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */
int
clock_gettime(clockid_t clock, struct timespec *when)
{
	static clock_function *next;
	int result;

	if (!next) {
		/* dlsym() gives an object pointer; ISO C wants the detour. */
		void *symbol = dlsym(RTLD_NEXT, "clock_gettime");

		memcpy(&next, &symbol, sizeof(next));
	}
	result = next(clock, when);
	if (!result && clock == CLOCK_REALTIME)
		when->tv_sec += offset_seconds();
	return result;
}

time_t
time(time_t *ret_when)
{
	struct timespec when = {0};

	(void)clock_gettime(CLOCK_REALTIME, &when);
	if (ret_when)
		*ret_when = when.tv_sec;
	return when.tv_sec;
}

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name): libc's
 */
int
gettimeofday(struct timeval *restrict ret_when, void *restrict zone)
{
	struct timespec when = {0};

	(void)zone;
	(void)clock_gettime(CLOCK_REALTIME, &when);
	ret_when->tv_sec = when.tv_sec;
	ret_when->tv_usec = when.tv_nsec / 1000;
	return 0;
}

int
adjtimex(struct timex *ret_state)
{
	const char *path = getenv("WRONGCLOCK_FILE");
	char mark[4096];

	*ret_state = (struct timex){.status = STA_UNSYNC};
	(void)snprintf(mark, sizeof(mark), "%s.synchronized", path ? path : "");
	if (access(mark, F_OK))
		return TIME_ERROR;
	ret_state->status = 0;
	return TIME_OK;
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
