/* SPDX-License-Identifier: MIT */
/*
 * Signing by a CA of our own: a certificate chain, and the key of its first
 * certificate, which keyd holds.
 */
#ifndef CERTD_ISSUE_H
#define CERTD_ISSUE_H

#include "issuers.h"
#include "profile.h"

/*
 * Reads a CA from its PEM chain and the id of its key, or takes it from issuers
 * if it is as it was there. The contents of *ret_issuer are the caller's.
 *
 * Fails with ERROR_INVALID if the first certificate is no CA, is not valid now,
 * may not sign certificates or is not for that key, and as keys_load() does.
 */
MUST_CHECK enum error_code issuer_open(const char *chain_pem,
    struct issuers *issuers, const char *key_id, int64_t now,
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
 * Has issuer sign a certificate for request. *ret_chain, the caller's, is it,
 * without its key decoded (common/public_key.h), and the issuer's chain.
 *
 * Fails as profile_certificate() does, with ERROR_INVALID if the request is
 * for another key than the one that is to sign its own certificate, and with
 * ERROR_INTERNAL if what came out is not what was asked for.
 */
MUST_CHECK enum error_code issue_certificate(const struct issuer *issuer,
    const struct profile *profile, X509_REQ *request, int64_t now,
    x509_stack **ret_chain, struct error *err);

#endif
