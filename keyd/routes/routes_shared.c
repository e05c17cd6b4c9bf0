/* SPDX-License-Identifier: MIT */
#include "routes_shared.h"

#include <openssl/crypto.h>
#include <stdlib.h>

#include "common/http_server.h"
#include "lanes.h"

enum error_code
routes_ready(const struct keyd *keyd, struct error *err)
{
	if (keyd->keys)
		return ERROR_NONE;
	return error_set(err, ERROR_UNAVAILABLE, "%s", keyd->trouble.message);
}

enum error_code
routes_ready_for_body(const struct keyd *keyd,
    const struct http_request *request, struct error *err)
{
	if (routes_ready(keyd, err))
		return err->code;
	return http_require_body(request, err);
}

enum error_code
routes_read_handle(const struct keyd *keyd, const struct http_request *request,
    const char *member, struct handle *ret_handle, struct error *err)
{
	const char *handle;

	if (routes_ready_for_body(keyd, request, err) ||
	    json_get_string(request->body, member, &handle, err))
		return err->code;
	return handles_verify(keyd->handles, handle, ret_handle, err);
}

void
bytes_done(struct bytes *bytes)
{
	if (bytes->owned)
		OPENSSL_cleanse(bytes->owned, bytes->input.length);
	free(bytes->owned);
	*bytes = (struct bytes){.owned = NULL};
}

enum error_code
routes_read_bytes(const json_t *object, const char *member,
    struct bytes *ret_bytes, struct error *err)
{
	unsigned char *data;
	size_t length;

	if (json_get_bytes(object, member, &data, &length, err))
		return err->code;
	*ret_bytes = (struct bytes){
	    {data, length},
            data
        };
	return ERROR_NONE;
}

enum error_code
routes_read_optional_bytes(const json_t *object, const char *member,
    struct bytes *ret_bytes, struct error *err)
{
	const char *text;

	if (json_get_optional_string(object, member, &text, err))
		return err->code;
	return text ? routes_read_bytes(object, member, ret_bytes, err)
		    : ERROR_NONE;
}

enum error_code
routes_reply_bytes(struct http_reply *reply, const char *member,
    const void *data, size_t length, struct error *err)
{
	CLEANUP(json) json_t *body = json_object();

	if (!body)
		return error_no_memory(err);
	if (json_set_bytes(body, member, data, length, err))
		return err->code;
	reply->body = TAKE(body);
	return ERROR_NONE;
}

enum error_code
routes_reply_text(struct http_reply *reply, const char *member,
    const char *text, struct error *err)
{
	reply->body = json_pack("{s:s}", member, text);
	return reply->body ? ERROR_NONE : error_no_memory(err);
}

enum error_code
routes_reply_handle(const struct keyd *keyd, enum key_kind kind, const char *id,
    struct http_reply *reply, struct error *err)
{
	CLEANUP(string) char *handle = NULL;

	if (handles_issue(keyd->handles, kind, id, &handle, err))
		return err->code;
	return routes_reply_text(reply, "keyHandle", handle, err);
}

bool
routes_hand_over(const struct http_request *request, struct http_reply *reply)
{
	if (!request->call || request->lane == KEYD_CHANGE)
		return false;
	reply->deferred = true;
	http_call_move(request->call, KEYD_CHANGE);
	return true;
}

enum error_code
routes_unknown_algorithm(
    const char *algorithm, const char *known, struct error *err)
{
	return error_set(err, ERROR_MALFORMED,
	    "'algorithm' is '%s'; it can be %s", algorithm, known);
}

enum error_code
routes_delete(const struct keyd *keyd, const struct http_request *request,
    enum key_kind kind, struct http_reply *reply, struct error *err)
{
	CLEANUP_DONE(handle) struct handle handle = {.id = NULL};

	if (routes_read_handle(keyd, request, "keyHandle", &handle, err))
		return err->code;
	if (handle.key.kind != kind)
		return error_set(err, ERROR_INVALID,
		    "the key handle is not one of a %s",
		    kind == KEY_PAIR ? "key pair" : "symmetric key");
	if (routes_hand_over(request, reply))
		return ERROR_NONE;
	if (keys_delete(keyd->keys, &request->peer, &handle.key, err))
		return err->code;
	reply->status = 204;
	return ERROR_NONE;
}
