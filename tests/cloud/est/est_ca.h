/* SPDX-License-Identifier: MIT */
/*
 * The CA that the EST server issues by. Its key is PEM in the settings, or in a
 * PKCS#11 token, which the settings then name by URI.
 */
#ifndef CLOUD_EST_CA_H
#define CLOUD_EST_CA_H

#include "common/openssl.h"
#include "database.h"

struct est_ca {
	x509_stack *chain; /* the CA, then those above it */
	EVP_PKEY *key;
};

/* NULL is allowed. */
void est_ca_close(struct est_ca *ca);
DEFINE_CLEANUP(est_ca, struct est_ca, est_ca_close)

/*
 * Opens what the settings name. Fails with ERROR_UNAVAILABLE if the token does
 * not give the key, and with ERROR_INVALID if key and certificate differ.
 */
MUST_CHECK enum error_code est_ca_open(
    struct database *database, struct est_ca **ret_ca, struct error *err);

/*
 * Makes the key at uri, in the token of the PKCS#11 module at module, the CA's,
 * with a new certificate by our own CA. Fails as est_ca_open() does.
 */
MUST_CHECK enum error_code est_ca_use_token(struct database *database,
    const char *uri, const char *module, struct error *err);

/* The certificates as a degenerate PKCS#7 (RFC 5652), base64. Caller frees. */
MUST_CHECK enum error_code est_certificates_only(
    const x509_stack *certificates, char **ret_text, struct error *err);

#endif
