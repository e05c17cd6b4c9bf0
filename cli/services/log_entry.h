/* SPDX-License-Identifier: MIT */
/*
 * One thing that a daemon said, as programs get it: {"time", "daemon", "level",
 * "message"}. time is RFC 3339 and only the journal knows it; level is "error",
 * "warning", "info" or "debug", and missing if the line does not say.
 */
#ifndef CLI_LOG_ENTRY_H
#define CLI_LOG_ENTRY_H

#include "common/json.h"

/* From a line of the log file of daemon. The caller's; NULL: no memory. */
json_t *log_entry_of_line(const char *daemon, const char *line);

/*
 * From a line of 'journalctl --output=json'. The caller's; NULL: it is none,
 * or no memory.
 */
json_t *log_entry_of_journal(const char *line);

#endif
