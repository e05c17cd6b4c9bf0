/* SPDX-License-Identifier: MIT */
/* Secrets in a token: HMAC and AES-GCM, within a lease. */
#ifndef KEYD_SECRET_H
#define KEYD_SECRET_H

#include "store.h"
#include "token.h"

/* Uses a new secret once: some tokens make what they cannot use. */
MUST_CHECK enum error_code secret_try(struct token_lease *lease,
    CK_OBJECT_HANDLE secret, unsigned usage, struct error *err);

/* Each fails as its namesake in store.h does. */
MUST_CHECK enum error_code secret_mac(struct token_lease *lease,
    CK_OBJECT_HANDLE secret, const struct key_input *message,
    unsigned char ret_mac[KEY_MAC_SIZE], struct error *err);
MUST_CHECK enum error_code secret_seal(struct token_lease *lease,
    CK_OBJECT_HANDLE secret, const struct key_seal *seal,
    const struct key_input *plain, unsigned char *ret_sealed,
    struct error *err);
MUST_CHECK enum error_code secret_unseal(struct token_lease *lease,
    CK_OBJECT_HANDLE secret, const struct key_seal *seal,
    const struct key_input *sealed, unsigned char *ret_plain, bool *ret_genuine,
    struct error *err);

#endif
