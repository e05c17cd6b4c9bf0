/* SPDX-License-Identifier: MIT */
/* Whether we can get to a file, and which component of its path bars the way.
 */
#ifndef CLI_PATH_WALK_H
#define CLI_PATH_WALK_H

#include <stdbool.h>

#include "common/json.h"

/* A path that somebody needs. */
struct path_need {
	char *path;
	bool writable;
	bool is_program; /* it is loaded, too */
};

struct path_needs {
	size_t count;
	struct path_need *items;
};

/*
 * For apart_run(): walks all of context, a struct path_needs, with the rights
 * of this process: each folder must be searchable, what is at the end a file
 * that can be read, or with writable a folder that can be written, too. Returns
 * an array of {"path","component","reason","is_missing","is_no_file"}: how far
 * we get to see the path, and what is in the way there, with the errno, the
 * owner and the mode.
 */
json_t *path_walk_all(const void *context);

#endif
