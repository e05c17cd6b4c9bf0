/* SPDX-License-Identifier: MIT */
/* What two texts differ in, by lines. */
#ifndef CLI_LINE_DIFF_H
#define CLI_LINE_DIFF_H

/*
 * The lines that are in old only, each behind "- ", and in new only, behind
 * "+ ", in their order; a line "@@ N" before each group has the number of its
 * line in old. Empty if the texts are the same. The caller frees it; NULL: no
 * memory.
 */
char *line_diff(const char *old, const char *new);

#endif
