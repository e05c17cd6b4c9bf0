/* SPDX-License-Identifier: MIT */
/* Decrypting with RSA, and agreeing with ECDH, within a lease. */
#ifndef KEYD_DECRYPT_H
#define KEYD_DECRYPT_H

#include "store.h"
#include "token.h"

/* Fails as key_store_decrypt() does. */
MUST_CHECK enum error_code decrypt_with(struct token_lease *lease,
    CK_OBJECT_HANDLE private, enum key_padding padding,
    const struct key_input *ciphertext, const struct key_input *label,
    struct key_plain *ret_plain, struct error *err);

/* Fails as key_store_agree() does. */
MUST_CHECK enum error_code agree_with(struct token_lease *lease,
    CK_OBJECT_HANDLE private, const struct key_public *peer,
    struct key_plain *ret_secret, struct error *err);

#endif
