/* SPDX-License-Identifier: MIT */
#include "keyd/client.h"

#include <string.h>

#include "common/base64.h"
#include "common/file.h"
#include "common/http.h"
#include "common/paths.h"

#define TIMEOUT_MS 30000

enum error_code
keyd_client_create(
    unsigned timeout_ms, struct unix_http **ret_client, struct error *err)
{
	CLEANUP(string) char *socket_path = paths_socket("keyd");

	if (!socket_path)
		return error_no_memory(err);
	return unix_http_create(
	    socket_path, timeout_ms ? timeout_ms : TIMEOUT_MS, ret_client, err);
}

/* "/keypair/<id>" with its api-version; the caller frees it. */
static char *
key_pair_target(const char *id)
{
	CLEANUP(string) char *segment = http_encode_segment(id);

	return segment ? string_format("/keypair/%s" API_QUERY, segment) : NULL;
}

/* Calls and takes the handle out of the answer. */
static enum error_code
call_for_handle(struct unix_http *client, const char *method,
    const char *target, const json_t *body, char **ret_handle,
    struct error *err)
{
	CLEANUP(json) json_t *answer = NULL;
	const char *handle;

	if (api_call(client, method, target, body, &answer, err) ||
	    json_get_string(answer, "keyHandle", &handle, err))
		return err->code;
	*ret_handle = strdup(handle);
	return *ret_handle ? ERROR_NONE : error_no_memory(err);
}

enum error_code
keyd_create_key_pair(struct unix_http *client, const char *id,
    const char *preferred, char **ret_handle, struct error *err)
{
	CLEANUP(json)
	json_t *body = json_pack(
	    "{s:s, s:s?}", "keyId", id, "preferredAlgorithms", preferred);

	if (!body)
		return error_no_memory(err);
	return call_for_handle(
	    client, "POST", "/keypair" API_QUERY, body, ret_handle, err);
}

enum error_code
keyd_create_key_pair_for(struct unix_http *client, const char *id,
    const char *preferred, const char *usage, struct error *err)
{
	CLEANUP(json)
	json_t *body = json_pack("{s:s, s:s?, s:s?}", "keyId", id,
	    "preferredAlgorithms", preferred, "usage", usage);

	if (!body)
		return error_no_memory(err);
	return api_call(client, "POST", "/keypair" API_QUERY, body, NULL, err);
}

/* "/keys/<id><rest>", of one kind unless that is NULL; the caller frees it. */
static char *
key_target(const char *id, const char *rest, const char *kind)
{
	CLEANUP(string) char *segment = http_encode_segment(id);

	return segment ? string_format("/keys/%s%s" API_QUERY "%s%s", segment,
			     rest, kind ? "&kind=" : "", kind ? kind : "")
		       : NULL;
}

enum error_code
keyd_import_key_pair(struct unix_http *client, const char *id, const char *pem,
    const char *usage, struct error *err)
{
	CLEANUP(string) char *target = key_target(id, "/import", NULL);
	CLEANUP(json)
	json_t *body = json_pack("{s:s, s:s?}", "pem", pem, "usage", usage);

	if (!target || !body)
		return error_no_memory(err);
	return api_call(client, "POST", target, body, NULL, err);
}

enum error_code
keyd_make_symmetric_key(struct unix_http *client, const char *id,
    const void *secret, size_t length, const char *usage, struct error *err)
{
	CLEANUP(json)
	json_t *body = json_pack("{s:s, s:s}", "keyId", id, "usage", usage);

	if (!body)
		return error_no_memory(err);
	if (secret && json_set_bytes(body, "keyBytes", secret, length, err))
		return err->code;
	return api_call(client, "POST", "/key" API_QUERY, body, NULL, err);
}

enum error_code
keyd_load_key_pair(struct unix_http *client, const char *id, char **ret_handle,
    struct error *err)
{
	CLEANUP(string) char *target = key_pair_target(id);

	if (!target)
		return error_no_memory(err);
	return call_for_handle(client, "GET", target, NULL, ret_handle, err);
}

enum error_code
keyd_delegate(struct unix_http *client, const char *handle, uid_t uid,
    char **ret_handle, struct error *err)
{
	CLEANUP(json)
	json_t *body = json_pack(
	    "{s:s, s:I}", "keyHandle", handle, "uid", (json_int_t)uid);

	if (!body)
		return error_no_memory(err);
	return call_for_handle(client, "POST", "/handles/delegate" API_QUERY,
	    body, ret_handle, err);
}

enum error_code
keyd_move_key_pair(struct unix_http *client, const char *from, const char *to,
    struct error *err)
{
	CLEANUP(string) char *target = key_pair_target(to);
	CLEANUP(json) json_t *body = json_pack("{s:s}", "from", from);

	if (!target || !body)
		return error_no_memory(err);
	return api_call(client, "POST", target, body, NULL, err);
}

