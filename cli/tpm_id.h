/* SPDX-License-Identifier: MIT */
/* The registration id that a TPM has unless somebody chooses another. */
#ifndef CLI_TPM_ID_H
#define CLI_TPM_ID_H

#include "common/error.h"

#define TPM_ID_SIZE 53 /* with its NUL */

/*
 * SHA-256 over the endorsement key (TPM2B_PUBLIC, here in base64), in base32
 * (RFC 4648 section 6) in lower case without padding: as Azure's clients do.
 * Fails with ERROR_MALFORMED.
 */
MUST_CHECK enum error_code tpm_id(const char *endorsement_key,
    char ret_id[static TPM_ID_SIZE], struct error *err);

#endif
