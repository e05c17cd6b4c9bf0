/* SPDX-License-Identifier: MIT */
/*
 * One line for the operator, to the journal when a service manager reads our
 * stderr as a journal stream (JOURNAL_STREAM), else to stderr.
 *
 * Only main.c, the server loop and background work log; everything else returns
 * an error. Never a PIN, a key, a handle or a whole URI. Untrusted text is
 * quoted '...'; control characters in a message become '?', so that a client
 * cannot forge a line.
 */
#ifndef COMMON_LOG_H
#define COMMON_LOG_H

#include "common/error.h"

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG
};

/*
 * Sets the least urgent level that is written; the start value comes from
 * SIGNET_LOG ("error", "warning", "info" or "debug"), else it is info.
 */
void log_set_level(enum log_level level);

/* Reads a level by its name. Fails with ERROR_INVALID. */
MUST_CHECK enum error_code log_level_parse(
    const char *name, enum log_level *ret_level, struct error *err);

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
