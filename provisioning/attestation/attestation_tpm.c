/* SPDX-License-Identifier: MIT */
/* keyd's TPM, with the keys that DPS hands to it. */
#include <string.h>

#include "attestation_inside.h"
#include "common/file.h"
#include "keyd/tpm_client.h"

_Static_assert(PROOF_MAC_LENGTH == TPM_CLIENT_MAC_LENGTH, "HMAC-SHA256");

static enum error_code
sign_with(enum tpm_client_key key, const void *data, size_t length,
    unsigned char *ret_mac, struct error *err)
{
	CLEANUP(unix_http) struct unix_http *client = NULL;

	if (tpm_client_create(0, &client, err))
		return err->code;
	return tpm_client_sign(client, key, data, length, ret_mac, err);
}

enum error_code
attestation_tpm_sign(const void *context, const void *data, size_t length,
    unsigned char ret_mac[static PROOF_MAC_LENGTH], struct error *err)
{
	(void)context;
	return sign_with(TPM_CLIENT_HUB, data, length, ret_mac, err);
}

/* ---- for DPS ---- */

/* A keyd that has been restarted meanwhile has no key: begin anew. */
static enum error_code
sign_registration(const void *context, const void *data, size_t length,
    unsigned char ret_mac[static PROOF_MAC_LENGTH], struct error *err)
{
	enum error_code code =
	    sign_with(TPM_CLIENT_REGISTRATION, data, length, ret_mac, err);

	(void)context;
	if (code == ERROR_NOT_FOUND)
		err->code = code = ERROR_UNAVAILABLE;
	return code;
}

static enum error_code
import(enum tpm_client_key key, const char *blob, struct error *err)
{
	CLEANUP(unix_http) struct unix_http *client = NULL;

	if (tpm_client_create(0, &client, err))
		return err->code;
	return tpm_client_import(client, key, blob, err);
}

static enum error_code
import_registration(const void *context, const char *blob, struct error *err)
{
	(void)context;
	return import(TPM_CLIENT_REGISTRATION, blob, err);
}

enum error_code
attestation_take_hub_key(const char *blob, struct error *err)
{
	if (import(TPM_CLIENT_HUB, blob, err))
		return error_wrap(err, "the key that DPS sent for the hub");
	return ERROR_NONE;
}

bool
credentials_tpm(const struct credentials *credentials, struct dps_tpm *ret_tpm)
{
	if (!credentials->endorsement_key)
		return false;
	*ret_tpm = (struct dps_tpm){
	    .endorsement_key = credentials->endorsement_key,
	    .storage_root_key = credentials->storage_root_key,
	    .import = import_registration,
	    .sign = sign_registration,
	};
	return true;
}

/* ---- what there is ---- */

static enum error_code
look_for_key(bool *ret_lacks, struct error *err)
{
	unsigned char mac[PROOF_MAC_LENGTH];
	enum error_code code = sign_with(TPM_CLIENT_HUB, "", 0, mac, err);

	*ret_lacks = code == ERROR_NOT_FOUND;
	return *ret_lacks ? ERROR_NONE : code;
}

/* Another TPM is another device; so is one that has been cleared. */
static enum error_code
take_digest(struct credentials *credentials, struct error *err)
{
	CLEANUP(string)
	char *keys = string_format("%s %s", credentials->endorsement_key,
	    credentials->storage_root_key);

	if (!keys)
		return error_no_memory(err);
	return sha256_hex(keys, strlen(keys), credentials->digest, err);
}

enum error_code
attestation_obtain_tpm(struct credentials *credentials, struct error *err)
{
	CLEANUP(unix_http) struct unix_http *client = NULL;

	if (tpm_client_create(0, &client, err) ||
	    tpm_client_get_keys(client, &credentials->endorsement_key,
		&credentials->storage_root_key, err) ||
	    look_for_key(&credentials->lacks_key, err))
		return error_wrap(err, "the TPM");
	return take_digest(credentials, err);
}
