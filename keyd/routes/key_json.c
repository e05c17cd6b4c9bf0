/* SPDX-License-Identifier: MIT */
#include "key_json.h"

#include "common/time.h"
#include "key_usage.h"

static enum error_code
set_rsa(const struct key_public *key, json_t *parameters, struct error *err)
{
	if (json_set_bytes(parameters, "rsa-modulus", key->modulus,
		key->modulus_length, err))
		return err->code;
	return json_set_bytes(parameters, "rsa-exponent", key->exponent,
	    key->exponent_length, err);
}

static enum error_code
set_point(const struct key_public *key, json_t *parameters, struct error *err)
{
	unsigned char point[KEY_POINT_MAX];

	return json_set_bytes(parameters, "ec-point", point,
	    key_public_compressed_point(key, point), err);
}

static enum error_code
set_parameters(
    const struct key_public *key, json_t *parameters, struct error *err)
{
	if (key->algorithm == KEY_RSA)
		return set_rsa(key, parameters, err);
	if (key->algorithm == KEY_EDWARDS)
		return set_point(key, parameters, err);
	/* PKCS#11 wants it uncompressed; the module has no arithmetic. */
	if (json_set_bytes(parameters, "ec-curve-oid", key->curve->oid,
		key->curve->oid_length, err) ||
	    json_set_bytes(parameters, "ec-point-uncompressed", key->point,
		key->point_length, err))
		return err->code;
	return set_point(key, parameters, err);
}

/* A secret of 16 or 32 bytes that encrypts is one of AES. */
static json_t *
algorithm_of_secret(const struct key_facts *facts)
{
	return json_pack("{s:s, s:i}", "algorithm",
	    facts->usage == KEY_ENCRYPTS ? "AES" : "HMAC", "size",
	    (int)facts->bits);
}

/* "curve":"P-256" or "size":2048 */
static json_t *
algorithm_of(const struct key_facts *facts)
{
	const struct key_public *key = &facts->public;

	if (facts->kind == KEY_SECRET)
		return algorithm_of_secret(facts);
	if (key->algorithm == KEY_RSA)
		return json_pack("{s:s, s:i}", "algorithm", "RSA", "size",
		    (int)key->modulus_length * 8);
	return json_pack("{s:s, s:s}", "algorithm",
	    key_algorithm_name(key->algorithm), "curve", key->curve->name);
}

static json_t *
usage_of(unsigned usage)
{
	json_t *names = json_array();
	const char *name;

	while (names && (name = key_usage_next(&usage)))
		(void)json_array_append_new(names, json_string(name));
	return names;
}

static json_t *
rights_of(unsigned rights)
{
	json_t *names = json_array();

	for (unsigned right = 1; names && right & ACL_ALL; right <<= 1)
		if (rights & right)
			(void)json_array_append_new(
			    names, json_string(acl_right_name(right)));
	return names;
}

static json_t *
flags_of(const struct key_facts *facts)
{
	return json_pack("{s:b, s:b, s:b, s:b, s:b}", "sensitive",
	    (int)facts->sensitive, "extractable", (int)facts->extractable,
	    "alwaysSensitive", (int)facts->always_sensitive, "neverExtractable",
	    (int)facts->never_extractable, "local", (int)facts->local);
}

static enum error_code
add_parameters(const struct key_facts *facts, json_t *object, struct error *err)
{
	CLEANUP(json) json_t *parameters = json_object();
	char fingerprint[KEY_FINGERPRINT_SIZE];

	if (facts->kind == KEY_SECRET)
		return ERROR_NONE;
	if (key_public_fingerprint(&facts->public, fingerprint, err))
		return err->code;
	if (!parameters || json_object_set(object, "parameters", parameters) ||
	    json_object_set_new(
		object, "fingerprint", json_string(fingerprint)))
		return error_no_memory(err);
	return set_parameters(&facts->public, parameters, err);
}

static enum error_code
add_facts(const struct key_info *info, json_t *object, struct error *err)
{
	const struct key_facts *facts = &info->facts;
	CLEANUP(json) json_t *algorithm = algorithm_of(facts);
	CLEANUP(json) json_t *flags = flags_of(facts);

	if (!algorithm || !flags || json_object_update(object, algorithm) ||
	    json_object_set_new(object, "usage", usage_of(facts->usage)) ||
	    json_object_set_new(
		object, "location", json_string(facts->location)) ||
	    json_object_update(object, flags) ||
	    (info->created &&
		json_object_set_new(object, "created",
		    json_string(time_format(info->created).text))))
		return error_no_memory(err);
	return add_parameters(facts, object, err);
}

static enum error_code
add_pkcs11_id(const struct key_info *info, json_t *object, struct error *err)
{
	if (info->pkcs11_id.length == 0)
		return ERROR_NONE;
	return json_set_bytes(object, "pkcs11Id", info->pkcs11_id.data,
	    info->pkcs11_id.length, err);
}

enum error_code
key_json(const struct key_info *info, json_t **ret_object, struct error *err)
{
	CLEANUP(json)
	json_t *object = json_pack("{s:s, s:s, s:o}", "id", info->id, "kind",
	    info->facts.kind == KEY_PAIR ? "pair" : "symmetric", "rights",
	    rights_of(info->rights));

	if (!object || (info->preloaded && json_object_set_new(object,
					       "preloaded", json_true())))
		return error_no_memory(err);
	if (info->trouble.code) {
		if (json_object_set_new(
			object, "error", json_string(info->trouble.message)))
			return error_no_memory(err);
	} else if (add_facts(info, object, err) ||
		   add_pkcs11_id(info, object, err)) {
		return err->code;
	}
	*ret_object = TAKE(object);
	return ERROR_NONE;
}
