/* SPDX-License-Identifier: MIT */
#include "provisiond/client.h"

#include "common/paths.h"

#define VERSION "?api-version=2026-12-01"
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
	return api_call(client, "POST", "/identities/device" VERSION, body,
	    ret_identity, err);
}

enum error_code
provisiond_get_provisioning(
    struct unix_http *client, json_t **ret_provisioning, struct error *err)
{
	return api_call(client, "GET", "/identities/provisioning" VERSION, NULL,
	    ret_provisioning, err);
}

enum error_code
provisiond_reprovision(struct unix_http *client, struct error *err)
{
	return api_call(client, "POST",
	    "/identities/device/reprovision" VERSION, NULL, NULL, err);
}
