/* SPDX-License-Identifier: MIT */
#include "fake_tpm_client.h"

#include <string.h>

struct fake_tpm_client fake_tpm_client;

static enum error_code
outcome(struct error *err)
{
	if (fake_tpm_client.fault)
		return error_set(
		    err, fake_tpm_client.fault, "tpmd.sock is away");
	return ERROR_NONE;
}

enum error_code
tpm_client_create(
    unsigned timeout_ms, struct unix_http **ret_client, struct error *err)
{
	(void)timeout_ms;
	(void)err;
	*ret_client = NULL;
	return ERROR_NONE;
}

enum error_code
tpm_client_get_keys(struct unix_http *client, char **ret_endorsement,
    char **ret_storage, struct error *err)
{
	const char *storage = fake_tpm_client.storage;

	(void)client;
	if (outcome(err))
		return err->code;
	*ret_endorsement = strdup("RUs=");
	*ret_storage = strdup(storage ? storage : "U1JL");
	return ERROR_NONE;
}

enum error_code
tpm_client_import(struct unix_http *client, enum tpm_client_key key,
    const char *blob, struct error *err)
{
	(void)client;
	if (outcome(err))
		return err->code;
	fake_tpm_client.has_key[key] = true;
	fake_tpm_client.blob[key] = blob;
	return ERROR_NONE;
}

/* Which key it was, and the length of the data. */
enum error_code
tpm_client_sign(struct unix_http *client, enum tpm_client_key key,
    const void *data, size_t length,
    unsigned char ret_mac[static TPM_CLIENT_MAC_LENGTH], struct error *err)
{
	(void)client;
	(void)data;
	if (outcome(err))
		return err->code;
	if (!fake_tpm_client.has_key[key])
		return error_set(err, ERROR_NOT_FOUND, "no key");
	memset(ret_mac, (int)(length & 0xff), TPM_CLIENT_MAC_LENGTH);
	ret_mac[0] = (unsigned char)key;
	return ERROR_NONE;
}
