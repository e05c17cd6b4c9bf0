/* SPDX-License-Identifier: MIT */
/*
 * How DPS hands a secret key to one TPM and no other: the activation blob, made
 * in software (TPM 2.0 Library, part 1, sections 24 "Credential Protection" and
 * 23.3 "Duplication"). The TPM activates a credential with its endorsement key,
 * which decrypts the duplication that it then imports under its storage root
 * key.
 */
#ifndef CLOUD_TPM_BLOB_H
#define CLOUD_TPM_BLOB_H

#include <stddef.h>
#include <stdint.h>

#include "common/openssl.h"

#define TPM_NAME_SIZE 34 /* nameAlg and SHA-256 */
#define TPM_KEY_BYTES_MAX 64
#define TPM_KEY_BYTES 32              /* of a key that is handed out, usually */
#define TPM_KEY_ATTRIBUTES 0x00040440 /* sign, noDA and userWithAuth */

/* A key for HMAC with SHA-256 that is handed out. */
struct tpm_key {
	uint32_t attributes; /* TPMA_OBJECT */
	size_t length;
	unsigned char data[TPM_KEY_BYTES_MAX];
};

/* Wipes the contents. */
void tpm_key_done(struct tpm_key *key);

/*
 * A new key, and its text (base64), which the caller wipes and frees; 0 stands
 * for what is usual.
 */
MUST_CHECK enum error_code tpm_key_create(uint32_t attributes, size_t length,
    struct tpm_key *ret_key, char **ret_text, struct error *err);

/* The public area of a storage key in a TPM: RSA-2048, SHA-256, AES-128-CFB. */
struct tpm_public {
	EVP_PKEY *key;
	unsigned char name[TPM_NAME_SIZE];
};

/* Releases the contents. */
void tpm_public_done(struct tpm_public *public);

/*
 * Reads a marshalled TPM2B_PUBLIC as base64. On success the contents of
 * ret_public are the caller's. Fails with ERROR_INVALID.
 */
MUST_CHECK enum error_code tpm_public_read(
    const char *text, struct tpm_public *ret_public, struct error *err);

/*
 * Wraps key for the TPM with these endorsement and storage root
 * keys: TPM2B_ID_OBJECT, TPM2B_ENCRYPTED_SECRET, TPM2B_PRIVATE,
 * TPM2B_ENCRYPTED_SECRET, TPM2B_PUBLIC and an empty TPM2B_DATA, as base64. The
 * caller frees *ret_text.
 */
MUST_CHECK enum error_code tpm_blob_create(const struct tpm_public *endorsement,
    const struct tpm_public *storage, const struct tpm_key *key,
    char **ret_text, struct error *err);

#endif
