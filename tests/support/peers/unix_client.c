/* SPDX-License-Identifier: MIT */
#include "cmocka_wrap.h"

#include "unix_client.h"

#include <stdlib.h>
#include <string.h>

struct unix_http *
unix_client_of(const char *path, unsigned timeout_ms)
{
	struct unix_http *client = NULL;
	struct error err;

	if (unix_http_create(path, timeout_ms, &client, &err))
		fail_msg("%s", err.message);
	return client;
}

enum error_code
unix_client_request(struct unix_http *client, const char *method,
    const char *target, const char *body, unsigned status, const char *answer)
{
	struct unix_http_response response;
	struct error err = {0};
	enum error_code code = unix_http_request(client, method, target, body,
	    body ? strlen(body) : 0, &response, &err);

	if (code) {
		print_message("%s\n", err.message);
		assert_int_equal(err.code, code);
		return code;
	}
	assert_int_equal(response.status, status);
	assert_string_equal(response.body, answer);
	assert_int_equal(response.body_length, strlen(answer));
	free(response.body);
	return ERROR_NONE;
}

enum error_code
unix_client_get_ab(struct unix_http *client)
{
	return unix_client_request(client, "GET", "/x", NULL, 200, "ab");
}
