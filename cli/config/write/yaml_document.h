/* SPDX-License-Identifier: MIT */
/* The operator's configuration as YAML, in our own names. */
#ifndef CLI_YAML_DOCUMENT_H
#define CLI_YAML_DOCUMENT_H

#include "common/config.h"
#include "common/config_node.h"

/*
 * Writes the keys of root that table has, behind a line of comment; what table
 * passes over is left out. The caller owns *ret_text: secret_free(). Fails as
 * yaml_writer_finish() does.
 */
MUST_CHECK enum error_code yaml_document(const struct config_node *root,
    const struct config_table *table, const char *comment, char **ret_text,
    struct error *err);

#endif
