/* SPDX-License-Identifier: MIT */
/* The kinds of credentials; attestation.c tells them apart. */
#ifndef PROVISIONING_ATTESTATION_INSIDE_H
#define PROVISIONING_ATTESTATION_INSIDE_H

#include "attestation.h"
#include "keyd/client.h"

/* As attestation_obtain(), each for its kind; credentials is all zero. */
MUST_CHECK enum error_code attestation_obtain_x509(
    const struct attestation_settings *attestation, const char *name,
    struct credentials *credentials, struct error *err);

MUST_CHECK enum error_code attestation_obtain_key(
    const struct attestation_settings *attestation, const char *name,
    struct credentials *credentials, struct error *err);

MUST_CHECK enum error_code attestation_obtain_tpm(
    struct credentials *credentials, struct error *err);

/* The proof_sign of credentials by TPM, with the hub's key. */
MUST_CHECK enum error_code attestation_tpm_sign(const void *context,
    const void *data, size_t length,
    unsigned char ret_mac[static PROOF_MAC_LENGTH], struct error *err);

/* As attestation_handle(), of a symmetric key. */
MUST_CHECK enum error_code attestation_key_handle(struct unix_http *client,
    const struct attestation_settings *attestation, const char *name,
    char **ret_handle, struct error *err);

/* The proof_sign of credentials with a handle, which are context. */
MUST_CHECK enum error_code attestation_sign(const void *context,
    const void *data, size_t length,
    unsigned char ret_mac[static PROOF_MAC_LENGTH], struct error *err);

#endif
