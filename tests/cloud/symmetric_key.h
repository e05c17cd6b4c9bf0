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

/*
 * The key of a device by its group's: HMAC-SHA256 of the registration id, which
 * is in lower case, by group_key; both keys are base64. The caller wipes and
 * frees *ret_key. Fails with ERROR_INVALID.
 */
MUST_CHECK enum error_code symmetric_key_derive(const char *group_key,
    const char *registration_id, char **ret_key, struct error *err);

#endif
