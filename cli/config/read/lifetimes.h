/* SPDX-License-Identifier: MIT */
/* How long certificates live by IoT Edge's files. */
#ifndef CLI_LIFETIMES_H
#define CLI_LIFETIMES_H

#include "document.h"

/*
 * Lowers what a file of IoT Edge says to the most that is possible here, which
 * is one of the document's warnings. To be called when all that is issued is
 * in its place. Fails with ERROR_INTERNAL.
 */
MUST_CHECK enum error_code lifetimes_lower(
    struct document *document, struct error *err);

#endif
