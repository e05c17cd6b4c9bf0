/* SPDX-License-Identifier: MIT */
/*
 * Certificates of our own making: what certd issues, and test PKI. One place
 * decides how such a certificate is encoded (RFC 5280); the callers decide what
 * stands in it.
 */
#ifndef COMMON_CERTIFICATE_H
#define COMMON_CERTIFICATE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/openssl.h"

/* What stands in a certificate. All pointers are borrowed. */
struct certificate_plan {
	const X509_NAME *subject;
	EVP_PKEY *public_key;
	const X509_PUBKEY *request_key; /* of a request, to be used instead */
	const X509 *issuer;             /* NULL: signed with its own key */
	int64_t not_before;             /* seconds since 1970 */
	int64_t not_after;
	bool is_ca;
	int path_length; /* of a CA, or CERTIFICATE_NO_PATH_LENGTH */
	bool for_client; /* extended key usages */
	bool for_server;
	GENERAL_NAMES *alternative_names; /* NULL: none */
	const char *comment; /* a note to people who read it; NULL: none */
	/* In place of all extensions but the key ids; NULL: none. */
	const STACK_OF(X509_EXTENSION) * extensions;
	const EVP_MD *digest; /* NULL: natural for the signing key */
};

/*
 * Makes an X.509 v3 certificate and signs it with signing_key, the issuer's:
 * random positive serial number of 128 bits, subject and authority key ids,
 * critical basic constraints and key usage. A key that hashes by itself takes
 * no digest. *ret_certificate is the caller's.
 *
 * Fails with ERROR_INVALID if a date does not fit into a certificate, and with
 * ERROR_INTERNAL if the key does not sign.
 */
MUST_CHECK enum error_code certificate_create(
    const struct certificate_plan *plan, EVP_PKEY *signing_key,
    X509 **ret_certificate, struct error *err);

#endif
