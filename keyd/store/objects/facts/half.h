/* SPDX-License-Identifier: MIT */
/* The public half of a pair in a token, from where it is. */
#ifndef KEYD_HALF_H
#define KEYD_HALF_H

#include "object.h"

/* What is known of the private half. */
struct half_owner {
	CK_OBJECT_HANDLE object;
	CK_KEY_TYPE type;
	struct object_query pair; /* its CKA_ID and CKA_LABEL */
	bool signs;
	const char *file; /* where its public half may be; NULL: nowhere */
};

/*
 * Finds the public half of owner. Fails with ERROR_INVALID if there is none,
 * or of a kind that is not supported.
 */
MUST_CHECK enum error_code half_find(struct token_lease *lease,
    const struct half_owner *owner, struct key_public *key, struct error *err);

#endif
