/* SPDX-License-Identifier: MIT */
/*
 * The names of IoT Edge 1.1 and of aziot for what Signet has another name or
 * another shape for. They are understood in our own file, too.
 */
#ifndef CLI_AZIOT_NAMES_H
#define CLI_AZIOT_NAMES_H

#include "common/config_node.h"

/*
 * Changes the document into our names: renames keys, moves what is nested
 * otherwise, splits connection strings. What it does not know it leaves.
 *
 * Fails with ERROR_INVALID, pointing at the place: something is given twice,
 * under both names, or a connection string makes no sense.
 */
MUST_CHECK enum error_code aziot_names_change(
    struct config_node *root, struct error *err);

#endif
