/* SPDX-License-Identifier: MIT */
/* Where the PIN of a token is, as its URI tells keyd. */
#ifndef CLI_PIN_H
#define CLI_PIN_H

#include <stdbool.h>

#include "common/uri.h"

/* The file that keyd reads the PIN of uri from; NULL: none. Borrowed. */
const char *pin_source(const struct uri *uri);

/*
 * True if systemd lends it that file, as a credential of its unit: it is there
 * while keyd runs, and for keyd.
 */
bool pin_is_lent(const struct uri *uri);

/*
 * The file that has the PIN of uri: of the credential of the shipped unit the
 * one that it is made of. The caller frees it; NULL: there is none that we
 * know.
 */
char *pin_file(const struct uri *uri);

/*
 * Reads the PIN in the file at path, as keyd does. The caller ends *ret_pin
 * with secret_free().
 */
MUST_CHECK enum error_code pin_read(
    const char *path, char **ret_pin, struct error *err);

#endif
