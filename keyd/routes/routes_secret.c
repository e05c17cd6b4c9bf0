/* SPDX-License-Identifier: MIT */
/* aziot's calls for symmetric keys and those that are derived from them. */
#include <openssl/crypto.h>

#include "key_usage.h"
#include "routes_shared.h"

/* What POST /key asks for. */
struct order {
	const char *id;
	unsigned usage;
	struct bytes bytes; /* none: it is to be generated */
};

static void
order_done(struct order *order)
{
	bytes_done(&order->bytes);
}

static enum error_code
read_order(const json_t *body, struct order *order, struct error *err)
{
	const char *usage;

	if (json_get_string(body, "keyId", &order->id, err) ||
	    json_get_string(body, "usage", &usage, err) ||
	    key_usage_parse(usage, KEY_SECRET, &order->usage, err))
		return err->code;
	return routes_read_optional_bytes(body, "keyBytes", &order->bytes, err);
}

/* A key that exists is no change, and need not wait for those of others. */
static enum error_code
is_done(const struct keyd *keyd, const struct http_request *request,
    const struct order *order, bool *ret_done, struct error *err)
{
	struct key_info info;
	enum error_code code;

	*ret_done = false;
	if (order->bytes.owned)
		return ERROR_NONE;
	code = keys_get(keyd->keys, &request->peer,
	    KEY_OF(KEY_SECRET, order->id), &info, err);
	*ret_done = code == ERROR_NONE;
	return code == ERROR_NOT_FOUND ? ERROR_NONE : code;
}

static enum error_code
carry_out(const struct keyd *keyd, const struct http_request *request,
    const struct order *order, struct error *err)
{
	const struct key_ref *key = KEY_OF(KEY_SECRET, order->id);

	if (order->bytes.owned)
		return keys_import_secret(keyd->keys, &request->peer, key,
		    &order->bytes.input, order->usage, err);
	return keys_create_secret(
	    keyd->keys, &request->peer, key, order->usage, err);
}

enum error_code
handle_create_secret(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	struct keyd *keyd = context;
	CLEANUP_DONE(order) struct order order = {.id = NULL};
	bool done;

	if (routes_ready_for_body(keyd, request, err) ||
	    read_order(request->body, &order, err) ||
	    is_done(keyd, request, &order, &done, err))
		return err->code;
	if (!done && routes_hand_over(request, reply))
		return ERROR_NONE;
	if (!done && carry_out(keyd, request, &order, err))
		return err->code;
	return routes_reply_handle(keyd, KEY_SECRET, order.id, reply, err);
}

enum error_code
handle_load_secret(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	const struct keyd *keyd = context;
	const char *id = request->params[0];
	struct key_info info;

	if (routes_ready(keyd, err) || keys_load(keyd->keys, &request->peer,
					   KEY_OF(KEY_SECRET, id), &info, err))
		return err->code;
	return routes_reply_handle(keyd, KEY_SECRET, id, reply, err);
}

enum error_code
handle_delete_secret(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	return routes_delete(context, request, KEY_SECRET, reply, err);
}

/* ---- derived keys ---- */

/* aziot refuses what it would have to derive twice. */
static enum error_code
check_levels(const struct http_request *request, const struct handle *base,
    struct error *err)
{
	if (base->key.level_count > 0 && request->version < HTTP_VERSION_SIGNET)
		return error_set(err, ERROR_INVALID,
		    "the base is derived itself, which this api-version does "
		    "not allow");
	return ERROR_NONE;
}

enum error_code
handle_derive_handle(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	const struct keyd *keyd = context;
	CLEANUP_DONE(handle) struct handle base = {.id = NULL};
	CLEANUP_DONE(bytes) struct bytes data = {.owned = NULL};
	CLEANUP(string) char *derived = NULL;
	const char *text;

	if (routes_read_handle(keyd, request, "baseKeyHandle", &base, err) ||
	    json_get_string(request->body, "baseKeyHandle", &text, err) ||
	    routes_read_bytes(request->body, "derivationData", &data, err) ||
	    check_levels(request, &base, err) ||
	    keys_check_derive(keyd->keys, &request->peer, &base.key, err) ||
	    handles_derive(keyd->handles, text, &data.input, &derived, err))
		return err->code;
	return routes_reply_text(reply, "keyHandle", derived, err);
}

enum error_code
handle_export(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	const struct keyd *keyd = context;
	CLEANUP_DONE(handle) struct handle handle = {.id = NULL};
	unsigned char secret[KEY_MAC_SIZE];
	enum error_code code;

	if (routes_read_handle(keyd, request, "keyHandle", &handle, err) ||
	    keys_export(keyd->keys, &request->peer, &handle.key, secret, err))
		return err->code;
	code = routes_reply_bytes(reply, "key", secret, sizeof(secret), err);
	OPENSSL_cleanse(secret, sizeof(secret));
	return code;
}
