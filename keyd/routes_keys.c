/* SPDX-License-Identifier: MIT */
/* The calls that aziot does not have: what there is, and signing by id. */
#include <string.h>

#include "common/time.h"
#include "routes_shared.h"

static enum error_code
parameters_to_json(
    const struct key_public *key, json_t *parameters, struct error *err)
{
	unsigned char point[KEY_POINT_MAX];

	if (key->algorithm == KEY_RSA) {
		if (json_set_bytes(parameters, "rsa-modulus", key->modulus,
			key->modulus_length, err))
			return err->code;
		return json_set_bytes(parameters, "rsa-exponent", key->exponent,
		    key->exponent_length, err);
	}
	/* PKCS#11 wants it uncompressed; the module has no arithmetic. */
	if (json_set_bytes(parameters, "ec-curve-oid", key->curve->oid,
		key->curve->oid_length, err) ||
	    json_set_bytes(parameters, "ec-point-uncompressed", key->point,
		key->point_length, err))
		return err->code;
	return json_set_bytes(parameters, "ec-point", point,
	    key_public_compressed_point(key, point), err);
}

/* "curve":"P-256" or "size":2048 */
static json_t *
kind_to_json(const struct key_public *key)
{
	if (key->algorithm == KEY_EC)
		return json_pack(
		    "{s:s, s:s}", "algorithm", "EC", "curve", key->curve->name);
	return json_pack("{s:s, s:i}", "algorithm", "RSA", "size",
	    (int)key->modulus_length * 8);
}

static json_t *
flags_to_json(const struct key_facts *facts)
{
	return json_pack("{s:b, s:b, s:b, s:b, s:b}", "sensitive",
	    (int)facts->sensitive, "extractable", (int)facts->extractable,
	    "alwaysSensitive", (int)facts->always_sensitive, "neverExtractable",
	    (int)facts->never_extractable, "local", (int)facts->local);
}

static enum error_code
facts_to_json(const struct key_info *info, json_t *object, struct error *err)
{
	const struct key_facts *facts = &info->facts;
	CLEANUP(json) json_t *kind = kind_to_json(&facts->public);
	CLEANUP(json) json_t *flags = flags_to_json(facts);
	json_t *parameters = json_object();

	if (!kind || !flags || !parameters ||
	    json_object_update(object, kind) ||
	    json_object_set_new(
		object, "location", json_string(facts->location)) ||
	    json_object_update(object, flags) ||
	    (info->created &&
		json_object_set_new(object, "created",
		    json_string(time_format(info->created).text)))) {
		json_decref(parameters);
		return error_no_memory(err);
	}
	if (json_object_set_new(object, "parameters", parameters))
		return error_no_memory(err);
	return parameters_to_json(&facts->public, parameters, err);
}

/* ["use","manage"]; NULL: no memory. */
static json_t *
rights_to_json(unsigned rights)
{
	json_t *names = json_array();

	for (unsigned right = 1; names && right & ACL_ALL; right <<= 1)
		if (rights & right && json_array_append_new(names,
					  json_string(acl_right_name(right)))) {
			json_decref(names);
			return NULL;
		}
	return names;
}

static enum error_code
info_to_json(
    const struct key_info *info, json_t **ret_object, struct error *err)
{
	CLEANUP(json)
	json_t *object = json_pack("{s:s, s:s, s:o}", "id", info->id, "kind",
	    "pair", "rights", rights_to_json(info->rights));

	if (!object)
		return error_no_memory(err);
	if (info->trouble.code) {
		if (json_object_set_new(
			object, "error", json_string(info->trouble.message)))
			return error_no_memory(err);
	} else if (facts_to_json(info, object, err)) {
		return err->code;
	}
	*ret_object = TAKE(object);
	return ERROR_NONE;
}

static enum error_code
append_info(void *array, const struct key_info *info, struct error *err)
{
	json_t *object;

	if (info_to_json(info, &object, err))
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

enum error_code
handle_get_key(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	const struct keyd *keyd = context;
	struct key_info info;

	if (routes_ready(keyd, err) ||
	    keys_get(keyd->keys, &request->peer,
		&(struct key_ref){.id = request->params[0]}, &info, err))
		return err->code;
	return info_to_json(&info, &reply->body, err);
}

static enum error_code
sign_message(const struct keyd *keyd, const struct http_request *request,
    enum key_mechanism mechanism, struct key_signature *ret_signature,
    struct error *err)
{
	CLEANUP(bytes) unsigned char *data = NULL;
	struct key_input message;

	if (json_get_bytes(
		request->body, "message", &data, &message.length, err))
		return err->code;
	message.data = data;
	return keys_sign_rsa(keyd->keys, &request->peer,
	    &(struct key_ref){.id = request->params[0]}, mechanism, &message,
	    ret_signature, err);
}

static enum error_code
sign_digest(const struct keyd *keyd, const struct http_request *request,
    const char *algorithm, struct key_signature *ret_signature,
    struct error *err)
{
	CLEANUP(bytes) unsigned char *data = NULL;
	struct key_input digest;

	if (json_get_bytes(request->body, "digest", &data, &digest.length, err))
		return err->code;
	digest.data = data;
	return keys_sign_digest(keyd->keys, &request->peer,
	    &(struct key_ref){.id = request->params[0]}, algorithm, &digest,
	    ret_signature, err);
}

enum error_code
handle_sign_by_id(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	const struct keyd *keyd = context;
	struct key_signature signature;
	const char *algorithm;
	enum error_code code;

	if (routes_ready(keyd, err) || http_require_body(request, err) ||
	    json_get_string(request->body, "algorithm", &algorithm, err))
		return err->code;
	if (strcmp(algorithm, "RSA-PKCS1") == 0)
		code =
		    sign_message(keyd, request, KEY_RSA_PKCS1, &signature, err);
	else if (strcmp(algorithm, "RSA-NO-PADDING") == 0)
		code =
		    sign_message(keyd, request, KEY_RSA_RAW, &signature, err);
	else
		code = sign_digest(keyd, request, algorithm, &signature, err);
	if (code)
		return code;
	return routes_reply_bytes(
	    reply, "signature", signature.data, signature.length, err);
}
