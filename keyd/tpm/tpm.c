/* SPDX-License-Identifier: MIT */
#include "tpm.h"

#define PERSISTENT 0x81000000U

struct tpm {
	struct tpm_settings settings;
	struct tpm_turn *turn;
	/* Whose turn it is may use them. */
	bool has_registration;
	struct tpm_wrapped registration; /* its key */
};

enum error_code
tpm_create(const struct tpm_settings *settings, struct tpm **ret_tpm,
    struct error *err)
{
	CLEANUP(tpm) struct tpm *tpm = calloc(1, sizeof(*tpm));

	if (!tpm)
		return error_no_memory(err);
	tpm->settings = *settings;
	if (tpm_turn_create(&tpm->turn, err))
		return err->code;
	*ret_tpm = TAKE(tpm);
	return ERROR_NONE;
}

void
tpm_free(struct tpm *tpm)
{
	if (!tpm)
		return;
	tpm_turn_free(tpm->turn);
	free(tpm);
}

struct tpm_turn *
tpm_turn_of(struct tpm *tpm)
{
	return tpm->turn;
}

/* Waits for the TPM, to do what is named. */
static enum error_code
begin(struct tpm *tpm, const char *name, struct error *err)
{
	const struct tpm_operation operation = {
	    name, tpm->settings.call_seconds, true};

	return tpm_turn_begin(tpm->turn, &operation, err);
}

static enum error_code
read_keys(struct tpm *tpm, struct tpm_keys *ret_keys, struct error *err)
{
	CLEANUP(tpm_device) struct tpm_device *device = NULL;

	if (tpm_device_open(&tpm->settings.access, &device, err) ||
	    tpm_device_primary(
		device, TPM_ENDORSEMENT_KEY, &ret_keys->endorsement, err))
		return err->code;
	return tpm_device_primary(
	    device, TPM_STORAGE_ROOT_KEY, &ret_keys->storage, err);
}

enum error_code
tpm_get_keys(struct tpm *tpm, struct tpm_keys *ret_keys, struct error *err)
{
	const struct tpm_operation preparing = {
	    "making its keys ready", tpm->settings.prepare_seconds, false};
	struct tpm_keys keys;

	if (tpm_turn_begin(tpm->turn, &preparing, err) ||
	    tpm_turn_end(tpm->turn, read_keys(tpm, &keys, err), err))
		return err->code;
	*ret_keys = keys;
	return ERROR_NONE;
}

static uint32_t
auth_key(const struct tpm *tpm)
{
	return PERSISTENT + tpm->settings.auth_key_index;
}

static enum error_code
import(struct tpm *tpm, enum tpm_purpose purpose, const struct tpm_blob *blob,
    struct error *err)
{
	CLEANUP(tpm_device) struct tpm_device *device = NULL;
	struct tpm_wrapped key;

	if (tpm_device_open(&tpm->settings.access, &device, err) ||
	    tpm_device_import(device, blob, &key, err))
		return err->code;
	if (purpose == TPM_FOR_HUB &&
	    tpm_device_persist(device, &key, auth_key(tpm), err))
		return err->code;
	tpm->has_registration = purpose == TPM_FOR_REGISTRATION;
	tpm->registration = key;
	return ERROR_NONE;
}

enum error_code
tpm_import_key(struct tpm *tpm, enum tpm_purpose purpose,
    const unsigned char *blob, size_t length, struct error *err)
{
	struct tpm_blob parts;

	if (tpm_blob_read(blob, length, &parts, err) ||
	    begin(tpm, "importing a key", err))
		return err->code;
	return tpm_turn_end(tpm->turn, import(tpm, purpose, &parts, err), err);
}

static enum error_code
sign(struct tpm *tpm, enum tpm_purpose purpose, const unsigned char *data,
    size_t length, unsigned char *ret_mac, struct error *err)
{
	CLEANUP(tpm_device) struct tpm_device *device = NULL;
	bool registers = purpose == TPM_FOR_REGISTRATION;

	if (registers && !tpm->has_registration)
		return error_set(err, ERROR_NOT_FOUND,
		    "no key for a registration has been imported");
	if (tpm_device_open(&tpm->settings.access, &device, err))
		return err->code;
	return tpm_device_hmac(device, registers ? &tpm->registration : NULL,
	    auth_key(tpm), data, length, ret_mac, err);
}

enum error_code
tpm_sign(struct tpm *tpm, enum tpm_purpose purpose, const unsigned char *data,
    size_t length, unsigned char ret_mac[static TPM_MAC_LENGTH],
    struct error *err)
{
	if (begin(tpm, "signing", err))
		return err->code;
	return tpm_turn_end(
	    tpm->turn, sign(tpm, purpose, data, length, ret_mac, err), err);
}
