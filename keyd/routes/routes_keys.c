/* SPDX-License-Identifier: MIT */
/* The calls that aziot does not have: what keys there are. */
#include <string.h>

#include "common/openssl.h"
#include "key_json.h"
#include "key_usage.h"
#include "routes_shared.h"

static enum error_code
append_info(void *array, const struct key_info *info, struct error *err)
{
	json_t *object;

	if (key_json(info, &object, err))
		return err->code;
	if (json_array_append_new(array, object))
		return error_no_memory(err);
	return ERROR_NONE;
}

enum error_code
handle_list_keys(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	const struct keyd *keyd = context;
	CLEANUP(json) json_t *keys = json_array();

	if (!keys)
		return error_no_memory(err);
	if (routes_ready(keyd, err) ||
	    keys_list(keyd->keys, &request->peer, append_info, keys, err))
		return err->code;
	reply->body = json_pack("{s:O}", "keys", keys);
	return reply->body ? ERROR_NONE : error_no_memory(err);
}

/* ---- one key ---- */

/*
 * The key of the path: of the kind that the query names, else the pair of this
 * id, or, if there is none, the symmetric key.
 */
static enum error_code
read_key(const struct keyd *keyd, const struct http_request *request,
    struct key_ref *ret_key, struct error *err)
{
	char kind[16];

	*ret_key = (struct key_ref){.id = request->params[0]};
	if (routes_ready(keyd, err) ||
	    http_query(request, "kind", kind, sizeof(kind), err))
		return err->code;
	if (strcmp(kind, "pair") == 0)
		ret_key->kind = KEY_PAIR;
	else if (strcmp(kind, "symmetric") == 0)
		ret_key->kind = KEY_SECRET;
	else if (*kind)
		return error_set(err, ERROR_INVALID,
		    "'kind' is '%s', neither 'pair' nor 'symmetric'", kind);
	else
		return keys_resolve(keyd->keys, &request->peer, ret_key, err);
	return ERROR_NONE;
}

static void
append_label(void *array, const char *label, const struct key_tag *tag)
{
	(void)tag;
	/* A label that is no UTF-8 cannot be said in JSON. */
	(void)json_array_append_new(array, json_string(label));
}

static enum error_code
add_certificates(const struct keyd *keyd, const struct http_request *request,
    const struct key_ref *key, json_t *object, struct error *err)
{
	json_t *labels = json_array();

	if (json_object_set_new(object, "certificates", labels))
		return error_no_memory(err);
	if (key->kind == KEY_SECRET)
		return ERROR_NONE;
	return keys_certificates(
	    keyd->keys, &request->peer, key, append_label, labels, err);
}

enum error_code
handle_get_key(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	const struct keyd *keyd = context;
	CLEANUP(json) json_t *object = NULL;
	struct key_info info;
	struct key_ref key;

	if (read_key(keyd, request, &key, err) ||
	    keys_get(keyd->keys, &request->peer, &key, &info, err) ||
	    key_json(&info, &object, err) ||
	    add_certificates(keyd, request, &key, object, err))
		return err->code;
	reply->body = TAKE(object);
	return ERROR_NONE;
}

/* "adopt=no" is for who asks often for keys that are mostly not there. */
static enum error_code
read_adopt(
    const struct http_request *request, bool *ret_only_known, struct error *err)
{
	char adopt[4];

	if (http_query(request, "adopt", adopt, sizeof(adopt), err))
		return err->code;
	*ret_only_known = strcmp(adopt, "no") == 0;
	if (*adopt && !*ret_only_known && strcmp(adopt, "yes") != 0)
		return error_set(err, ERROR_INVALID,
		    "'adopt' is '%s', neither 'yes' nor 'no'", adopt);
	return ERROR_NONE;
}

enum error_code
handle_get_public(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	const struct keyd *keyd = context;
	CLEANUP(pkey) EVP_PKEY *public = NULL;
	CLEANUP(string) char *pem = NULL;
	struct key_ref key = {.kind = KEY_PAIR, .id = request->params[0]};
	struct key_info info;

	if (routes_ready(keyd, err) ||
	    read_adopt(request, &key.only_known, err) ||
	    keys_get(keyd->keys, &request->peer, &key, &info, err) ||
	    key_public_to_pkey(&info.facts.public, &public, err) ||
	    public_key_to_pem(public, &pem, err))
		return err->code;
	return routes_reply_text(reply, "pem", pem, err);
}

/* ---- changes ---- */

enum error_code
handle_delete_key(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	struct keyd *keyd = context;
	enum error_code code;
	struct key_ref key;

	code = read_key(keyd, request, &key, err);
	/* Whatever kind it was, it is not there any more. */
	if (code != ERROR_NONE && code != ERROR_NOT_FOUND)
		return code;
	if (routes_hand_over(request, reply))
		return ERROR_NONE;
	if (keys_delete(keyd->keys, &request->peer, &key, err))
		return err->code;
	reply->status = 204;
	return ERROR_NONE;
}

enum error_code
handle_import_pair(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	struct keyd *keyd = context;
	unsigned usage = KEY_SIGNS;
	const char *pem, *text;

	if (routes_ready_for_body(keyd, request, err) ||
	    json_get_string(request->body, "pem", &pem, err) ||
	    json_get_optional_string(request->body, "usage", &text, err) ||
	    (text && key_usage_parse(text, KEY_PAIR, &usage, err)))
		return err->code;
	if (routes_hand_over(request, reply))
		return ERROR_NONE;
	if (keys_import_pair(keyd->keys, &request->peer,
		KEY_OF(KEY_PAIR, request->params[0]), pem, usage, err))
		return err->code;
	reply->status = 204;
	return ERROR_NONE;
}
