/* SPDX-License-Identifier: MIT */
#include "key.h"

#include <string.h>

/* RFC 5480 section 2.1.1.1; SEC 1 for the lengths. */
static const struct curve curves[] = {
    {"P-256", "ES256", 32, 32, 10,
     {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07}            },
    {"P-384", "ES384", 48, 48, 7,  {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22}},
    {"P-521", "ES512", 64, 66, 7,  {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23}},
};

void
key_done(struct key *key)
{
	free(key->id);
	bytes_done(&key->point);
	bytes_done(&key->modulus);
	bytes_done(&key->exponent);
	*key = (struct key){0};
}

void
key_list_done(struct key_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		key_done(&list->items[i]);
	free(list->items);
	*list = (struct key_list){0};
}

static bool
bytes_equal(const struct bytes *a, const struct bytes *b)
{
	return a->length == b->length &&
	       (a->length == 0 || memcmp(a->data, b->data, a->length) == 0);
}

bool
key_equals(const struct key *a, const struct key *b)
{
	return strcmp(a->id, b->id) == 0 && a->curve == b->curve &&
	       bytes_equal(&a->point, &b->point) &&
	       bytes_equal(&a->modulus, &b->modulus) &&
	       bytes_equal(&a->exponent, &b->exponent);
}

static const struct curve *
curve_find(const char *name)
{
	for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]); i++)
		if (strcmp(curves[i].name, name) == 0)
			return &curves[i];
	return NULL;
}

/* CKA_EC_POINT is the point inside a DER OCTET STRING (PKCS#11 2.3.3). */
static enum error_code
wrap_point(const struct bytes *point, struct bytes *ret_der, struct error *err)
{
	size_t head = point->length < 0x80 ? 2 : 3;
	unsigned char *der = malloc(head + point->length);

	if (!der)
		return error_no_memory(err);
	der[0] = 0x04;
	der[1] = 0x81; /* overwritten by the short form */
	der[head - 1] = (unsigned char)point->length;
	memcpy(der + head, point->data, point->length);
	ret_der->data = der;
	ret_der->length = head + point->length;
	return ERROR_NONE;
}

static enum error_code
read_ec(const json_t *parameters, const struct curve *curve, struct key *key,
    struct error *err)
{
	static const char member[] = "ec-point-uncompressed";
	CLEANUP_DONE(bytes) struct bytes point = {0};

	if (json_get_bytes(parameters, member, &point.data, &point.length, err))
		return err->code;
	if (point.length != 2 * curve->order_length + 1 ||
	    point.data[0] != 0x04)
		return error_set(err, ERROR_MALFORMED,
		    "'%s' is no uncompressed point on %s", member, curve->name);
	key->curve = curve;
	key->signature_length = 2 * curve->order_length;
	return wrap_point(&point, &key->point, err);
}

static enum error_code
read_number(const json_t *parameters, const char *member, struct bytes *number,
    struct error *err)
{
	if (json_get_bytes(
		parameters, member, &number->data, &number->length, err))
		return err->code;
	if (number->length == 0 || number->length > KEY_MODULUS_MAX ||
	    number->data[0] == 0)
		return error_set(err, ERROR_MALFORMED,
		    "'%s' is no number of 1 to %d bytes", member,
		    KEY_MODULUS_MAX);
	return ERROR_NONE;
}

static enum error_code
read_rsa(const json_t *parameters, struct key *key, struct error *err)
{
	if (read_number(parameters, "rsa-modulus", &key->modulus, err) ||
	    read_number(parameters, "rsa-exponent", &key->exponent, err))
		return err->code;
	key->signature_length = key->modulus.length;
	return ERROR_NONE;
}

/* What the token says of the key; what it does not say is not claimed. */
static enum error_code
read_flags(const json_t *object, struct key *key, struct error *err)
{
	if (json_get_bool(object, "sensitive", false, &key->sensitive, err) ||
	    json_get_bool(
		object, "extractable", false, &key->extractable, err) ||
	    json_get_bool(object, "alwaysSensitive", false,
		&key->always_sensitive, err) ||
	    json_get_bool(object, "neverExtractable", false,
		&key->never_extractable, err) ||
	    json_get_bool(object, "local", false, &key->local, err))
		return err->code;
	return ERROR_NONE;
}

