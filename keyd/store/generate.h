/* SPDX-License-Identifier: MIT */
/* Making and removing key pairs in a token, within a lease. */
#ifndef KEYD_GENERATE_H
#define KEYD_GENERATE_H

#include "object.h"

/*
 * Generates a key pair: private, sensitive, not extractable, for signing, with
 * label and with the CKA_ID that key_public_tag() computes. A key that the
 * token made extractable is destroyed again.
 *
 * Fails with ERROR_INVALID if the token cannot make such a key.
 */
MUST_CHECK enum error_code generate_pair(struct token_lease *lease,
    const char *label, enum key_spec spec, unsigned usage,
    CK_OBJECT_HANDLE *ret_private, struct key_facts *ret_facts,
    struct error *err);

/* Destroys both halves, and session copies of the private half. */
MUST_CHECK enum error_code destroy_pair(struct token_lease *lease,
    const struct object_query *query, struct error *err);

/* Sets an attribute on both halves. *ret_count is how many objects have it. */
MUST_CHECK enum error_code set_on_pair(struct token_lease *lease,
    const struct object_query *query, CK_ATTRIBUTE_TYPE type, const void *data,
    size_t length, size_t *ret_count, struct error *err);

#endif
