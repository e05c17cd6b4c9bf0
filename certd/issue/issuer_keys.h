/* SPDX-License-Identifier: MIT */
/*
 * The keys of issuers, loaded once: to load one takes more calls of keyd than
 * to sign with it. A key that does not sign, as it was replaced or is not ours
 * any more, is forgotten by who finds that out.
 */
#ifndef CERTD_ISSUER_KEYS_H
#define CERTD_ISSUER_KEYS_H

#include "common/openssl.h"

#define ISSUER_KEYS_MAX 16

struct issuer_keys;

MUST_CHECK enum error_code issuer_keys_create(
    struct issuer_keys **ret_keys, struct error *err);
void issuer_keys_free(struct issuer_keys *keys);
DEFINE_CLEANUP(issuer_keys, struct issuer_keys, issuer_keys_free)

/*
 * The key key_id, a reference of the caller's. Any thread. Fails as
 * keys_load().
 */
MUST_CHECK enum error_code issuer_keys_get(struct issuer_keys *keys,
    const char *key_id, EVP_PKEY **ret_key, struct error *err);

/* Forgets all, so that they are loaded anew; false: there were none. */
bool issuer_keys_forget(struct issuer_keys *keys);

#endif
