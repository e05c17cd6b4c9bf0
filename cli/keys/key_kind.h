/* SPDX-License-Identifier: MIT */
/* For cmd_key*.c. */
#ifndef CLI_KEY_KIND_H
#define CLI_KEY_KIND_H

#include "common/error.h"
#include "output.h"

/* Fails with ERROR_INVALID unless kind is NULL, "pair" or "symmetric". */
MUST_CHECK enum error_code key_kind_check(const char *kind, struct error *err);

/* As output_failure(); who was denied is told how rights are given. */
int key_failure(enum output_form form, struct error *err);

#endif
