/* SPDX-License-Identifier: MIT */
/* One signature, within a lease. */
#ifndef KEYD_SIGN_H
#define KEYD_SIGN_H

#include "store.h"
#include "token.h"

/*
 * The object to sign with: private itself, or, where that is known to be
 * faster, a session copy of it that is just as sensitive. A copy lasts as long
 * as its session.
 */
CK_OBJECT_HANDLE sign_handle(struct token_lease *lease,
    CK_OBJECT_HANDLE private, const struct key_facts *facts);

/* Fails as key_store_sign() does. */
MUST_CHECK enum error_code sign_with(struct token_lease *lease,
    CK_OBJECT_HANDLE signer, enum key_mechanism mechanism,
    const struct key_input *input, struct key_signature *ret_signature,
    struct error *err);

#endif
