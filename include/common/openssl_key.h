/* SPDX-License-Identifier: MIT */
/*
 * A key that keyd holds, as an EVP_PKEY that OpenSSL signs and does TLS with.
 *
 * The only file that knows how: today the libp11 engine with
 * libsignet-pkcs11.so as its module. OpenSSL engines are deprecated; when the
 * provider takes over, nobody else notices.
 */
#ifndef COMMON_OPENSSL_KEY_H
#define COMMON_OPENSSL_KEY_H

#include "common/openssl.h"

/*
 * Loads the private key with key_id (as keyd names it), as far as keyd shows
 * it to our uid. *ret_key is the caller's; its private half is in keyd. Safe
 * from any thread. The first call loads the engine, once per process, with
 * paths_pkcs11_module() and keyd's socket in paths_runtime_directory().
 *
 * Fails as keyd does (ERROR_NOT_FOUND if there is no such key pair,
 * ERROR_DENIED if it is not for us), with ERROR_UNAVAILABLE if keyd does not
 * answer or the key's token does not, and with ERROR_INTERNAL if the engine
 * cannot be loaded.
 */
MUST_CHECK enum error_code openssl_key_load(
    const char *key_id, EVP_PKEY **ret_key, struct error *err);

/*
 * Loads the private key that a pkcs11: URI names, from the PKCS#11 module at
 * the path module, logging in with the URI's PIN: for programs without keyd, as
 * signet-cloud. A process has one module: that of the first call, of this
 * function or the one above. *ret_key is the caller's.
 *
 * Fails with ERROR_INVALID (no such URI, another module) and as above.
 */
MUST_CHECK enum error_code openssl_key_load_uri(
    const char *uri, const char *module, EVP_PKEY **ret_key, struct error *err);

#endif
