/* SPDX-License-Identifier: MIT */
/* What a process has used, from /proc. */
#ifndef CLOUD_PROCESS_H
#define CLOUD_PROCESS_H

#include "common/error.h"

struct process_usage {
	double cpu_seconds; /* user and system */
	long rss_kib;       /* now */
	long pss_kib;
	long peak_kib; /* the most that its RSS ever was */
};

/* Fails with ERROR_NOT_FOUND if there is no such process, or not to be seen. */
MUST_CHECK enum error_code process_usage(
    int pid, struct process_usage *ret_usage, struct error *err);

#endif
