/* SPDX-License-Identifier: MIT */
/* config.yaml, the operator's file, made by a command. */
#ifndef CLI_OPERATOR_FILE_H
#define CLI_OPERATOR_FILE_H

#include <stdbool.h>

#include "common/cleanup.h"
#include "common/error.h"

/* Its path; the caller's. NULL: no memory. */
char *operator_file_path(void);

/*
 * Whether text may become the file at path: one that holds something else is
 * only replaced if is_forced. One that holds text already was left by the same
 * command, which was cut off.
 *
 * Fails with ERROR_EXISTS, or as file_read() does.
 */
MUST_CHECK enum error_code operator_file_check(
    const char *path, const char *text, bool is_forced, struct error *err);

/* Makes text the file at path, 0600: a key or a PIN may stand in it. Fails as
 * file_write() does. */
MUST_CHECK enum error_code operator_file_write(
    const char *path, const char *text, struct error *err);

/* Tells a person that it is written, and what is to be done next. */
void operator_file_print_written(const char *path);

#endif
