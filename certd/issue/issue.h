/* SPDX-License-Identifier: MIT */
/*
 * Signing by a CA of our own: a certificate chain, and the key of its first
 * certificate, which keyd holds.
 */
#ifndef CERTD_ISSUE_H
#define CERTD_ISSUE_H

#include "issuer_keys.h"
#include "profile.h"

struct issuer {
	x509_stack *chain; /* the CA first; NULL: it signs for itself */
	EVP_PKEY *key;
};

/* Releases the contents, not the struct. */
void issuer_done(struct issuer *issuer);

/*
 * Reads a CA from its PEM chain and the id of its key.
 *
 * Fails with ERROR_INVALID if the first certificate is no CA, is not valid now,
 * may not sign certificates or is not for that key, and as keys_load() does.
 */
MUST_CHECK enum error_code issuer_open(const char *chain_pem,
    struct issuer_keys *keys, const char *key_id, int64_t now,
    struct issuer *ret_issuer, struct error *err);

/*
 * The key key_id, which is to sign its own certificate. Fails as keys_load().
 */
MUST_CHECK enum error_code issuer_open_self(
    const char *key_id, struct issuer *ret_issuer, struct error *err);

/* What issuer_open() asks of a CA certificate. Fails with ERROR_INVALID. */
MUST_CHECK enum error_code issuer_check(
    const X509 *certificate, int64_t now, struct error *err);

/*
 * Has issuer sign a certificate for request. *ret_pem is it and the issuer's
 * chain; the caller frees it.
 *
 * Fails as profile_certificate() does, with ERROR_INVALID if the request is
 * for another key than the one that is to sign its own certificate, and with
 * ERROR_INTERNAL if what came out is not what was asked for.
 */
MUST_CHECK enum error_code issue_certificate(const struct issuer *issuer,
    const struct profile *profile, X509_REQ *request, int64_t now,
    char **ret_pem, struct error *err);

#endif
