/* SPDX-License-Identifier: MIT */
/* When a process started, and what /proc says of it. */
#ifndef CLI_PROCESS_START_H
#define CLI_PROCESS_START_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Seconds since 1970; 0: there is no such process. */
int64_t process_start_time(pid_t pid);

/*
 * The text of /proc/<pid>/<file>, at most 64 KiB. The caller frees it; NULL:
 * there is none. ret_length may be NULL.
 */
char *process_file(pid_t pid, const char *file, size_t *ret_length);

#endif
