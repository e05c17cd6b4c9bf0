/* SPDX-License-Identifier: MIT */
/* What programs do with symmetric keys. */
#include "keyd/client.h"

#include <string.h>

#include "common/file.h"
#include "common/http.h"

enum error_code
keyd_load_key(struct unix_http *client, const char *id, char **ret_handle,
    struct error *err)
{
	CLEANUP(string) char *segment = http_encode_segment(id);
	CLEANUP(string)
	char *target =
	    segment ? string_format("/key/%s" API_QUERY, segment) : NULL;
	CLEANUP(json) json_t *answer = NULL;

	if (!target)
		return error_no_memory(err);
	if (api_call(client, "GET", target, NULL, &answer, err))
		return err->code;
	return json_copy_string(answer, "keyHandle", ret_handle, err);
}

enum error_code
keyd_derive(struct unix_http *client, const char *handle, const void *data,
    size_t length, char **ret_handle, struct error *err)
{
	CLEANUP(json)
	json_t *body = json_pack("{s:s}", "baseKeyHandle", handle);
	CLEANUP(json) json_t *answer = NULL;

	if (!body)
		return error_no_memory(err);
	if (json_set_bytes(body, "derivationData", data, length, err) ||
	    api_call(
		client, "POST", "/derivedkey" API_QUERY, body, &answer, err))
		return err->code;
	return json_copy_string(answer, "keyHandle", ret_handle, err);
}

enum error_code
keyd_export_derived(struct unix_http *client, const char *handle,
    char **ret_base64, struct error *err)
{
	CLEANUP(json) json_t *body = json_pack("{s:s}", "keyHandle", handle);
	CLEANUP(json) json_t *answer = NULL;

	if (!body)
		return error_no_memory(err);
	if (api_call(client, "POST", "/derivedkey/export" API_QUERY, body,
		&answer, err))
		return err->code;
	return json_copy_string(answer, "key", ret_base64, err);
}

enum error_code
keyd_hmac(struct unix_http *client, const char *handle, const void *data,
    size_t length, unsigned char ret_mac[static KEYD_HMAC_LENGTH],
    struct error *err)
{
	CLEANUP(json) json_t *message = json_object();
	CLEANUP(json) json_t *body = NULL;
	CLEANUP(json) json_t *answer = NULL;
	CLEANUP(bytes) unsigned char *mac = NULL;
	size_t mac_length;

	if (!message)
		return error_no_memory(err);
	if (json_set_bytes(message, "message", data, length, err))
		return err->code;
	body = json_pack("{s:s, s:s, s:O}", "keyHandle", handle, "algorithm",
	    "HMAC-SHA256", "parameters", message);
	if (!body)
		return error_no_memory(err);
	if (api_call(client, "POST", "/sign" API_QUERY, body, &answer, err) ||
	    json_get_bytes(answer, "signature", &mac, &mac_length, err))
		return err->code;
	if (mac_length != KEYD_HMAC_LENGTH)
		return error_set(err, ERROR_INTERNAL,
		    "keyd's HMAC has %zu bytes", mac_length);
	memcpy(ret_mac, mac, KEYD_HMAC_LENGTH);
	return ERROR_NONE;
}
