/* SPDX-License-Identifier: MIT */
/* What a daemon says that runs as a service of ours. */
#ifndef CLI_SERVICE_LOG_H
#define CLI_SERVICE_LOG_H

#include <sys/types.h>

#include "common/json.h"

/* "<state>/log/<daemon>.log". The caller frees it; NULL: no memory. */
char *service_log_path(const char *name);

/* Where the log of daemon name ends now. */
off_t service_log_end(const char *name);

/*
 * The last lines that daemon name has said since its log ended at since. The
 * caller frees it; NULL if there is nothing.
 */
char *service_log_tail(const char *name, off_t since);

/*
 * The last lines of the log of daemon name, at most so many and at most 1 MiB:
 * a JSON array, the caller's, empty if there is no log. NULL: no memory.
 */
json_t *service_log_lines(const char *name, size_t most);

#endif