/* Fills key, which the caller releases also after a failure. */
static enum error_code
read_key(const json_t *object, const char *id, const struct curve *curve,
    struct key *key, struct error *err)
{
	const json_t *parameters;

	key->id = strdup(id);
	if (!key->id)
		return error_no_memory(err);
	if (json_get_object(object, "parameters", &parameters, err) ||
	    read_flags(object, key, err))
		return err->code;
	return curve ? read_ec(parameters, curve, key, err)
		     : read_rsa(parameters, key, err);
}

struct sort {
	bool usable;
	const struct curve *curve;
};

/* Tells a key that this module can sign with from others. */
static enum error_code
read_sort(const json_t *object, struct sort *ret_sort, struct error *err)
{
	const char *trouble = NULL;
	const char *kind = NULL;
	const char *algorithm = NULL;
	const char *name = NULL;
	struct sort sort = {0};

	if (json_get_optional_string(object, "error", &trouble, err) ||
	    json_get_optional_string(object, "kind", &kind, err) ||
	    json_get_optional_string(object, "algorithm", &algorithm, err) ||
	    json_get_optional_string(object, "curve", &name, err))
		return err->code;

	if (!trouble && kind && algorithm && strcmp(kind, "pair") == 0) {
		sort.curve = name ? curve_find(name) : NULL;
		sort.usable = strcmp(algorithm, "EC") == 0
				  ? sort.curve != NULL
				  : strcmp(algorithm, "RSA") == 0 && !name;
	}
	*ret_sort = sort;
	return ERROR_NONE;
}

static enum error_code
append_key(const json_t *object, struct key_list *list, struct error *err)
{
	const char *id = NULL;
	struct sort sort = {0};
	struct key *key = &list->items[list->count];

	if (json_get_string(object, "id", &id, err))
		return err->code;
	if (read_sort(object, &sort, err))
		return error_wrap(err, "key '%s'", id);
	if (!sort.usable || id[0] == '\0' || strlen(id) > KEY_ID_MAX)
		return ERROR_NONE;

	list->count++;
	if (read_key(object, id, sort.curve, key, err))
		return error_wrap(err, "key '%s'", id);
	return ERROR_NONE;
}

static enum error_code
read_keys(const json_t *keys, struct key_list *list, struct error *err)
{
	list->items = calloc(json_array_size(keys) + 1, sizeof(*list->items));
	if (!list->items)
		return error_no_memory(err);
	for (size_t i = 0; i < json_array_size(keys); i++)
		if (append_key(json_array_get(keys, i), list, err))
			return err->code;
	return ERROR_NONE;
}

enum error_code
key_list_from_json(
    const json_t *answer, struct key_list *ret_list, struct error *err)
{
	const json_t *keys = json_object_get(answer, "keys");
	struct key_list list = {0};

	if (!json_is_array(keys))
		return error_set(
		    err, ERROR_MALFORMED, "'keys' must be an array");
	if (read_keys(keys, &list, err)) {
		key_list_done(&list);
		return err->code;
	}
	*ret_list = list;
	return ERROR_NONE;
}

enum error_code
signature_from_json(
    const json_t *answer, struct signature *ret_signature, struct error *err)
{
	CLEANUP_DONE(bytes) struct bytes signature = {0};

	if (json_get_bytes(
		answer, "signature", &signature.data, &signature.length, err))
		return err->code;
	if (signature.length > sizeof(ret_signature->data))
		return error_set(err, ERROR_MALFORMED,
		    "'signature' is longer than %d bytes", KEY_SIGNATURE_MAX);
	memcpy(ret_signature->data, signature.data, signature.length);
	ret_signature->length = signature.length;
	return ERROR_NONE;
}
