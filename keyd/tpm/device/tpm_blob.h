/* SPDX-License-Identifier: MIT */
/*
 * What DPS hands to one TPM and no other: a secret key, wrapped for the TPM's
 * storage root key, and what wraps it once more, for its endorsement key.
 */
#ifndef KEYD_TPM_BLOB_H
#define KEYD_TPM_BLOB_H

#include <stddef.h>
#include <tss2/tss2_tpm2_types.h>

#include "common/error.h"

struct tpm_blob {
	TPM2B_ID_OBJECT credential;    /* for the TPM with our keys */
	TPM2B_ENCRYPTED_SECRET secret; /* of credential */
	TPM2B_PRIVATE duplicate;       /* the key */
	TPM2B_ENCRYPTED_SECRET seed;   /* of duplicate */
	TPM2B_PUBLIC public;           /* of the key: HMAC with SHA-256 */
};

/*
 * Reads the parts as DPS concatenates them. What follows them is for nobody.
 *
 * Fails with ERROR_INVALID.
 */
MUST_CHECK enum error_code tpm_blob_read(const unsigned char *data,
    size_t length, struct tpm_blob *ret_blob, struct error *err);

#endif
