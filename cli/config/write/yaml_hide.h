/* SPDX-License-Identifier: MIT */
/* A configuration without its secrets, to be shown. */
#ifndef CLI_YAML_HIDE_H
#define CLI_YAML_HIDE_H

#include "common/error.h"

/*
 * text is a configuration of the operator's or of a daemon, in YAML. Hidden are
 * the values of keys that are secrets, unless they say where one is, that are
 * not known (a secret may stand under a mistyped key), or that are let in and
 * not read, whatever style they are written in; and what redact_text() finds in
 * the rest. Lines stay where they are. In comments the same is hidden of lines
 * that look like settings, or have one in them. Of a file that is no YAML only
 * single lines with a known key stay.
 *
 * The caller owns *ret_text. Fails with ERROR_INTERNAL (no memory).
 */
MUST_CHECK enum error_code yaml_hide(
    const char *text, char **ret_text, struct error *err);

#endif
