/* SPDX-License-Identifier: MIT */
/* The variables of an AppArmor profile, "@{NAME}", each with its values. */
#ifndef CLI_APPARMOR_VARIABLES_H
#define CLI_APPARMOR_VARIABLES_H

#include "common/error.h"
#include "common/json.h"

enum apparmor_match {
	APPARMOR_NO,
	APPARMOR_PERHAPS, /* it has a variable that was not set */
	APPARMOR_YES,
};

/*
 * Sets the variable name ("@{NAME}") to values, or adds them to it. variables
 * is an object, {"@{NAME}": ["value"]}.
 */
void apparmor_set(json_t *variables, const char *name, bool adds,
    const char *const values[], size_t count);

/* Whether a path matches a pattern, whatever values its variables take. */
enum apparmor_match apparmor_compare(
    const json_t *variables, const char *pattern, const char *path);

#endif
