/* SPDX-License-Identifier: MIT */
#include "keyd/tpm_client.h"

#include <string.h>

#include "common/paths.h"

#define TIMEOUT_MS (3 * 60 * 1000)

enum error_code
tpm_client_create(
    unsigned timeout_ms, struct unix_http **ret_client, struct error *err)
{
	CLEANUP(string) char *path = paths_socket("tpmd");

	if (!path)
		return error_no_memory(err);
	return unix_http_create(
	    path, timeout_ms ? timeout_ms : TIMEOUT_MS, ret_client, err);
}

enum error_code
tpm_client_get_keys(struct unix_http *client, char **ret_endorsement,
    char **ret_storage, struct error *err)
{
	CLEANUP(json) json_t *answer = NULL;
	CLEANUP(string) char *endorsement = NULL;

	if (api_call(
		client, "GET", "/get_tpm_keys" API_QUERY, NULL, &answer, err) ||
	    json_copy_string(answer, "endorsement_key", &endorsement, err) ||
	    json_copy_string(answer, "storage_root_key", ret_storage, err))
		return err->code;
	*ret_endorsement = TAKE(endorsement);
	return ERROR_NONE;
}

static const char *
purpose_of(enum tpm_client_key key)
{
	return key == TPM_CLIENT_REGISTRATION ? "registration" : "hub";
}

enum error_code
tpm_client_import(struct unix_http *client, enum tpm_client_key key,
    const char *blob, struct error *err)
{
	CLEANUP(json)
	json_t *body =
	    json_pack("{s:s, s:s}", "key", blob, "purpose", purpose_of(key));

	if (!body)
		return error_no_memory(err);
	return api_call(
	    client, "POST", "/import_auth_key" API_QUERY, body, NULL, err);
}

enum error_code
tpm_client_sign(struct unix_http *client, enum tpm_client_key key,
    const void *data, size_t length,
    unsigned char ret_mac[static TPM_CLIENT_MAC_LENGTH], struct error *err)
{
	CLEANUP(json)
	json_t *body = json_pack("{s:s}", "purpose", purpose_of(key));
	CLEANUP(json) json_t *answer = NULL;
	CLEANUP(bytes) unsigned char *mac = NULL;
	size_t mac_length;

	if (!body)
		return error_no_memory(err);
	if (json_set_bytes(body, "data", data, length, err) ||
	    api_call(client, "POST", "/sign_with_auth_key" API_QUERY, body,
		&answer, err) ||
	    json_get_bytes(answer, "digest", &mac, &mac_length, err))
		return err->code;
	if (mac_length != TPM_CLIENT_MAC_LENGTH)
		return error_set(err, ERROR_INTERNAL,
		    "the TPM's signature has %zu bytes", mac_length);
	memcpy(ret_mac, mac, TPM_CLIENT_MAC_LENGTH);
	return ERROR_NONE;
}
