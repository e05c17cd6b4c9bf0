/* SPDX-License-Identifier: MIT */
/*
 * Whether an AppArmor profile lets a program at a file, by the profile's text:
 * its rules for files, and what it includes. Variables are those that the
 * profiles of Debian use for folders; a rule with another one is passed over.
 */
#ifndef CLI_APPARMOR_H
#define CLI_APPARMOR_H

#include <stdbool.h>

#include "common/error.h"

#define APPARMOR_FOLDER "/etc/apparmor.d"

/* What a program wants. */
struct apparmor_request {
	const char *path;   /* of a file, with all links followed */
	const char *access; /* letters such as "r" or "rm" */
	bool is_owner;      /* the file is of the program's user */
};

/*
 * Sets *ret_allowed to whether the profile in folder/name allows the request.
 * Fails if the profile cannot be read; what it includes may be missing.
 */
MUST_CHECK enum error_code apparmor_allows(const char *folder, const char *name,
    const struct apparmor_request *request, bool *ret_allowed,
    struct error *err);

/* Whether a path matches a pattern of a rule (apparmor.d(5), Globbing). */
bool apparmor_matches(const char *pattern, const char *path);

#endif
