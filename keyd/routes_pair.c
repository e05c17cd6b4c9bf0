/* SPDX-License-Identifier: MIT */
/* aziot's calls that make, find, rename and delete key pairs. */
#include <string.h>

#include "routes_shared.h"

/* True if a change is to be handed to the thread for changes. */
static bool
must_submit(const struct keyd *keyd, const struct http_request *request)
{
	return keyd->changes && request->call;
}

static enum error_code
reply_handle(const struct keyd *keyd, const char *id, struct http_reply *reply,
    struct error *err)
{
	CLEANUP(string) char *handle = NULL;

	if (handles_issue(keyd->handles, id, &handle, err))
		return err->code;
	reply->body = json_pack("{s:s}", "keyHandle", handle);
	return reply->body ? ERROR_NONE : error_no_memory(err);
}

/* A key that exists is no change, and need not wait for those of others. */
static enum error_code
create_or_submit(struct keyd *keyd, const struct http_request *request,
    const char *id, const char *preferred, struct http_reply *reply,
    struct error *err)
{
	struct key_info info;
	enum error_code code;

	if (!must_submit(keyd, request))
		return keys_create_pair(keyd->keys, &request->peer,
		    &(struct key_ref){.id = id}, preferred, err);
	code = keys_get(keyd->keys, &request->peer, &(struct key_ref){.id = id},
	    &info, err);
	if (code != ERROR_NOT_FOUND)
		return code;
	return changes_submit(keyd->changes, request, reply, err);
}

enum error_code
handle_create_pair(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	struct keyd *keyd = context;
	const char *id, *preferred;

	if (routes_ready(keyd, err) || http_require_body(request, err) ||
	    json_get_string(request->body, "keyId", &id, err) ||
	    json_get_optional_string(
		request->body, "preferredAlgorithms", &preferred, err) ||
	    create_or_submit(keyd, request, id, preferred, reply, err))
		return err->code;
	return reply->deferred ? ERROR_NONE
			       : reply_handle(keyd, id, reply, err);
}

enum error_code
handle_load_pair(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	const struct keyd *keyd = context;
	const char *id = request->params[0];
	struct key_info info;

	if (routes_ready(keyd, err) ||
	    keys_load(keyd->keys, &request->peer, &(struct key_ref){.id = id},
		&info, err))
		return err->code;
	return reply_handle(keyd, id, reply, err);
}

enum error_code
handle_move_pair(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	const struct keyd *keyd = context;
	const char *from;

	if (routes_ready(keyd, err) || http_require_body(request, err) ||
	    json_get_string(request->body, "from", &from, err))
		return err->code;
	if (must_submit(keyd, request))
		return changes_submit(keyd->changes, request, reply, err);
	if (keys_move_pair(keyd->keys, &request->peer,
		&(struct key_ref){.id = from},
		&(struct key_ref){.id = request->params[0]}, err))
		return err->code;
	reply->status = 204;
	return ERROR_NONE;
}

enum error_code
handle_delete_pair(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	const struct keyd *keyd = context;
	CLEANUP(string) char *id = NULL;

	if (routes_key_of_handle(keyd, request, &id, err))
		return err->code;
	if (must_submit(keyd, request))
		return changes_submit(keyd->changes, request, reply, err);
	if (keys_delete_pair(
		keyd->keys, &request->peer, &(struct key_ref){.id = id}, err))
		return err->code;
	reply->status = 204;
	return ERROR_NONE;
}
