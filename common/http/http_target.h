/* SPDX-License-Identifier: MIT */
/* The target of a request: percent-encoding, path segments, query. */
#ifndef COMMON_HTTP_TARGET_H
#define COMMON_HTTP_TARGET_H

#include <stdbool.h>
#include <stddef.h>

#include "common/error.h"

/* What an encoded '+' stands for. */
enum http_plus { HTTP_PLUS_IS_PLUS, HTTP_PLUS_IS_SPACE };

/*
 * Decodes length bytes of text into value. A '%' that no two hexadecimal
 * digits follow stands for itself: clients in the field do not encode it.
 *
 * Returns false if it does not fit, holds a NUL or is not UTF-8.
 */
bool http_decode(const char *text, size_t length, enum http_plus plus,
    char *value, size_t size);

/*
 * The value of name in query ("a=1&b=2"), as http_query() in common/http.h.
 */
MUST_CHECK enum error_code http_query_find(const char *query, const char *name,
    char *value, size_t size, struct error *err);

#endif
