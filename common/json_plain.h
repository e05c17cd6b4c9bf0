/* SPDX-License-Identifier: MIT */
/*
 * The documents that almost all requests and answers are: an object whose
 * members are strings of printable ASCII without escapes, as
 * {"algorithm":"ES256","digest":"..."}. Jansson, which checks characters one by
 * one, takes ten times as long for them as they need. Whatever else a document
 * is, right or wrong, is left to jansson.
 */
#ifndef COMMON_JSON_PLAIN_H
#define COMMON_JSON_PLAIN_H

#include <jansson.h>

/* The caller's; NULL: not such a document, or no memory. */
json_t *json_plain_parse(const char *text, size_t length);

/* As jansson writes it compactly; free(). NULL as above. */
char *json_plain_text(const json_t *value);

#endif
