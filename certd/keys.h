/* SPDX-License-Identifier: MIT */
/*
 * What certd asks of keyd.
 *
 * keys.c asks keyd; tests/support/fakes/fake_keys.c holds keys of its own for
 * the unit tests. Which one a program gets is decided at link time.
 */
#ifndef CERTD_KEYS_H
#define CERTD_KEYS_H

#include "common/openssl.h"

/* Fails as openssl_key_load() does. *ret_key is the caller's. */
MUST_CHECK enum error_code keys_load(
    const char *key_id, EVP_PKEY **ret_key, struct error *err);

/*
 * The id of the key pair that handle is for, confirmed by keyd: who forges one
 * must not make us use our own rights for him. *ret_key_id is the caller's.
 *
 * Fails as keyd_verify_handle() does.
 */
MUST_CHECK enum error_code keys_id_of_handle(
    const char *handle, char **ret_key_id, struct error *err);

/*
 * Makes the key pair key_id unless it exists; kind is what is preferred
 * ("ec-p384", or "ec-p384:*" for any other if that cannot be), NULL: P-256, or
 * RSA where the token has no EC.
 */
MUST_CHECK enum error_code keys_make(
    const char *key_id, const char *kind, struct error *err);

/*
 * True if keyd loads the pair from elsewhere (preloaded_keys), so that it is
 * neither moved nor replaced, even if it is not there now; false also if there
 * is none.
 */
MUST_CHECK enum error_code keys_is_preloaded(
    const char *key_id, bool *ret_is, struct error *err);

/* That there is no such key is success. */
MUST_CHECK enum error_code keys_drop(const char *key_id, struct error *err);

/* Renames, in place of to. Fails with ERROR_NOT_FOUND. */
MUST_CHECK enum error_code keys_move(
    const char *from, const char *to, struct error *err);

/*
 * SHA-256 of the public half as hexadecimal digits, asked of keyd each time.
 * Fails with ERROR_NOT_FOUND.
 */
MUST_CHECK enum error_code keys_digest(
    const char *key_id, char ret_digest[static 65], struct error *err);

/*
 * The same of a key pair that keyd knows: what lies in its token without having
 * been seen is not looked for, which takes longer than to sign.
 */
MUST_CHECK enum error_code keys_known_digest(
    const char *key_id, char ret_digest[static 65], struct error *err);

#define KEYS_GLANCE_MS 1000

/*
 * The same for who only looks: a keyd that hangs holds him up so long, and then
 * for ten seconds nobody (ERROR_UNAVAILABLE).
 */
MUST_CHECK enum error_code keys_glance(
    const char *key_id, char ret_digest[static 65], struct error *err);

/*
 * True if keyd has no key pair key_id, having looked into its token, too. One
 * that cannot be asked, or whose token is away, has lost nothing. It is for who
 * only looks, as keys_glance() is; of a key that is not lost keyd is asked once
 * in ten seconds.
 */
bool keys_is_gone(const char *key_id);

#endif
