/* SPDX-License-Identifier: MIT */
#include "common/api_client.h"

#include <string.h>

/* What an answer means whose body does not say it. */
static enum error_code
code_of_status(unsigned status)
{
	switch (status) {
	case 400:
		return ERROR_INVALID;
	case 401:
	case 403:
		return ERROR_DENIED;
	case 404:
		return ERROR_NOT_FOUND;
	case 408:
		return ERROR_TIMEOUT;
	case 413:
	case 415:
	case 422:
	case 431:
		return ERROR_MALFORMED;
	case 503:
		return ERROR_UNAVAILABLE;
	default:
		return ERROR_INTERNAL;
	}
}

static enum error_code
fail_as_told(unsigned status, const json_t *body, struct error *err)
{
	const char *message =
	    json_string_value(json_object_get(body, "message"));
	const char *name = json_string_value(json_object_get(body, "code"));
	enum error_code code =
	    name ? error_code_from_name(name) : code_of_status(status);

	if (code == ERROR_NONE)
		code = ERROR_INTERNAL;
	if (!message)
		return error_set(err, code, "status %u", status);
	return error_set(err, code, "%s", message);
}

/* Turns a whole answer into its JSON, or into the error that it tells. */
static enum error_code
read_answer(const struct unix_http_response *response, json_t **ret_body,
    struct error *err)
{
	CLEANUP(json) json_t *body = NULL;
	struct error ignored;

	if (response->status == 204) {
		*ret_body = NULL;
		return ERROR_NONE;
	}
	if (response->status >= 300) {
		if (json_parse(
			response->body, response->body_length, &body, &ignored))
			body = NULL;
		return fail_as_told(response->status, body, err);
	}
	if (json_parse(response->body, response->body_length, &body, err))
		return error_set(err, ERROR_INTERNAL, "the answer is not JSON");
	*ret_body = TAKE(body);
	return ERROR_NONE;
}

enum error_code
api_call_text(struct unix_http *client, const char *method, const char *target,
    const char *body, json_t **ret_body, struct error *err)
{
	CLEANUP(json) json_t *value = NULL;
	struct unix_http_response response;
	enum error_code code;

	if (unix_http_request(client, method, target, body,
		body ? strlen(body) : 0, &response, err))
		return err->code;
	code = read_answer(&response, &value, err);
	/* It may have been a secret. */
	explicit_bzero(response.body, response.body_length);
	free(response.body);
	if (!code && ret_body)
		*ret_body = TAKE(value);
	return code;
}

enum error_code
api_call(struct unix_http *client, const char *method, const char *target,
    const json_t *body, json_t **ret_body, struct error *err)
{
	CLEANUP(string) char *text = body ? json_text(body) : NULL;

	if (body && !text)
		return error_no_memory(err);
	return api_call_text(client, method, target, text, ret_body, err);
}
