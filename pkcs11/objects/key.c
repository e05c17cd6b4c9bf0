/* SPDX-License-Identifier: MIT */
#include "key.h"

#include <stdint.h>
#include <string.h>

#define BASE64_CHARACTERS                                                      \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="

/* RFC 5480 section 2.1.1.1; SEC 1 for the lengths; RFC 8032 and 8410. */
/* clang-format off */
static const struct curve curves[] = {
    {"P-256", "ES256", CKK_EC, 256, 32, 32, "ec-point-uncompressed", 65,
     10, {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07}},
    {"P-384", "ES384", CKK_EC, 384, 48, 48, "ec-point-uncompressed", 97,
     7, {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22}},
    {"P-521", "ES512", CKK_EC, 521, 64, 66, "ec-point-uncompressed", 133,
     7, {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23}},
    {"Ed25519", "EdDSA", CKK_EC_EDWARDS, 255, 0, 32, "ec-point", 32,
     14, {0x13, 0x0c, 'e', 'd', 'w', 'a', 'r', 'd', 's', '2', '5', '5', '1', '9'}},
};
/* clang-format on */

/* The other form that PKCS#11 3.0 (2.3.10) has of the last one. */
static const unsigned char ed25519_oid[] = {0x06, 0x03, 0x2b, 0x65, 0x70};

#define CURVE_COUNT (sizeof(curves) / sizeof(curves[0]))

void
key_done(struct key *key)
{
	free(key->id);
	bytes_done(&key->cka_id);
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

struct bytes
key_cka_id(const struct key *key)
{
	return key->cka_id.length > 0
		   ? key->cka_id
		   : (struct bytes){(unsigned char *)key->id, strlen(key->id)};
}

static const struct curve *
curve_find(const char *name)
{
	for (size_t i = 0; i < CURVE_COUNT; i++)
		if (strcmp(curves[i].name, name) == 0)
			return &curves[i];
	return NULL;
}

const struct curve *
curve_from_params(const unsigned char *params, size_t length)
{
	if (length == sizeof(ed25519_oid) &&
	    memcmp(params, ed25519_oid, length) == 0)
		return curve_find("Ed25519");
	for (size_t i = 0; i < CURVE_COUNT; i++)
		if (curves[i].params_length == length &&
		    memcmp(curves[i].params, params, length) == 0)
			return &curves[i];
	return NULL;
}

CK_KEY_TYPE
key_type(const struct key *key)
{
	return key->curve ? key->curve->type : CKK_RSA;
}

CK_ULONG
key_bits(const struct key *key)
{
	CK_ULONG bits = 8 * key->modulus.length;

	if (key->curve)
		return key->curve->bits;
	for (unsigned mask = 0x80; !(key->modulus.data[0] & mask); mask >>= 1)
		bits--;
	return bits;
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
	CLEANUP_DONE(bytes) struct bytes point = {0};

	if (json_get_bytes(
		parameters, curve->point, &point.data, &point.length, err))
		return err->code;
	if (point.length != curve->point_length ||
	    (curve->type == CKK_EC && point.data[0] != 0x04))
		return error_set(err, ERROR_MALFORMED, "'%s' is no point on %s",
		    curve->point, curve->name);
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

/* True if member of object is an array that has word. */
static bool
has_word(const json_t *object, const char *member, const char *word)
{
	const json_t *words = json_object_get(object, member);

	for (size_t i = 0; i < json_array_size(words); i++) {
		const char *text = json_string_value(json_array_get(words, i));

		if (text && strcmp(text, word) == 0)
			return true;
	}
	return false;
}

/* A keyd that tells neither usage nor rights lists what signs for us. */
static enum error_code
read_usage(const json_t *object, unsigned *ret_usage, struct error *err)
{
	const json_t *usage = json_object_get(object, "usage");
	const json_t *rights = json_object_get(object, "rights");
	unsigned bits = 0;

	if ((usage && !json_is_array(usage)) ||
	    (rights && !json_is_array(rights)))
		return error_set(err, ERROR_MALFORMED,
		    "'usage' and 'rights' must be arrays");
	if (!usage)
		bits = KEY_SIGN;
	if (has_word(object, "usage", "sign"))
		bits |= KEY_SIGN | KEY_VERIFY;
	if (has_word(object, "usage", "decrypt"))
		bits |= KEY_DECRYPT;
	if (has_word(object, "usage", "derive"))
		bits |= KEY_DERIVE;
	if (rights && !has_word(object, "rights", "use"))
		bits = 0;
	if (has_word(object, "rights", "manage"))
		bits |= KEY_MANAGE;
	*ret_usage = bits;
	return ERROR_NONE;
}

/* It goes back to keyd as it is, so it must need no escaping. */
static enum error_code
read_fingerprint(const json_t *object, struct key *key, struct error *err)
{
	const char *text = NULL;

	if (json_get_optional_string(object, "fingerprint", &text, err))
		return err->code;
	if (!text)
		return ERROR_NONE;
	if (strlen(text) > KEY_FINGERPRINT_MAX ||
	    text[strspn(text, BASE64_CHARACTERS)] != '\0')
		return error_set(err, ERROR_MALFORMED,
		    "'fingerprint' is not base64 of at most %d characters",
		    KEY_FINGERPRINT_MAX);
	memcpy(key->fingerprint, text, strlen(text) + 1);
	return ERROR_NONE;
}

static enum error_code
read_cka_id(const json_t *object, struct key *key, struct error *err)
{
	if (!json_object_get(object, "pkcs11Id"))
		return ERROR_NONE;
	return json_get_bytes(
	    object, "pkcs11Id", &key->cka_id.data, &key->cka_id.length, err);
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
	    read_flags(object, key, err) ||
	    read_fingerprint(object, key, err) || read_cka_id(object, key, err))
		return err->code;
	return curve ? read_ec(parameters, curve, key, err)
		     : read_rsa(parameters, key, err);
}

struct sort {
	bool shown;
	unsigned usage;
	const struct curve *curve;
};

static bool
is_known(
    const char *algorithm, const char *curve_name, const struct curve *curve)
{
	if (!curve_name)
		return strcmp(algorithm, "RSA") == 0;
	return curve &&
	       strcmp(algorithm, curve->type == CKK_EC ? "EC" : "EdDSA") == 0;
}

/* Tells a key that this module can show from others. */
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
		sort.shown = is_known(algorithm, name, sort.curve);
	}
	if (sort.shown && read_usage(object, &sort.usage, err))
		return err->code;
	sort.shown = sort.shown && sort.usage;
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
	if (!sort.shown || id[0] == '\0' || strlen(id) > KEY_ID_MAX)
		return ERROR_NONE;

	list->count++;
	key->usage = sort.usage;
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
output_from_json(const json_t *answer, const char *member,
    struct output *ret_output, struct error *err)
{
	CLEANUP_DONE(bytes) struct bytes data = {0};
	json_t *text = json_object_get(answer, member);
	enum error_code code =
	    json_get_bytes(answer, member, &data.data, &data.length, err);

	/* Jansson lends its own copy, which is released as it is. */
	if (json_is_string(text))
		explicit_bzero((char *)(uintptr_t)json_string_value(text),
		    json_string_length(text));
	if (code)
		return code;
	if (data.length <= sizeof(ret_output->data)) {
		memcpy(ret_output->data, data.data, data.length);
		ret_output->length = data.length;
	} else {
		code = error_set(err, ERROR_MALFORMED,
		    "'%s' is longer than %d bytes", member, KEY_OUTPUT_MAX);
	}
	explicit_bzero(data.data, data.length);
	return code;
}
