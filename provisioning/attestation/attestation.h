/* SPDX-License-Identifier: MIT */
/*
 * What the device proves itself with: a certificate that certd holds and a key
 * that keyd holds, both made first if the configuration says so; or a symmetric
 * key that keyd holds; or the TPM that keyd has.
 */
#ifndef PROVISIONING_ATTESTATION_H
#define PROVISIONING_ATTESTATION_H

#include "common/openssl.h"
#include "config.h"
#include "dps.h"
#include "proof.h"

struct credentials {
	char digest[65];   /* hex; another one for other credentials */
	x509_stack *chain; /* by certificate: both, leaf first */
	EVP_PKEY *key;
	int64_t valid_until;   /* by certificate: the first of chain to end */
	char *handle;          /* keyd's, of a symmetric key; else NULL */
	char *endorsement_key; /* by TPM: both, TPM2B_PUBLIC in base64 */
	char *storage_root_key;
	bool lacks_key; /* by TPM: no hub's key is in it, so DPS is needed */
};

/* Releases the contents, not the struct. */
void credentials_done(struct credentials *credentials);

/*
 * Gets what attestation names, for the device that is called name (its
 * registration id, or its device id; NULL if only a certificate says it). An
 * issued certificate that is missing, expired, or not for our key and name is
 * issued anew; the key is made only if there is none, and never deleted. A
 * group's key is used to derive the device's from name, in lower case.
 *
 * Fails as the clients of keyd and certd and openssl_key_load() do, but with
 * ERROR_INVALID in place of ERROR_UNAVAILABLE if one of the daemons says of
 * itself that it cannot work.
 */
MUST_CHECK enum error_code attestation_obtain(
    const struct attestation_settings *attestation, const char *name,
    struct credentials *ret_credentials, struct error *err);

/*
 * A handle of keyd's of the key that attestation names, as above; *ret_handle
 * is the caller's. Fails as the client of keyd does.
 */
MUST_CHECK enum error_code attestation_handle(
    const struct attestation_settings *attestation, const char *name,
    char **ret_handle, struct error *err);

/* The TPM of credentials, which ret_tpm borrows. False: they have none. */
bool credentials_tpm(
    const struct credentials *credentials, struct dps_tpm *ret_tpm);

/*
 * Brings the hub's key, as DPS sent it (base64), into the TPM, in place of the
 * one before; the same one again is no harm. Fails with ERROR_INVALID if the
 * TPM does not take it, so that the one before stays, or as the client of tpmd
 * does: then nobody knows which it has.
 */
MUST_CHECK enum error_code attestation_take_hub_key(
    const char *blob, struct error *err);

/*
 * True if certd shows the certificate that has digest, it has not expired, and
 * keyd has the key: a look that no key is used for. False with anything but a
 * certificate.
 */
bool attestation_is_unchanged(
    const struct attestation_settings *attestation, const char *digest);

/* What tells credentials with this chain from others. */
MUST_CHECK enum error_code attestation_digest(
    const x509_stack *chain, char ret_digest[static 65], struct error *err);

/* How requests upstream prove themselves with credentials, which it borrows. */
struct proof credentials_proof(const struct credentials *credentials);

#endif
