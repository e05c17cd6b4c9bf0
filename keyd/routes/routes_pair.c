/* SPDX-License-Identifier: MIT */
/* aziot's calls that make, find, rename, delete and show key pairs. */
#include <string.h>

#include "key_usage.h"
#include "routes_shared.h"

/* The CKA_ID that a PKCS#11 program is to see. */
static enum error_code
read_pkcs11_id(const json_t *body, struct key_tag *ret_tag, struct error *err)
{
	CLEANUP(bytes) unsigned char *data = NULL;
	const json_t *given = json_object_get(body, "pkcs11Id");
	size_t length;

	if (!given || json_is_null(given))
		return ERROR_NONE;
	if (json_get_bytes(body, "pkcs11Id", &data, &length, err))
		return err->code;
	if (length == 0 || length > sizeof(ret_tag->data))
		return error_set(err, ERROR_INVALID,
		    "'pkcs11Id' has 1 to %zu bytes, not %zu",
		    sizeof(ret_tag->data), length);
	memcpy(ret_tag->data, data, length);
	ret_tag->length = length;
	return ERROR_NONE;
}

/* aziot's pairs sign. */
static enum error_code
read_wish(const struct http_request *request, struct pair_wish *ret_wish,
    struct error *err)
{
	struct pair_wish wish = {.usage = KEY_SIGNS};
	const char *text = NULL;

	if (json_get_optional_string(
		request->body, "preferredAlgorithms", &wish.preferred, err))
		return err->code;
	if (request->version >= HTTP_VERSION_SIGNET &&
	    (json_get_optional_string(request->body, "usage", &text, err) ||
		read_pkcs11_id(request->body, &wish.pkcs11_id, err)))
		return err->code;
	if (text && key_usage_parse(text, KEY_PAIR, &wish.usage, err))
		return err->code;
	*ret_wish = wish;
	return ERROR_NONE;
}

/* A key that exists is no change, and need not wait for those of others. */
static enum error_code
create_or_hand_over(struct keyd *keyd, const struct http_request *request,
    const char *id, const struct pair_wish *wish, struct http_reply *reply,
    struct error *err)
{
	const struct key_ref *key = KEY_OF(KEY_PAIR, id);
	struct key_info info;
	enum error_code code =
	    keys_get(keyd->keys, &request->peer, key, &info, err);

	if (code != ERROR_NOT_FOUND)
		return code;
	if (routes_hand_over(request, reply))
		return ERROR_NONE;
	return keys_create_pair(keyd->keys, &request->peer, key, wish, err);
}

enum error_code
handle_create_pair(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	struct keyd *keyd = context;
	struct pair_wish wish;
	const char *id;

	if (routes_ready_for_body(keyd, request, err) ||
	    json_get_string(request->body, "keyId", &id, err) ||
	    read_wish(request, &wish, err) ||
	    create_or_hand_over(keyd, request, id, &wish, reply, err))
		return err->code;
	return reply->deferred
		   ? ERROR_NONE
		   : routes_reply_handle(keyd, KEY_PAIR, id, reply, err);
}

enum error_code
handle_load_pair(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	const struct keyd *keyd = context;
	const char *id = request->params[0];
	struct key_info info;

	if (routes_ready(keyd, err) || keys_load(keyd->keys, &request->peer,
					   KEY_OF(KEY_PAIR, id), &info, err))
		return err->code;
	return routes_reply_handle(keyd, KEY_PAIR, id, reply, err);
}

enum error_code
handle_move_pair(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	struct keyd *keyd = context;
	const char *from;

	if (routes_ready_for_body(keyd, request, err) ||
	    json_get_string(request->body, "from", &from, err))
		return err->code;
	if (routes_hand_over(request, reply))
		return ERROR_NONE;
	if (keys_move_pair(keyd->keys, &request->peer, KEY_OF(KEY_PAIR, from),
		KEY_OF(KEY_PAIR, request->params[0]), err))
		return err->code;
	reply->status = 204;
	return ERROR_NONE;
}

enum error_code
handle_delete_pair(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	return routes_delete(context, request, KEY_PAIR, reply, err);
}

/* ---- POST /parameters/{name} ---- */

static enum error_code
reply_point(
    struct http_reply *reply, const struct key_public *key, struct error *err)
{
	unsigned char point[KEY_POINT_MAX];
	size_t length = key_public_compressed_point(key, point);

	return routes_reply_bytes(reply, "value", point, length, err);
}

/* aziot knows two algorithms, by these names. */
static const char *
algorithm_name(enum key_algorithm algorithm)
{
	return algorithm == KEY_EC ? "ECDSA" : key_algorithm_name(algorithm);
}

static enum error_code
reply_parameter(struct http_reply *reply, const char *name,
    const struct key_public *key, struct error *err)
{
	bool is_rsa = key->algorithm == KEY_RSA;

	if (strcmp(name, "algorithm") == 0)
		return routes_reply_text(
		    reply, "value", algorithm_name(key->algorithm), err);
	if (!is_rsa && strcmp(name, "ec-curve-oid") == 0)
		return routes_reply_bytes(reply, "value", key->curve->oid,
		    key->curve->oid_length, err);
	if (!is_rsa && strcmp(name, "ec-point") == 0)
		return reply_point(reply, key, err);
	if (is_rsa && strcmp(name, "rsa-modulus") == 0)
		return routes_reply_bytes(
		    reply, "value", key->modulus, key->modulus_length, err);
	if (is_rsa && strcmp(name, "rsa-exponent") == 0)
		return routes_reply_bytes(
		    reply, "value", key->exponent, key->exponent_length, err);
	return error_set(err, ERROR_INVALID, "an %s key has no parameter '%s'",
	    key_algorithm_name(key->algorithm), name);
}

enum error_code
handle_parameter(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	const struct keyd *keyd = context;
	CLEANUP_DONE(handle) struct handle handle = {.id = NULL};
	struct key_info info;

	if (routes_read_handle(keyd, request, "keyHandle", &handle, err) ||
	    keys_load(keyd->keys, &request->peer, &handle.key, &info, err))
		return err->code;
	if (handle.key.kind != KEY_PAIR)
		return error_set(err, ERROR_INVALID,
		    "a symmetric key has no public parameters");
	return reply_parameter(
	    reply, request->params[0], &info.facts.public, err);
}
