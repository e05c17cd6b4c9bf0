/* SPDX-License-Identifier: MIT */
/* What of a configuration is no YAML that has a meaning, without its secrets.
 */
#ifndef CLI_YAML_LINES_H
#define CLI_YAML_LINES_H

#include <stdio.h>

#include "common/error.h"

/* Of a text that is no YAML, only single lines with a known key stay. */
void yaml_lines_hide(FILE *stream, const char *text);

/*
 * text is YAML. In its comments, where lines may be that shall not hold for a
 * while, what is assigned to a key is hidden unless the key is known and no
 * secret, with what stands below it; and all of a sentence from the first word
 * that looks like such a key.
 *
 * The caller owns *ret_text. Fails with ERROR_INTERNAL (no memory).
 */
MUST_CHECK enum error_code yaml_comments_hide(
    const char *text, char **ret_text, struct error *err);

#endif
