/* SPDX-License-Identifier: MIT */
/* The keys that TPMs were given to sign their registrations with, stored. */
#ifndef CLOUD_TPM_STORE_H
#define CLOUD_TPM_STORE_H

#include "database.h"
#include "enrollment.h"

struct tpm_secret {
	char *key;              /* base64 */
	char *endorsement_key;  /* of the TPM that can activate it, base64 */
	char *storage_root_key; /* likewise */
};

/* Wipes and releases the contents. */
void tpm_secret_done(struct tpm_secret *secret);

/* On success the contents of ret_secret are the caller's. ERROR_NOT_FOUND. */
MUST_CHECK enum error_code tpm_store_get(struct database *database,
    const struct id_text *registration_id, struct tpm_secret *ret_secret,
    struct error *err);

/* In the place of any that the registration has. */
MUST_CHECK enum error_code tpm_store_put(struct database *database,
    const struct id_text *registration_id, const struct tpm_secret *secret,
    struct error *err);

#endif
