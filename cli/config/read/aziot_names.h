/* SPDX-License-Identifier: MIT */
/*
 * The names of IoT Edge 1.1 and of aziot for what Signet has another name or
 * another shape for. They are understood in our own file, too.
 */
#ifndef CLI_AZIOT_NAMES_H
#define CLI_AZIOT_NAMES_H

#include "common/config_node.h"
#include "mistakes.h"

/*
 * Changes the document into our names: renames keys, moves what is nested
 * otherwise, splits connection strings. What it does not know it leaves.
 *
 * Something that is given twice, under both names, or a connection string that
 * makes no sense, is left out and one of mistakes. Fails with ERROR_INTERNAL.
 */
MUST_CHECK enum error_code aziot_names_change(
    struct config_node *root, struct mistakes *mistakes, struct error *err);

#endif
