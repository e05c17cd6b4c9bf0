/* SPDX-License-Identifier: MIT */
#include "common/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The place in the source would always be this file. */
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

#define LINE_MAX_BYTES 1024

static const char *const level_names[] = {
    [LOG_LEVEL_ERROR] = "error",
    [LOG_LEVEL_WARNING] = "warning",
    [LOG_LEVEL_INFO] = "info",
    [LOG_LEVEL_DEBUG] = "debug",
};

/* Syslog priorities (RFC 5424 section 6.2.1) of our levels. */
static const int priorities[] = {
    [LOG_LEVEL_ERROR] = 3,
    [LOG_LEVEL_WARNING] = 4,
    [LOG_LEVEL_INFO] = 6,
    [LOG_LEVEL_DEBUG] = 7,
};

#define LEVEL_UNSET (-1)

/* The only global state of the project: the level. */
static atomic_int current_level = LEVEL_UNSET;

void
log_set_level(enum log_level level)
{
	atomic_store(&current_level, (int)level);
}

enum error_code
log_level_parse(const char *name, enum log_level *ret_level, struct error *err)
{
	for (size_t i = 0; i < sizeof(level_names) / sizeof(level_names[0]);
	     i++)
		if (strcmp(level_names[i], name) == 0) {
			*ret_level = (enum log_level)i;
			return ERROR_NONE;
		}
	return error_set(err, ERROR_INVALID,
	    "no log level '%s'; there are error, warning, info and debug",
	    name);
}

static bool
is_written(enum log_level level)
{
	int limit = atomic_load(&current_level);
	const char *name = getenv("SIGNET_LOG");
	enum log_level start = LOG_LEVEL_INFO;
	struct error ignored;

	if (limit == LEVEL_UNSET) {
		if (name && log_level_parse(name, &start, &ignored))
			start = LOG_LEVEL_INFO;
		log_set_level(start);
		limit = (int)start;
	}
	return (int)level <= limit;
}

/* JOURNAL_STREAM names the device and inode of the stream that is stderr. */
static bool
stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	struct stat status;
	char actual[64];

	if (!stream || fstat(STDERR_FILENO, &status) < 0)
		return false;
	(void)snprintf(actual, sizeof(actual), "%ju:%ju",
	    (uintmax_t)status.st_dev, (uintmax_t)status.st_ino);
	return strcmp(stream, actual) == 0;
}

static void
write_line(enum log_level level, char *message)
{
	for (char *c = message; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 127)
			*c = '?';

	/* A failure leaves nowhere to complain to. */
	if (stderr_is_journal())
		(void)sd_journal_send("PRIORITY=%d", priorities[level],
		    "MESSAGE=%s", message, NULL);
	else
		(void)dprintf(
		    STDERR_FILENO, "%s: %s\n", level_names[level], message);
}

#define DEFINE_LOG(name, level)                                                \
	void name(const char *format, ...)                                     \
	{                                                                      \
		char message[LINE_MAX_BYTES];                                  \
		va_list args;                                                  \
                                                                               \
		if (!is_written(level))                                        \
			return;                                                \
		va_start(args, format);                                        \
		(void)vsnprintf(message, sizeof(message), format, args);       \
		va_end(args);                                                  \
		write_line(level, message);                                    \
	}

DEFINE_LOG(log_error, LOG_LEVEL_ERROR)
DEFINE_LOG(log_warning, LOG_LEVEL_WARNING)
DEFINE_LOG(log_info, LOG_LEVEL_INFO)
DEFINE_LOG(log_debug, LOG_LEVEL_DEBUG)
