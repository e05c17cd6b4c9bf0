/* SPDX-License-Identifier: MIT */
#include "provisiond/client.h"

#include "common/file.h"
#include "common/http.h"
#include "common/paths.h"

#define TIMEOUT_MS (600 * 1000)

enum error_code
provisiond_client_create(
    unsigned timeout_ms, struct unix_http **ret_client, struct error *err)
{
	CLEANUP(string) char *socket_path = paths_socket("provisiond");

	if (!socket_path)
		return error_no_memory(err);
	return unix_http_create(
	    socket_path, timeout_ms ? timeout_ms : TIMEOUT_MS, ret_client, err);
}

enum error_code
provisiond_get_device_identity(
    struct unix_http *client, json_t **ret_identity, struct error *err)
{
	CLEANUP(json) json_t *body = json_pack("{s:s}", "type", "aziot");

	if (!body)
		return error_no_memory(err);
	return api_call(client, "POST", "/identities/device" API_QUERY, body,
	    ret_identity, err);
}

enum error_code
provisiond_list_modules(
    struct unix_http *client, json_t **ret_identities, struct error *err)
{
	return api_call(client, "GET",
	    "/identities/modules" API_QUERY "&type=aziot", NULL, ret_identities,
	    err);
}

/* A call about one module; with_body: one that carries its name again. */
static enum error_code
call_for_module(struct unix_http *client, const char *method, const char *id,
    bool with_body, json_t **ret_identity, struct error *err)
{
	CLEANUP(string) char *segment = http_encode_segment(id);
	CLEANUP(string)
	char *target =
	    segment
		? string_format(
		      "/identities/modules/%s" API_QUERY "&type=aziot", segment)
		: NULL;
	CLEANUP(json)
	json_t *body =
	    with_body ? json_pack("{s:s, s:s}", "type", "aziot", "moduleId", id)
		      : NULL;

	if (!target || (with_body && !body))
		return error_no_memory(err);
	return api_call(client, method, target, body, ret_identity, err);
}

enum error_code
provisiond_show_module(struct unix_http *client, const char *id,
    json_t **ret_identity, struct error *err)
{
	return call_for_module(client, "GET", id, false, ret_identity, err);
}

enum error_code
provisiond_make_module(struct unix_http *client, const char *id,
    json_t **ret_identity, struct error *err)
{
	CLEANUP(json)
	json_t *body = json_pack("{s:s, s:s}", "type", "aziot", "moduleId", id);

	if (!body)
		return error_no_memory(err);
	return api_call(client, "POST", "/identities/modules" API_QUERY, body,
	    ret_identity, err);
}

enum error_code
provisiond_renew_module(struct unix_http *client, const char *id,
    json_t **ret_identity, struct error *err)
{
	return call_for_module(client, "PUT", id, true, ret_identity, err);
}

enum error_code
provisiond_remove_module(
    struct unix_http *client, const char *id, struct error *err)
{
	return call_for_module(client, "DELETE", id, false, NULL, err);
}

enum error_code
provisiond_get_provisioning(
    struct unix_http *client, json_t **ret_provisioning, struct error *err)
{
	return api_call(client, "GET", "/identities/provisioning" API_QUERY,
	    NULL, ret_provisioning, err);
}

enum error_code
provisiond_reprovision(struct unix_http *client, struct error *err)
{
	return api_call(client, "POST",
	    "/identities/device/reprovision" API_QUERY, NULL, NULL, err);
}
