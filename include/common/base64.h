/* SPDX-License-Identifier: MIT */
/*
 * Standard base64 with padding, no line breaks (RFC 4648 section 4), decoded
 * strictly: any other character, missing padding or stray bits are an error.
 */
#ifndef COMMON_BASE64_H
#define COMMON_BASE64_H

#include <stddef.h>

#include "common/cleanup.h"
#include "common/error.h"

/* Encodes. The caller owns the text; NULL if there is no memory. */
char *base64_encode(const void *data, size_t length);

/*
 * Decodes text. On success *ret_data (never NULL, one byte longer than
 * *ret_length and ending in NUL) is the caller's, to be freed with free().
 *
 * Fails with ERROR_MALFORMED if text is not base64.
 */
MUST_CHECK enum error_code base64_decode(const char *text,
    unsigned char **ret_data, size_t *ret_length, struct error *err);

#endif
