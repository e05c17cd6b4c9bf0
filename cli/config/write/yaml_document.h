/* SPDX-License-Identifier: MIT */
/* The operator's configuration as YAML, in our own names. */
#ifndef CLI_YAML_DOCUMENT_H
#define CLI_YAML_DOCUMENT_H

#include "common/config.h"
#include "common/config_node.h"

/* What stands for a secret. */
#define YAML_HIDDEN "(hidden)"

/*
 * Writes the keys of root that table has, behind a line of comment; what table
 * passes over is left out. With is_hidden secrets and PINs are not shown. The
 * caller owns *ret_text: secret_free(). Fails as yaml_writer_finish() does.
 */
MUST_CHECK enum error_code yaml_document(const struct config_node *root,
    const struct config_table *table, const char *comment, bool is_hidden,
    char **ret_text, struct error *err);

/*
 * Hides in text, a daemon's file, the values of its keys that are secrets, and
 * PINs in URIs. The caller frees the result; NULL: no memory.
 */
char *yaml_hide(const char *text);

#endif
