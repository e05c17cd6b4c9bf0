/* SPDX-License-Identifier: MIT */
/* The calls that aziot does not have: using keys by their ids. */
#include <stdlib.h>
#include <string.h>

#include "routes_shared.h"

#define RANDOM_MAX 65536

/*
 * The key that the path names. Who has seen its public half can say so in the
 * body, to use no other one that has this id by now.
 */
static enum error_code
read_key(const struct http_request *request, enum key_kind kind,
    struct key_ref *ret_key, struct error *err)
{
	*ret_key = *KEY_OF(kind, request->params[0]);
	return json_get_optional_string(
	    request->body, "fingerprint", &ret_key->fingerprint, err);
}

/* ---- POST /keys/{id}/sign, /verify ---- */

/* What is to be signed or verified. */
struct order {
	struct key_ref key;
	struct key_task task;
	struct bytes digest, message;
};

static void
order_done(struct order *order)
{
	bytes_done(&order->digest);
	bytes_done(&order->message);
}

static enum error_code
read_order(const struct keyd *keyd, const struct http_request *request,
    struct order *order, struct error *err)
{
	const json_t *body = request->body;
	const char *algorithm;

	if (routes_ready_for_body(keyd, request, err) ||
	    json_get_string(body, "algorithm", &algorithm, err) ||
	    routes_read_optional_bytes(body, "digest", &order->digest, err) ||
	    routes_read_optional_bytes(body, "message", &order->message, err) ||
	    read_key(request, keys_kind_for(algorithm), &order->key, err))
		return err->code;
	order->task = (struct key_task){
	    .algorithm = algorithm,
	    .digest = order->digest.owned ? &order->digest.input : NULL,
	    .message = order->message.owned ? &order->message.input : NULL,
	};
	return ERROR_NONE;
}

enum error_code
handle_key_sign(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	const struct keyd *keyd = context;
	CLEANUP_DONE(order) struct order order = {.digest.owned = NULL};
	struct key_signature signature;

	if (read_order(keyd, request, &order, err) ||
	    keys_sign(keyd->keys, &request->peer, &order.key, &order.task,
		&signature, err))
		return err->code;
	return routes_reply_bytes(
	    reply, "signature", signature.data, signature.length, err);
}

enum error_code
handle_key_verify(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	const struct keyd *keyd = context;
	CLEANUP_DONE(order) struct order order = {.digest.owned = NULL};
	CLEANUP_DONE(bytes) struct bytes signature = {.owned = NULL};
	bool valid;

	if (read_order(keyd, request, &order, err) ||
	    routes_read_bytes(request->body, "signature", &signature, err) ||
	    keys_verify(keyd->keys, &request->peer, &order.key, &order.task,
		&signature.input, &valid, err))
		return err->code;
	reply->body = json_pack("{s:b}", "valid", (int)valid);
	return reply->body ? ERROR_NONE : error_no_memory(err);
}

/* ---- POST /keys/{id}/decrypt ---- */

static enum error_code
read_padding(
    const json_t *body, enum key_padding *ret_padding, struct error *err)
{
	static const struct {
		const char *name;
		enum key_padding padding;
	} paddings[] = {
	    {"RSA-OAEP-256",   KEY_PADDING_OAEP_SHA256},
	    {"RSA-OAEP",       KEY_PADDING_OAEP_SHA1  },
	    {"RSA-OAEP-384",   KEY_PADDING_OAEP_SHA384},
	    {"RSA-OAEP-512",   KEY_PADDING_OAEP_SHA512},
	    {"RSA1_5",         KEY_PADDING_PKCS1      },
	    {"RSA-NO-PADDING", KEY_PADDING_NONE       },
	};
	const char *algorithm;

	if (json_get_string(body, "algorithm", &algorithm, err))
		return err->code;
	for (size_t i = 0; i < sizeof(paddings) / sizeof(paddings[0]); i++)
		if (strcmp(paddings[i].name, algorithm) == 0) {
			*ret_padding = paddings[i].padding;
			return ERROR_NONE;
		}
	return error_set(err, ERROR_INVALID,
	    "there is no algorithm '%s'; there are RSA-OAEP-256, RSA-OAEP, "
	    "RSA-OAEP-384, RSA-OAEP-512, RSA1_5 and RSA-NO-PADDING",
	    algorithm);
}

