/* SPDX-License-Identifier: MIT */
/* OpenSSL types with an owner, and OpenSSL failures with a message. */
#ifndef COMMON_OPENSSL_H
#define COMMON_OPENSSL_H

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/cleanup.h"
#include "common/error.h"

typedef STACK_OF(X509) x509_stack;

void x509_stack_free(x509_stack *chain);

DEFINE_CLEANUP(bio, BIO, BIO_free_all)
DEFINE_CLEANUP(bignum, BIGNUM, BN_free)
DEFINE_CLEANUP(pkey, EVP_PKEY, EVP_PKEY_free)
DEFINE_CLEANUP(pkey_ctx, EVP_PKEY_CTX, EVP_PKEY_CTX_free)
DEFINE_CLEANUP(x509, X509, X509_free)
DEFINE_CLEANUP(x509_name, X509_NAME, X509_NAME_free)
DEFINE_CLEANUP(x509_req, X509_REQ, X509_REQ_free)
DEFINE_CLEANUP(x509_extension, X509_EXTENSION, X509_EXTENSION_free)
DEFINE_CLEANUP(x509_stack, x509_stack, x509_stack_free)

/*
 * Records that doing failed, with the reason OpenSSL gives, and empties
 * OpenSSL's error queue so that the reason cannot be blamed on a later call.
 */
enum error_code error_set_openssl(
    struct error *err, enum error_code code, const char *doing);

/*
 * Reads all certificates of a PEM text, in order; at least one. *ret_chain is
 * the caller's. Fails with ERROR_INVALID, naming the certificate's position.
 */
MUST_CHECK enum error_code certificates_from_pem(
    const char *pem, x509_stack **ret_chain, struct error *err);

/*
 * The same, decoded by what context has; NULL is the default one, as above.
 */
MUST_CHECK enum error_code certificates_from_pem_in(OSSL_LIB_CTX *context,
    const char *pem, x509_stack **ret_chain, struct error *err);

/* Writes chain as PEM. The caller frees *ret_pem. */
MUST_CHECK enum error_code certificates_to_pem(
    const x509_stack *chain, char **ret_pem, struct error *err);

/* Writes one object as PEM. The caller frees *ret_pem. */
MUST_CHECK enum error_code certificate_to_pem(
    const X509 *certificate, char **ret_pem, struct error *err);
MUST_CHECK enum error_code request_to_pem(
    const X509_REQ *request, char **ret_pem, struct error *err);
MUST_CHECK enum error_code public_key_to_pem(
    const EVP_PKEY *key, char **ret_pem, struct error *err);

/* Reads an unencrypted PEM private key. Fails with ERROR_INVALID. */
MUST_CHECK enum error_code private_key_from_pem(
    const char *pem, EVP_PKEY **ret_key, struct error *err);

/*
 * The last CN of name as UTF-8. The caller frees *ret_text. Fails with
 * ERROR_INVALID if there is none, or a NUL in it.
 */
MUST_CHECK enum error_code name_common_name(
    const X509_NAME *name, char **ret_text, struct error *err);

/* Builds a name of one CN (at most 64 characters, RFC 5280 appendix A). */
MUST_CHECK enum error_code name_from_common_name(
    const char *common_name, X509_NAME **ret_name, struct error *err);

/* A UTCTime or GeneralizedTime as seconds since 1970. ERROR_INVALID. */
MUST_CHECK enum error_code time_from_asn1(
    const ASN1_TIME *time, int64_t *ret_when, struct error *err);

/* Sets time; GeneralizedTime from 2050 on (RFC 5280 section 4.1.2.5). */
MUST_CHECK enum error_code time_to_asn1(
    int64_t when, ASN1_TIME *time, struct error *err);

/* True if certificate is for the public half of key. */
bool certificate_matches_key(const X509 *certificate, const EVP_PKEY *key);

/* True if the basic constraints of certificate say CA:TRUE. */
bool certificate_is_ca(const X509 *certificate);

#define CERTIFICATE_NO_PATH_LENGTH (-1)

/* How many CAs may be below it; CERTIFICATE_NO_PATH_LENGTH: any number. */
long certificate_path_length(const X509 *certificate);

/* SHA-256 of data as 64 lower-case hex digits and a NUL. */
MUST_CHECK enum error_code sha256_hex(const void *data, size_t length,
    char ret_hex[static 65], struct error *err);

/* The same of the DER of certificate. */
MUST_CHECK enum error_code certificate_digest(
    const X509 *certificate, char ret_hex[static 65], struct error *err);

#endif
