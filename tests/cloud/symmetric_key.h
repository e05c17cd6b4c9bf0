/* SPDX-License-Identifier: MIT */
/* Shared access keys as base64: those that clients give, and those we make. */
#ifndef CLOUD_SYMMETRIC_KEY_H
#define CLOUD_SYMMETRIC_KEY_H

#include "common/json.h"

/*
 * Sets member of keys to given if it is a text that is not empty, else to what
 * former has (which may be NULL), else to length new random bytes (at most 64).
 *
 * Fails with ERROR_MALFORMED or, unless a given key is the base64 of 16 to 64
 * bytes, with ERROR_INVALID, naming the member.
 */
MUST_CHECK enum error_code symmetric_key_set(json_t *keys, const char *member,
    const json_t *given, const json_t *former, size_t length,
    struct error *err);

#endif
