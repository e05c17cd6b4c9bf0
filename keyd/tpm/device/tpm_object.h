/* SPDX-License-Identifier: MIT */
/* What a connection to the TPM holds of it: keys and sessions. */
#ifndef KEYD_TPM_OBJECT_H
#define KEYD_TPM_OBJECT_H

#include <stdbool.h>
#include <stdint.h>
#include <tss2/tss2_esys.h>

#include "common/error.h"

struct tpm_object {
	ESYS_CONTEXT *esys; /* NULL: nothing is held */
	ESYS_TR reference;
	bool is_persistent; /* it stays in the TPM when it is let go */
};

/* Lets go of it. */
void tpm_object_done(struct tpm_object *object);

/* Fails with ERROR_NOT_FOUND, or as tpm_rc_error() says. */
MUST_CHECK enum error_code tpm_object_find(ESYS_CONTEXT *esys, uint32_t handle,
    struct tpm_object *ret_object, struct error *err);

/* Reads the public area of a key. */
MUST_CHECK enum error_code tpm_object_public(const struct tpm_object *object,
    TPM2B_PUBLIC *ret_public, struct error *err);

/* Makes a key in the TPM's memory persistent as handle. */
MUST_CHECK enum error_code tpm_object_persist(
    const struct tpm_object *object, uint32_t handle, struct error *err);

/* Removes a persistent key; object names nothing afterwards. */
MUST_CHECK enum error_code tpm_object_remove(
    struct tpm_object *object, uint32_t handle, struct error *err);

#endif
