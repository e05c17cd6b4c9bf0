/* SPDX-License-Identifier: MIT */
/*
 * Typed access to the members of a JSON object (jansson). Every failure is
 * ERROR_MALFORMED and names the member: "'keyId' is missing", "'keyId' must be
 * a string". A member that is null counts as absent. Strings are borrowed from
 * the object.
 */
#ifndef COMMON_JSON_H
#define COMMON_JSON_H

#include <jansson.h>
#include <stdbool.h>

#include "common/cleanup.h"
#include "common/error.h"

/* Deeper documents are refused (jansson itself stops at 2048). */
#define JSON_DEPTH_MAX 64

DEFINE_CLEANUP(json, json_t, json_decref)

/*
 * Parses a document. Duplicate members, NUL in strings and trailing text are
 * errors. *ret_value is the caller's.
 */
MUST_CHECK enum error_code json_parse(
    const char *text, size_t length, json_t **ret_value, struct error *err);

/* Serialises compactly, members in insertion order; NULL: no memory. free(). */
char *json_text(const json_t *value);

MUST_CHECK enum error_code json_get_string(const json_t *object,
    const char *member, const char **ret_text, struct error *err);

/* As json_get_string(), but *ret_text is a copy, the caller's to be freed. */
MUST_CHECK enum error_code json_copy_string(const json_t *object,
    const char *member, char **ret_text, struct error *err);

/* Absent or null: *ret_text is NULL, which is success. */
MUST_CHECK enum error_code json_get_optional_string(const json_t *object,
    const char *member, const char **ret_text, struct error *err);

MUST_CHECK enum error_code json_get_integer(const json_t *object,
    const char *member, json_int_t *ret_value, struct error *err);

/* Absent or null: *ret_value is fallback. */
MUST_CHECK enum error_code json_get_bool(const json_t *object,
    const char *member, bool fallback, bool *ret_value, struct error *err);

/* A member that must be an object; borrowed. */
MUST_CHECK enum error_code json_get_object(const json_t *object,
    const char *member, const json_t **ret_value, struct error *err);

/* A base64 string, decoded; *ret_data is the caller's (base64_decode()). */
MUST_CHECK enum error_code json_get_bytes(const json_t *object,
    const char *member, unsigned char **ret_data, size_t *ret_length,
    struct error *err);

/*
 * Sets member to value, which is taken, also if it fails; NULL is what a failed
 * json_pack() returned. Fails with ERROR_INTERNAL: no memory.
 */
MUST_CHECK enum error_code json_set(
    json_t *object, const char *member, json_t *value, struct error *err);

/* Sets member to the base64 of data. Fails with ERROR_INTERNAL. */
MUST_CHECK enum error_code json_set_bytes(json_t *object, const char *member,
    const void *data, size_t length, struct error *err);

#endif
