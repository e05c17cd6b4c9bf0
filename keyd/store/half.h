/* SPDX-License-Identifier: MIT */
/* The public half of a pair in a token, from where it is. */
#ifndef KEYD_HALF_H
#define KEYD_HALF_H

#include "object.h"

/*
 * Finds the public half of the private key object, which is of type, and whose
 * CKA_ID and CKA_LABEL are pair. Fails with ERROR_INVALID if there is none, or
 * of a kind that is not supported.
 */
MUST_CHECK enum error_code half_find(struct token_lease *lease,
    CK_OBJECT_HANDLE object, CK_KEY_TYPE type, const struct object_query *pair,
    struct key_public *key, struct error *err);

#endif
