/* SPDX-License-Identifier: MIT */
/* Patterns of paths in AppArmor's rules (apparmor.d(5), Globbing). */
#ifndef CLI_APPARMOR_PATTERN_H
#define CLI_APPARMOR_PATTERN_H

#include <stdbool.h>

#define APPARMOR_PATTERN_MAX 1024

/* Whether a path matches a pattern; variables are not looked at. */
bool apparmor_matches(const char *pattern, const char *path);

/*
 * The same, as far as can be said of what stands before a variable that nobody
 * knows: false if no value of it makes the pattern match.
 */
bool apparmor_may_match(const char *pattern, const char *path);

#endif
