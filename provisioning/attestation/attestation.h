/* SPDX-License-Identifier: MIT */
/*
 * What the device proves itself with: a certificate that certd holds and a key
 * that keyd holds, both made first if the configuration says so.
 */
#ifndef PROVISIONING_ATTESTATION_H
#define PROVISIONING_ATTESTATION_H

#include "common/openssl.h"
#include "config.h"

struct credentials {
	x509_stack *chain; /* leaf first */
	EVP_PKEY *key;
	char thumbprint[65]; /* SHA-256 of the leaf, hex */
};

/* Releases the contents, not the struct. */
void credentials_done(struct credentials *credentials);

/*
 * Gets the certificate chain and the key that attestation names. An issued
 * certificate that is missing, expired, or not for our key and name is issued
 * anew; the key is made only if there is none, and never deleted.
 *
 * Fails as the clients of keyd and certd and openssl_key_load() do, but with
 * ERROR_INVALID in place of ERROR_UNAVAILABLE if one of the daemons says of
 * itself that it cannot work.
 */
MUST_CHECK enum error_code attestation_obtain(
    const struct attestation_settings *attestation,
    struct credentials *ret_credentials, struct error *err);

#endif
