/* SPDX-License-Identifier: MIT */
/*
 * Requests and certificates that are read without their public keys.
 *
 * OpenSSL 3.0 decodes the key of each that it reads, and asks all decoders of
 * all providers for it, which takes ten times as long as the rest. Of those
 * that are read here X509_get0_pubkey() and X509_REQ_get0_pubkey() know no key;
 * who needs it, asks for it.
 */
#ifndef COMMON_PUBLIC_KEY_H
#define COMMON_PUBLIC_KEY_H

#include "common/openssl.h"

/*
 * Reads a PEM certification request. *ret_request is the caller's. Fails with
 * ERROR_INVALID.
 */
MUST_CHECK enum error_code request_from_pem_without_key(
    const char *pem, X509_REQ **ret_request, struct error *err);

/*
 * The first certificate of a PEM text, without its key. *ret_certificate is the
 * caller's. Fails as certificates_from_pem().
 */
MUST_CHECK enum error_code certificate_from_pem_without_key(
    const char *pem, X509 **ret_certificate, struct error *err);

/* As certificates_from_pem(), without the keys. */
MUST_CHECK enum error_code certificates_from_pem_without_keys(
    const char *pem, x509_stack **ret_chain, struct error *err);

/*
 * Decodes a key. *ret_key is the caller's. Fails with ERROR_INVALID: none that
 * OpenSSL knows, or no point of its curve.
 */
MUST_CHECK enum error_code public_key_read(
    const X509_PUBKEY *public_key, EVP_PKEY **ret_key, struct error *err);

/* The key of certificate, decoded already or not. As public_key_read(). */
MUST_CHECK enum error_code public_key_of(
    const X509 *certificate, EVP_PKEY **ret_key, struct error *err);

/* Makes *to what from is, to the letter. Fails with ERROR_INTERNAL. */
MUST_CHECK enum error_code public_key_copy(
    const X509_PUBKEY *from, X509_PUBKEY *to, struct error *err);

/* SHA-256 of the SubjectPublicKeyInfo as it stands there. */
MUST_CHECK enum error_code public_key_digest(const X509_PUBKEY *public_key,
    char ret_digest[static 65], struct error *err);

/* The same of a public key in PEM. Fails with ERROR_INVALID. */
MUST_CHECK enum error_code public_key_pem_digest(
    const char *pem, char ret_digest[static 65], struct error *err);

/* True if both are the same key, in whatever encoding. */
bool public_key_equal(const X509_PUBKEY *one, const X509_PUBKEY *other);

#endif
