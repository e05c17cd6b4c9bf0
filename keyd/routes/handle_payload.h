/* SPDX-License-Identifier: MIT */
/* For handles.c: what a handle says, as JSON. */
#ifndef KEYD_HANDLE_PAYLOAD_H
#define KEYD_HANDLE_PAYLOAD_H

#include "common/json.h"
#include "handles.h"

/* The value of "key_id". NULL: no memory. */
json_t *payload_of_key(enum key_kind kind, const char *id);
json_t *payload_of_derived(const char *base, const struct key_input *data);

/* One handle of a chain of handles; all pointers are borrowed from the JSON. */
struct payload {
	enum key_kind kind;
	const char *id;     /* NULL: it is derived */
	const char *base;   /* the handle that it is derived from */
	const json_t *data; /* and by which data */
	bool is_delegated;
	uid_t delegator, delegate;
};

/* Fails with ERROR_INVALID. */
MUST_CHECK enum error_code payload_read(
    const json_t *document, struct payload *ret_payload, struct error *err);

/* An array of numbers as bytes; *ret_data is the caller's. ERROR_INVALID. */
MUST_CHECK enum error_code payload_data(const json_t *array,
    unsigned char **ret_data, size_t *ret_length, struct error *err);

#endif
