/* SPDX-License-Identifier: MIT */
/* Which enrollment admits a device, by what it proves itself with. */
#ifndef CLOUD_DPS_ATTEST_H
#define CLOUD_DPS_ATTEST_H

#include "cloud.h"
#include "enrollment.h"

/* A device that has proved who it is; its enrollment may be disabled. */
struct attestation {
	struct id_text id; /* the registration id, in lower case */
	struct enrollment enrollment;
	X509 *leaf;      /* X.509 only */
	X509 *signer;    /* X.509 by a CA; NULL if the leaf is enrolled */
	char *keys[2];   /* symmetric: the device's own, as base64 */
	char *challenge; /* TPM: proves nothing yet; what it must activate */
	char *storage_root_key; /* TPM, as base64 */
};

/* Releases the contents. */
void attestation_done(struct attestation *attestation);

/*
 * Finds the enrollment of registration id. An individual one decides alone;
 * otherwise it is the group whose key signed, or whose certificate is nearest
 * to the leaf. On success the contents of ret_attestation are the caller's.
 *
 * Fails with ERROR_DENIED, saying in a sentence what the device can do.
 */
MUST_CHECK enum error_code attest_device(struct cloud *cloud,
    const struct id_text *id, const struct request *request,
    struct attestation *ret_attestation, struct error *err);

/*
 * For attest_device(): symmetric keys. Fails with ERROR_DENIED, and by a group
 * with ERROR_NOT_FOUND if the signature is by none of the groups' keys.
 */
MUST_CHECK enum error_code attest_by_key(struct cloud *cloud,
    const struct request *request, struct attestation *attestation,
    struct error *err);
MUST_CHECK enum error_code attest_by_group_key(struct cloud *cloud,
    const struct request *request, struct attestation *attestation,
    struct error *err);

/*
 * For attest_device(): a TPM, first without a signature, which yields the
 * challenge, then with one by the key in it.
 */
MUST_CHECK enum error_code attest_by_tpm(struct cloud *cloud,
    const struct request *request, struct attestation *attestation,
    struct error *err);

/*
 * What the dates of certificates are compared with: the time of request, or
 * ATTEST_ANY_TIME if the tester chose quirk.
 */
int64_t attest_time(
    const struct cloud *cloud, const struct request *request, enum quirk quirk);

/*
 * That the request is signed by key (base64) for this registration, with the
 * policy of devices. Fails with ERROR_DENIED.
 */
MUST_CHECK enum error_code attest_signature(const struct cloud *cloud,
    const struct request *request, const struct id_text *id, const char *key,
    struct error *err);

/* The number for a bad key in tpm, REFUSE_ARGUMENT if its keys are good. */
enum refusal refusal_of_tpm_keys(const json_t *tpm);

/*
 * What err is answered by: a key in tpm that cannot be read has a number of its
 * own. Returns err's code if it has not.
 */
MUST_CHECK enum error_code refuse_tpm_keys(
    const json_t *tpm, struct reply *reply, struct error *err);

#endif
