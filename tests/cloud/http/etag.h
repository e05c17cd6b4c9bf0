/* SPDX-License-Identifier: MIT */
/* Entity tags in If-Match (RFC 9110 section 13.1.1), as SDKs send them. */
#ifndef CLOUD_ETAG_H
#define CLOUD_ETAG_H

#include <stdbool.h>

/*
 * True if the header if_match names etag. Outer quotes do not count on either
 * side; * and "*" match all.
 */
bool etag_matches(const char *if_match, const char *etag);

#endif
