/* SPDX-License-Identifier: MIT */
#include "process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/file.h"

#define FILE_MAX 65536
/* In /proc/PID/stat, counted from behind the name: utime, and stime next. */
#define FIELD_UTIME 12

static enum error_code
read_text(int pid, const char *name, char **ret_text, struct error *err)
{
	CLEANUP(string) char *path = string_format("/proc/%d/%s", pid, name);
	CLEANUP(string) char *text = calloc(1, FILE_MAX);
	FILE *file = path ? fopen(path, "re") : NULL;
	size_t length = 0;

	if (file && text)
		length = fread(text, 1, FILE_MAX - 1, file);
	if (file)
		(void)fclose(file);
	if (length == 0)
		return error_set(err, ERROR_NOT_FOUND,
		    "there is nothing to read in /proc/%d/%s", pid, name);
	*ret_text = TAKE(text);
	return ERROR_NONE;
}

/* The number behind "NAME:"; 0 if there is none. */
static long
number_of(const char *text, const char *name)
{
	const char *found = strstr(text, name);

	return found ? strtol(found + strlen(name), NULL, 10) : 0;
}

/* The name of a program may have spaces and brackets in it. */
static double
cpu_seconds_of(const char *stat)
{
	const char *at = strrchr(stat, ')');
	char *end;
	unsigned long user, system;

	for (int i = 0; at && i < FIELD_UTIME; i++)
		at = strchr(at + 1, ' ');
	if (!at)
		return 0;
	user = strtoul(at, &end, 10);
	system = strtoul(end, NULL, 10);
	return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

enum error_code
process_usage(int pid, struct process_usage *ret_usage, struct error *err)
{
	CLEANUP(string) char *stat = NULL;
	CLEANUP(string) char *status = NULL;
	CLEANUP(string) char *maps = NULL;

	if (read_text(pid, "stat", &stat, err) ||
	    read_text(pid, "status", &status, err) ||
	    read_text(pid, "smaps_rollup", &maps, err))
		return err->code;
	*ret_usage = (struct process_usage){
	    .cpu_seconds = cpu_seconds_of(stat),
	    .rss_kib = number_of(maps, "\nRss:"),
	    .pss_kib = number_of(maps, "\nPss:"),
	    .peak_kib = number_of(status, "\nVmHWM:"),
	};
	return ERROR_NONE;
}
