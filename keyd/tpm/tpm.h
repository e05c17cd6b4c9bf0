/* SPDX-License-Identifier: MIT */
/*
 * The TPM as what the device proves itself with to DPS, one operation at a
 * time (tpm_turn.h). Any thread.
 */
#ifndef KEYD_TPM_H
#define KEYD_TPM_H

#include <stdint.h>

#include "tpm_device.h"
#include "tpm_turn.h"

#define TPM_TCTI_DEFAULT "device:/dev/tpmrm0"
#define TPM_AUTH_KEY_INDEX_DEFAULT 0x100U

/* What takes longer is taken to hang; making a key may take minutes. */
#define TPM_CALL_SECONDS_DEFAULT 20
#define TPM_PREPARE_SECONDS_DEFAULT 120

struct tpm;

struct tpm_settings {
	struct tpm_access access;
	uint32_t auth_key_index; /* behind 0x81000000 */
	unsigned call_seconds, prepare_seconds;
};

/* What settings points to must outlive the TPM. */
MUST_CHECK enum error_code tpm_create(const struct tpm_settings *settings,
    struct tpm **ret_tpm, struct error *err);

/* No operation may be going on. */
void tpm_free(struct tpm *tpm);
DEFINE_CLEANUP(tpm, struct tpm, tpm_free)

/* How it does; lives as long as tpm. */
struct tpm_turn *tpm_turn_of(struct tpm *tpm);

/*
 * The following fail as tpm_device.h says, and with ERROR_UNAVAILABLE when
 * another operation hangs.
 */

struct tpm_keys {
	struct tpm_area endorsement, storage;
};

/* The keys that DPS wraps for, which are made if there are none. */
MUST_CHECK enum error_code tpm_get_keys(
    struct tpm *tpm, struct tpm_keys *ret_keys, struct error *err);

/*
 * What a key is for. That of the hub is persistent. The one for DPS itself is
 * needed for as long as a registration takes, so it is kept in memory, wrapped
 * by the TPM, until the hub's takes over: whatever becomes of the registration,
 * the hub's key of before is there.
 */
enum tpm_purpose { TPM_FOR_HUB, TPM_FOR_REGISTRATION };

/*
 * Takes in the key that is in what DPS has sent, in place of the one before.
 * Fails with ERROR_INVALID if it is garbled or for another TPM.
 */
MUST_CHECK enum error_code tpm_import_key(struct tpm *tpm,
    enum tpm_purpose purpose, const unsigned char *blob, size_t length,
    struct error *err);

/* Fails with ERROR_NOT_FOUND if no key has been imported. */
MUST_CHECK enum error_code tpm_sign(struct tpm *tpm, enum tpm_purpose purpose,
    const unsigned char *data, size_t length,
    unsigned char ret_mac[static TPM_MAC_LENGTH], struct error *err);

#endif