enum error_code
handle_key_decrypt(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	const struct keyd *keyd = context;
	CLEANUP_DONE(bytes) struct bytes ciphertext = {.owned = NULL};
	CLEANUP_DONE(bytes) struct bytes label = {.owned = NULL};
	CLEANUP_DONE(key_plain) struct key_plain plain = {.length = 0};
	enum key_padding padding;
	struct key_ref key;

	if (routes_ready_for_body(keyd, request, err) ||
	    read_key(request, KEY_PAIR, &key, err) ||
	    read_padding(request->body, &padding, err) ||
	    routes_read_bytes(request->body, "ciphertext", &ciphertext, err) ||
	    routes_read_optional_bytes(request->body, "label", &label, err) ||
	    keys_decrypt(keyd->keys, &request->peer, &key, padding,
		&ciphertext.input, &label.input, &plain, err))
		return err->code;
	return routes_reply_bytes(
	    reply, "plaintext", plain.data, plain.length, err);
}

/* ---- POST /keys/{id}/derive ---- */

static enum error_code
agree(const struct keyd *keyd, const struct http_request *request,
    const struct bytes *point, const char *pem, struct key_plain *ret_secret,
    struct error *err)
{
	struct key_ref key;

	if (read_key(request, KEY_PAIR, &key, err))
		return err->code;
	if (pem)
		return keys_agree_pem(
		    keyd->keys, &request->peer, &key, pem, ret_secret, err);
	return keys_agree(
	    keyd->keys, &request->peer, &key, &point->input, ret_secret, err);
}

enum error_code
handle_key_agree(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	const struct keyd *keyd = context;
	CLEANUP_DONE(bytes) struct bytes point = {.owned = NULL};
	CLEANUP_DONE(key_plain) struct key_plain secret = {.length = 0};
	const char *algorithm, *pem;

	if (routes_ready_for_body(keyd, request, err) ||
	    json_get_string(request->body, "algorithm", &algorithm, err) ||
	    routes_read_optional_bytes(request->body, "point", &point, err) ||
	    json_get_optional_string(request->body, "pem", &pem, err))
		return err->code;
	if (strcmp(algorithm, "ECDH") != 0)
		return error_set(err, ERROR_INVALID,
		    "there is no algorithm '%s'; there is ECDH", algorithm);
	if (!point.owned == !pem)
		return error_set(
		    err, ERROR_MALFORMED, "one of 'point' and 'pem' is needed");
	if (agree(keyd, request, &point, pem, &secret, err))
		return err->code;
	return routes_reply_bytes(
	    reply, "secret", secret.data, secret.length, err);
}

/* ---- POST /random ---- */

enum error_code
handle_random(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	const struct keyd *keyd = context;
	CLEANUP_DONE(bytes) struct bytes random = {.owned = NULL};
	json_int_t length;

	if (routes_ready_for_body(keyd, request, err) ||
	    json_get_integer(request->body, "length", &length, err))
		return err->code;
	if (length < 1 || length > RANDOM_MAX)
		return error_set(err, ERROR_INVALID,
		    "'length' is %lld; it can be 1 to %d", (long long)length,
		    RANDOM_MAX);
	random.input.length = (size_t)length;
	random.owned = malloc(random.input.length);
	if (!random.owned)
		return error_no_memory(err);
	if (keys_random(keyd->keys, random.owned, random.input.length, err))
		return err->code;
	return routes_reply_bytes(
	    reply, "random", random.owned, random.input.length, err);
}
