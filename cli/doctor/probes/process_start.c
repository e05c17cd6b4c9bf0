/* SPDX-License-Identifier: MIT */
#include "process_start.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/file.h"
#include "common/time.h"

#define PROC_MAX 65536
#define START_FIELD 22 /* of proc_pid_stat(5) */

/* Files in /proc have no size, so file_read() does not do. */
char *
process_file(pid_t pid, const char *file, size_t *ret_length)
{
	CLEANUP(string)
	char *path = string_format("/proc/%d/%s", (int)pid, file);
	int descriptor = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	char text[PROC_MAX];
	ssize_t length;
	char *copy;

	if (descriptor < 0)
		return NULL;
	length = read(descriptor, text, sizeof(text) - 1);
	(void)close(descriptor);
	if (length < 0)
		return NULL;
	copy = malloc((size_t)length + 1);
	if (!copy)
		return NULL;
	memcpy(copy, text, (size_t)length);
	copy[length] = '\0';
	if (ret_length)
		*ret_length = (size_t)length;
	return copy;
}

int64_t
process_start_time(pid_t pid)
{
	CLEANUP(string) char *stat = process_file(pid, "stat", NULL);
	/* The name, which may hold anything, ends with the last ')'. */
	char *field = stat ? strrchr(stat, ')') : NULL;
	struct timespec since_boot;
	long long ticks;

	for (int i = 2; field && i < START_FIELD; i++)
		field = strchr(field + 1, ' ');
	if (!field || clock_gettime(CLOCK_BOOTTIME, &since_boot) < 0)
		return 0;
	ticks = strtoll(field, NULL, 10);
	return time_now() - (since_boot.tv_sec - ticks / sysconf(_SC_CLK_TCK));
}
