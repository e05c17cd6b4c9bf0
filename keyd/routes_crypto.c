/* SPDX-License-Identifier: MIT */
/* aziot's calls that use key pairs. */
#include <string.h>

#include "routes_shared.h"

/* ---- POST /parameters/{name} ---- */

static enum error_code
reply_text(struct http_reply *reply, const char *text, struct error *err)
{
	reply->body = json_pack("{s:s}", "value", text);
	return reply->body ? ERROR_NONE : error_no_memory(err);
}

static enum error_code
reply_point(
    struct http_reply *reply, const struct key_public *key, struct error *err)
{
	unsigned char point[KEY_POINT_MAX];
	size_t length = key_public_compressed_point(key, point);

	return routes_reply_bytes(reply, "value", point, length, err);
}

static enum error_code
reply_parameter(struct http_reply *reply, const char *name,
    const struct key_public *key, struct error *err)
{
	bool is_ec = key->algorithm == KEY_EC;

	if (strcmp(name, "algorithm") == 0)
		return reply_text(reply, is_ec ? "ECDSA" : "RSA", err);
	if (is_ec && strcmp(name, "ec-curve-oid") == 0)
		return routes_reply_bytes(reply, "value", key->curve->oid,
		    key->curve->oid_length, err);
	if (is_ec && strcmp(name, "ec-point") == 0)
		return reply_point(reply, key, err);
	if (!is_ec && strcmp(name, "rsa-modulus") == 0)
		return routes_reply_bytes(
		    reply, "value", key->modulus, key->modulus_length, err);
	if (!is_ec && strcmp(name, "rsa-exponent") == 0)
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
	CLEANUP(string) char *id = NULL;
	struct key_info info;

	if (routes_key_of_handle(keyd, request, &id, err) ||
	    keys_load(keyd->keys, &request->peer, &(struct key_ref){.id = id},
		&info, err))
		return err->code;
	return reply_parameter(
	    reply, request->params[0], &info.facts.public, err);
}

/* ---- POST /sign, POST /encrypt ---- */

static enum error_code
no_symmetric_keys(const char *algorithm, struct error *err)
{
	return error_set(err, ERROR_INVALID,
	    "%s needs a symmetric key; this keyd has key pairs only",
	    algorithm);
}

static enum error_code
unknown_algorithm(const char *algorithm, const char *known, struct error *err)
{
	return error_set(err, ERROR_MALFORMED,
	    "'algorithm' is '%s'; it can be %s", algorithm, known);
}

enum error_code
handle_sign(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	const struct keyd *keyd = context;
	CLEANUP(string) char *id = NULL;
	CLEANUP(bytes) unsigned char *data = NULL;
	struct key_signature signature;
	struct key_input digest;
	const json_t *parameters;
	const char *algorithm;

	if (routes_key_of_handle(keyd, request, &id, err) ||
	    json_get_string(request->body, "algorithm", &algorithm, err) ||
	    json_get_object(request->body, "parameters", &parameters, err))
		return err->code;
	if (strcmp(algorithm, "HMAC-SHA256") == 0)
		return no_symmetric_keys(algorithm, err);
	if (strcmp(algorithm, "ECDSA") != 0)
		return unknown_algorithm(
		    algorithm, "ECDSA or HMAC-SHA256", err);
	if (json_get_bytes(parameters, "digest", &data, &digest.length, err))
		return err->code;
	digest.data = data;
	if (keys_sign_ecdsa(keyd->keys, &request->peer,
		&(struct key_ref){.id = id}, &digest, &signature, err))
		return err->code;
	return routes_reply_bytes(
	    reply, "signature", signature.data, signature.length, err);
}

static enum error_code
rsa_mechanism(
    const char *algorithm, enum key_mechanism *ret_mechanism, struct error *err)
{
	if (strcmp(algorithm, "AEAD") == 0)
		return no_symmetric_keys(algorithm, err);
	if (strcmp(algorithm, "RSA-PKCS1") == 0)
		*ret_mechanism = KEY_RSA_PKCS1;
	else if (strcmp(algorithm, "RSA-NO-PADDING") == 0)
		*ret_mechanism = KEY_RSA_RAW;
	else
		return unknown_algorithm(
		    algorithm, "RSA-PKCS1, RSA-NO-PADDING or AEAD", err);
	return ERROR_NONE;
}

enum error_code
handle_encrypt(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	const struct keyd *keyd = context;
	CLEANUP(string) char *id = NULL;
	CLEANUP(bytes) unsigned char *data = NULL;
	struct key_signature signature;
	enum key_mechanism mechanism;
	struct key_input message;
	const char *algorithm;

	if (routes_key_of_handle(keyd, request, &id, err) ||
	    json_get_string(request->body, "algorithm", &algorithm, err) ||
	    rsa_mechanism(algorithm, &mechanism, err) ||
	    json_get_bytes(
		request->body, "plaintext", &data, &message.length, err))
		return err->code;
	message.data = data;
	if (keys_sign_rsa(keyd->keys, &request->peer,
		&(struct key_ref){.id = id}, mechanism, &message, &signature,
		err))
		return err->code;
	return routes_reply_bytes(
	    reply, "ciphertext", signature.data, signature.length, err);
}
