/* SPDX-License-Identifier: MIT */
/* What the service marks things with: random identifiers and the time. */
#ifndef CLOUD_STAMP_H
#define CLOUD_STAMP_H

#include <stddef.h>

#include "common/error.h"

#define UUID_TEXT_MAX 37
#define ETAG_TEXT_MAX 48
#define UTC_TEXT_MAX 40

/* Writes size random bytes as 2 * size hex digits, and NUL, to text. */
MUST_CHECK enum error_code random_hex(
    char *text, size_t size, struct error *err);

/* A random UUID (RFC 4122 version 4), which is safe in a URL. */
struct uuid_text {
	char text[UUID_TEXT_MAX];
};
MUST_CHECK enum error_code uuid_create(
    struct uuid_text *ret_uuid, struct error *err);

/* A new entity tag, with the double quotes that DPS has inside its text. */
struct etag_text {
	char text[ETAG_TEXT_MAX];
};
MUST_CHECK enum error_code etag_create(
    struct etag_text *ret_etag, struct error *err);

/* Now, with milliseconds: "2026-11-23T21:59:30.123Z". */
struct utc_text {
	char text[UTC_TEXT_MAX];
};
struct utc_text utc_now(void);

#endif
