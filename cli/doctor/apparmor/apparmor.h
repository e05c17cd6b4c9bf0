/* SPDX-License-Identifier: MIT */
/*
 * Whether an AppArmor profile lets a program at a file, by the profile's text:
 * its rules for files, the variables in them, and what it includes. What is
 * not understood, such as a condition, makes the answer unclear if it could
 * change it.
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

enum apparmor_verdict {
	APPARMOR_DENIED,
	APPARMOR_ALLOWED,
	APPARMOR_UNCLEAR,
};

struct apparmor_answer {
	enum apparmor_verdict verdict;
	/* What denies, or is not understood, and where; "": no rule allows. */
	char statement[512];
};

/* A profile in a file of a folder, in which what it includes is looked for. */
struct apparmor_profile {
	const char *folder;
	const char *file;
	const char *name;
};

/*
 * Sets *ret_answer to whether the profile allows the request. Fails if its file
 * cannot be read.
 */
MUST_CHECK enum error_code apparmor_ask(const struct apparmor_profile *profile,
    const struct apparmor_request *request, struct apparmor_answer *ret_answer,
    struct error *err);

#endif
