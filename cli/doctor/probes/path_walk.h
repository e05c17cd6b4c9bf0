/* SPDX-License-Identifier: MIT */
/* Whether we can get to a file, and which component of its path bars the way.
 */
#ifndef CLI_PATH_WALK_H
#define CLI_PATH_WALK_H

#include <stdbool.h>

#include "common/json.h"

struct path_problem {
	char component[4096]; /* the path as far as we get to see it */
	char reason[256];     /* with the errno, the owner and the mode */
};

/*
 * Walks the absolute path with the rights of this process: each folder must be
 * searchable, what is at the end readable, and with writable also writable.
 * Returns true if something is in the way.
 */
bool path_walk(
    const char *path, bool writable, struct path_problem *ret_problem);

/* A path that somebody needs. */
struct path_need {
	char *path;
	bool writable;
};

struct path_needs {
	size_t count;
	struct path_need *items;
};

/*
 * For apart_run(): walks all of context, a struct path_needs, and returns an
 * array of {"path","component","reason"}.
 */
json_t *path_walk_all(const void *context);

#endif
