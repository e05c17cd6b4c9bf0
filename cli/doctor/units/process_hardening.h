/* SPDX-License-Identifier: MIT */
/* Whether a process of ours is confined as its unit confines it. */
#ifndef CLI_PROCESS_HARDENING_H
#define CLI_PROCESS_HARDENING_H

#include <stddef.h>

struct hardening_flaw {
	const char *what; /* "NoNewPrivileges" */
	const char *reason;
};

/*
 * The i-th flaw of a process, by the texts of its /proc files status and
 * uid_map; NULL: there are no more. Static.
 */
const struct hardening_flaw *hardening_flaw(
    const char *status, const char *uid_map, size_t i);

#endif
