/* SPDX-License-Identifier: MIT */
#include "health.h"

#include "common/api_client.h"
#include "common/paths.h"

enum error_code
health_get(const char *name, unsigned timeout_ms, json_t **ret_health,
    struct error *err)
{
	CLEANUP(unix_http) struct unix_http *client = NULL;
	CLEANUP(string) char *socket = paths_socket(name);

	if (!socket)
		return error_no_memory(err);
	if (unix_http_create(socket, timeout_ms, &client, err))
		return err->code;
	return api_call(
	    client, "GET", "/health" API_QUERY, NULL, ret_health, err);
}
