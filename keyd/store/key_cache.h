/* SPDX-License-Identifier: MIT */
/*
 * Keys that were found in tokens: their object handles, and what is known of
 * them. A handle is good for one generation of its token's sessions.
 */
#ifndef KEYD_KEY_CACHE_H
#define KEYD_KEY_CACHE_H

#include <p11-kit/pkcs11.h>

#include "store.h"

struct key_cache;

MUST_CHECK enum error_code key_cache_create(
    struct key_cache **ret_cache, struct error *err);
void key_cache_free(struct key_cache *cache);
DEFINE_CLEANUP(key_cache, struct key_cache, key_cache_free)

/*
 * The handle to sign with and the facts (either may be NULL) of the key with
 * name. False if they are not known for this generation.
 */
bool key_cache_get(struct key_cache *cache, const struct key_name *name,
    unsigned generation, CK_OBJECT_HANDLE *ret_signer,
    struct key_facts *ret_facts);

/*
 * Remembers a key. *ret_kept is false if another thread was first: then what
 * it put stays.
 */
MUST_CHECK enum error_code key_cache_put(struct key_cache *cache,
    const struct key_name *name, unsigned generation, CK_OBJECT_HANDLE signer,
    const struct key_facts *facts, bool *ret_kept, struct error *err);

/* Forgets the key with name, and every other name for the same CKA_ID. */
void key_cache_drop(struct key_cache *cache, const struct key_name *name);

#endif
