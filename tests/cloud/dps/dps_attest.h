/* SPDX-License-Identifier: MIT */
/* Which enrollment admits a device, by the certificates that it presents. */
#ifndef CLOUD_DPS_ATTEST_H
#define CLOUD_DPS_ATTEST_H

#include "cloud.h"
#include "enrollment.h"

/* A device that has proved who it is; its enrollment may be disabled. */
struct attestation {
	struct id_text id; /* the registration id, in lower case */
	struct enrollment enrollment;
	X509 *leaf;
	X509 *signer; /* the group's certificate; NULL for an individual */
};

/* Releases the contents. */
void attestation_done(struct attestation *attestation);

/*
 * Finds the enrollment of registration id. An individual one decides alone;
 * otherwise it is the group whose certificate is nearest to the leaf. On
 * success the contents of ret_attestation are the caller's.
 *
 * Fails with ERROR_DENIED, saying in a sentence what the device can do.
 */
MUST_CHECK enum error_code attest_device(struct cloud *cloud,
    const struct id_text *id, const x509_stack *presented,
    struct attestation *ret_attestation, struct error *err);

#endif
