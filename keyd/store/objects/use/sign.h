/* SPDX-License-Identifier: MIT */
/* One signature, within a lease. */
#ifndef KEYD_SIGN_H
#define KEYD_SIGN_H

#include "store.h"
#include "token.h"

/* Fails as key_store_sign() does. */
MUST_CHECK enum error_code sign_with(struct token_lease *lease,
    CK_OBJECT_HANDLE signer, enum key_mechanism mechanism,
    const struct key_input *input, struct key_signature *ret_signature,
    struct error *err);

#endif