enum error_code
keyd_list_keys(struct unix_http *client, json_t **ret_keys, struct error *err)
{
	CLEANUP(json) json_t *answer = NULL;
	json_t *keys;

	if (api_call(client, "GET", "/keys" API_QUERY, NULL, &answer, err))
		return err->code;
	keys = json_object_get(answer, "keys");
	if (!json_is_array(keys))
		return error_set(
		    err, ERROR_INTERNAL, "keyd's list of keys is no list");
	*ret_keys = json_incref(keys);
	return ERROR_NONE;
}

enum error_code
keyd_show_key(struct unix_http *client, const char *id, const char *kind,
    json_t **ret_key, struct error *err)
{
	CLEANUP(string) char *target = key_target(id, "", kind);

	if (!target)
		return error_no_memory(err);
	return api_call(client, "GET", target, NULL, ret_key, err);
}

static enum error_code
get_pem(struct unix_http *client, const char *target, char **ret_pem,
    struct error *err)
{
	CLEANUP(json) json_t *answer = NULL;

	if (!target)
		return error_no_memory(err);
	if (api_call(client, "GET", target, NULL, &answer, err))
		return err->code;
	return json_copy_string(answer, "pem", ret_pem, err);
}

enum error_code
keyd_public_key(
    struct unix_http *client, const char *id, char **ret_pem, struct error *err)
{
	CLEANUP(string) char *target = key_target(id, "/public", NULL);

	return get_pem(client, target, ret_pem, err);
}

enum error_code
keyd_known_public_key(
    struct unix_http *client, const char *id, char **ret_pem, struct error *err)
{
	CLEANUP(string) char *segment = http_encode_segment(id);
	CLEANUP(string) char *target = NULL;

	if (segment)
		target = string_format(
		    "/keys/%s/public" API_QUERY "&adopt=no", segment);
	return get_pem(client, target, ret_pem, err);
}

enum error_code
keyd_delete_key(struct unix_http *client, const char *id, const char *kind,
    struct error *err)
{
	CLEANUP(string) char *target = key_target(id, "", kind);

	if (!target)
		return error_no_memory(err);
	return api_call(client, "DELETE", target, NULL, NULL, err);
}

/* The decoded sr part of a handle; the caller frees it. */
static enum error_code
signed_part(
    const char *handle, char **ret_text, size_t *ret_length, struct error *err)
{
	const char *begin =
	    strncmp(handle, "sr=", 3) == 0 ? handle : strstr(handle, "&sr=");
	CLEANUP(string) char *encoded = NULL;
	unsigned char *data;

	if (!begin)
		return error_set(
		    err, ERROR_INVALID, "the handle has no sr part");
	begin = strchr(begin, '=') + 1;
	encoded = strndup(begin, strcspn(begin, "&"));
	if (!encoded)
		return error_no_memory(err);
	if (base64_decode(encoded, &data, ret_length, err))
		return error_wrap(err, "handle");
	*ret_text = (char *)data;
	return ERROR_NONE;
}

enum error_code
keyd_handle_key_id(const char *handle, char **ret_id, struct error *err)
{
	CLEANUP(string) char *text = NULL;
	CLEANUP(json) json_t *payload = NULL;
	const json_t *key;
	const char *id;
	size_t length;

	if (signed_part(handle, &text, &length, err))
		return err->code;
	if (json_parse(text, length, &payload, err) ||
	    json_get_object(payload, "key_id", &key, err) ||
	    json_get_string(key, "KeyPair", &id, err)) {
		err->code = ERROR_INVALID;
		return error_wrap(err, "not the handle of a key pair");
	}
	*ret_id = strdup(id);
	return *ret_id ? ERROR_NONE : error_no_memory(err);
}

/*
 * Handles of other forms can be in order for keyd and still say another id
 * here: of several sr parts keyd takes the last.
 */
static enum error_code
check_form(const char *handle, struct error *err)
{
	const char *separator = strchr(handle, '&');

	if (strncmp(handle, "sr=", strlen("sr=")) != 0 || !separator ||
	    strncmp(separator, "&sig=", strlen("&sig=")) != 0 ||
	    strchr(separator + 1, '&'))
		return error_set(
		    err, ERROR_INVALID, "the handle has not the form of one");
	return ERROR_NONE;
}

enum error_code
keyd_verify_handle(struct unix_http *client, const char *handle, char **ret_id,
    struct error *err)
{
	CLEANUP(string) char *id = NULL;
	CLEANUP(json) json_t *body = json_pack("{s:s}", "keyHandle", handle);

	if (!body)
		return error_no_memory(err);
	if (check_form(handle, err) || keyd_handle_key_id(handle, &id, err) ||
	    api_call(client, "POST", "/parameters/algorithm" API_QUERY, body,
		NULL, err))
		return err->code;
	*ret_id = TAKE(id);
	return ERROR_NONE;
}
