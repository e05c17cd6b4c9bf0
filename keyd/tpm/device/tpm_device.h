/* SPDX-License-Identifier: MIT */
/*
 * A connection to the TPM (tss2-esys), and what is asked of it. It is made for
 * one operation and closed behind it: whatever went wrong, a resource manager
 * then takes back what the operation held, and a TPM that was restarted is
 * simply there again. One thread at a time.
 *
 * All of these fail with ERROR_UNAVAILABLE, ERROR_INVALID or ERROR_INTERNAL
 * as tpm_rc_error() says.
 */
#ifndef KEYD_TPM_DEVICE_H
#define KEYD_TPM_DEVICE_H

#include <stdint.h>

#include "common/cleanup.h"
#include "tpm_blob.h"

#define TPM_MAC_LENGTH 32

/* How to reach a TPM, and what it asks who changes its keys. */
struct tpm_access {
	const char *tcti;        /* "name:options", see tss2-tctildr(3) */
	const char *endorsement; /* the hierarchy's authorization; NULL: none */
	const char *owner;       /* the same */
};

struct tpm_device;

MUST_CHECK enum error_code tpm_device_open(const struct tpm_access *access,
    struct tpm_device **ret_device, struct error *err);
void tpm_device_close(struct tpm_device *device);
DEFINE_CLEANUP(tpm_device, struct tpm_device, tpm_device_close)

/* The two keys that DPS wraps for, where every client of DPS has them. */
enum tpm_primary { TPM_ENDORSEMENT_KEY, TPM_STORAGE_ROOT_KEY };

/* A marshalled TPM2B_PUBLIC, with its size in front. */
struct tpm_area {
	size_t length;
	unsigned char data[sizeof(TPM2B_PUBLIC)];
};

/*
 * Reads the public area of a primary key, which is made, and made persistent,
 * if there is none; on some TPMs that takes half a minute.
 */
MUST_CHECK enum error_code tpm_device_primary(struct tpm_device *device,
    enum tpm_primary primary, struct tpm_area *ret_area, struct error *err);

/* A key under the storage root key: this TPM can load it, and no other. */
struct tpm_wrapped {
	TPM2B_PRIVATE private;
	TPM2B_PUBLIC public;
};

/* Unwraps the key in blob within the TPM. Both primary keys are there. */
MUST_CHECK enum error_code tpm_device_import(struct tpm_device *device,
    const struct tpm_blob *blob, struct tpm_wrapped *ret_key,
    struct error *err);

/*
 * Makes key persistent as handle, in place of the HMAC key that was there.
 * Fails with ERROR_INVALID, too, if handle names a key of another kind. After
 * ERROR_UNAVAILABLE, e.g. where the TPM's memory is full, there may be neither:
 * it is to be done again.
 */
MUST_CHECK enum error_code tpm_device_persist(struct tpm_device *device,
    const struct tpm_wrapped *key, uint32_t handle, struct error *err);

/*
 * Has the TPM make the HMAC-SHA256 of data with key, or, if that is NULL, with
 * the one that handle names. Fails with ERROR_NOT_FOUND if there is none.
 */
MUST_CHECK enum error_code tpm_device_hmac(struct tpm_device *device,
    const struct tpm_wrapped *key, uint32_t handle, const unsigned char *data,
    size_t length, unsigned char ret_mac[static TPM_MAC_LENGTH],
    struct error *err);

#endif
