/* SPDX-License-Identifier: MIT */
/* POST /handles/delegate: letting another uid use a key. */
#include <limits.h>

#include "routes_shared.h"

static enum error_code
read_uid(const json_t *body, uid_t *ret_uid, struct error *err)
{
	json_int_t uid;

	if (json_get_integer(body, "uid", &uid, err))
		return err->code;
	/* (uid_t)-1 means "no uid" to the kernel. */
	if (uid < 0 || uid >= UINT_MAX)
		return error_set(err, ERROR_INVALID, "'uid' is no uid");
	*ret_uid = (uid_t)uid;
	return ERROR_NONE;
}

enum error_code
handle_delegate(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	const struct keyd *keyd = context;
	CLEANUP_DONE(handle) struct handle handle = {.id = NULL};
	CLEANUP(string) char *delegated = NULL;
	const char *text;
	uid_t to;

	if (routes_read_handle(keyd, request, "keyHandle", &handle, err) ||
	    json_get_string(request->body, "keyHandle", &text, err) ||
	    read_uid(request->body, &to, err) ||
	    keys_check_delegate(
		keyd->keys, &request->peer, &handle.key, to, err) ||
	    handles_delegate(
		keyd->handles, text, request->peer.uid, to, &delegated, err))
		return err->code;
	return routes_reply_text(reply, "keyHandle", delegated, err);
}
