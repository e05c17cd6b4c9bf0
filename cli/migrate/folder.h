/* SPDX-License-Identifier: MIT */
/* The files of a folder, in the order of their names. */
#ifndef CLI_FOLDER_H
#define CLI_FOLDER_H

#include <stdbool.h>

#include "common/config_node.h"

struct takeover; /* aziot_state.h */

/* What is done with one file of a folder, and to what. */
struct folder_visitor {
	enum error_code (*visit)(const struct folder_visitor *visitor,
	    const char *path, const char *name, struct error *err);
	struct config_node *root;
	struct takeover *takeover;
};

/*
 * Visits all that is in folder but what begins with a dot, until a visit
 * fails. A folder that is not there has no files.
 */
MUST_CHECK enum error_code folder_visit(const char *folder,
    const struct folder_visitor *visitor, struct error *err);

/* True if name has extension, ".key". */
bool folder_ends_in(const char *name, const char *extension);

#endif
