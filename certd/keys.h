/* SPDX-License-Identifier: MIT */
/*
 * What certd asks of keyd.
 *
 * keys.c asks keyd; tests/support/fake_keys.c holds keys of its own for the
 * unit tests. Which one a program gets is decided at link time.
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

#endif
