/* SPDX-License-Identifier: MIT */
#include "attribute.h"

#include "module.h"

/* A value is somewhere in the key, or one scalar held here. */
struct value {
	const void *data;
	CK_ULONG length;
	union {
		CK_BBOOL flag;
		CK_ULONG number;
	} scalar;
};

typedef void value_reader(const struct object *object, struct value *value);

static void
set_flag(struct value *value, bool flag)
{
	value->scalar.flag = flag ? CK_TRUE : CK_FALSE;
	value->data = &value->scalar.flag;
	value->length = sizeof(value->scalar.flag);
}

static void
set_number(struct value *value, CK_ULONG number)
{
	value->scalar.number = number;
	value->data = &value->scalar.number;
	value->length = sizeof(value->scalar.number);
}

static void
set_bytes(struct value *value, const struct bytes *bytes)
{
	value->data = bytes->data;
	value->length = bytes->length;
}

static void
read_true(const struct object *object, struct value *value)
{
	(void)object;
	set_flag(value, true);
}

static void
read_false(const struct object *object, struct value *value)
{
	(void)object;
	set_flag(value, false);
}

static void
read_nothing(const struct object *object, struct value *value)
{
	(void)object;
	value->data = "";
	value->length = 0;
}

static void
read_class(const struct object *object, struct value *value)
{
	set_number(value, object->class);
}

static void
read_key_type(const struct object *object, struct value *value)
{
	set_number(value, key_type(object->key));
}

static void
read_id(const struct object *object, struct value *value)
{
	value->data = object->key->id;
	value->length = strlen(object->key->id);
}

static void
read_cka_id(const struct object *object, struct value *value)
{
	const struct bytes id = key_cka_id(object->key);

	set_bytes(value, &id);
}

static void
read_sensitive(const struct object *object, struct value *value)
{
	set_flag(value, object->key->sensitive);
}

static void
read_extractable(const struct object *object, struct value *value)
{
	set_flag(value, object->key->extractable);
}

static void
read_always_sensitive(const struct object *object, struct value *value)
{
	set_flag(value, object->key->always_sensitive);
}

static void
read_never_extractable(const struct object *object, struct value *value)
{
	set_flag(value, object->key->never_extractable);
}

static void
read_local(const struct object *object, struct value *value)
{
	set_flag(value, object->key->local);
}

static void
read_sign(const struct object *object, struct value *value)
{
	set_flag(value, object->key->usage & KEY_SIGN);
}

static void
read_verify(const struct object *object, struct value *value)
{
	set_flag(value, object->key->usage & KEY_VERIFY);
}

static void
read_decrypt(const struct object *object, struct value *value)
{
	set_flag(value, object->key->usage & KEY_DECRYPT);
}

static void
read_derive(const struct object *object, struct value *value)
{
	set_flag(value, object->key->usage & KEY_DERIVE);
}

static void
read_destroyable(const struct object *object, struct value *value)
{
	set_flag(value, object->key->usage & KEY_MANAGE);
}

/* Only a key that was made where it is has a mechanism that made it. */
static void
read_generator(const struct object *object, struct value *value)
{
	CK_KEY_TYPE type = key_type(object->key);
	CK_ULONG mechanism = CKM_RSA_PKCS_KEY_PAIR_GEN;

	if (type != CKK_RSA)
		mechanism = type == CKK_EC ? CKM_EC_KEY_PAIR_GEN
					   : CKM_EC_EDWARDS_KEY_PAIR_GEN;
	if (!object->key->local)
		mechanism = CK_UNAVAILABLE_INFORMATION;
	set_number(value, mechanism);
}

static void
read_ec_params(const struct object *object, struct value *value)
{
	value->data = object->key->curve->params;
	value->length = object->key->curve->params_length;
}

static void
read_ec_point(const struct object *object, struct value *value)
{
	set_bytes(value, &object->key->point);
}

static void
read_modulus(const struct object *object, struct value *value)
{
	set_bytes(value, &object->key->modulus);
}

static void
read_modulus_bits(const struct object *object, struct value *value)
{
	set_number(value, key_bits(object->key));
}

static void
read_exponent(const struct object *object, struct value *value)
{
	set_bytes(value, &object->key->exponent);
}

/* Which objects have an attribute: a half, and an algorithm. */
enum owner {
	PRIVATE = 1 << 0,
	PUBLIC = 1 << 1,
	EC = 1 << 2,
	RSA = 1 << 3,
	ALL = PRIVATE | PUBLIC | EC | RSA,
	ALL_PRIVATE = PRIVATE | EC | RSA,
	ALL_PUBLIC = PUBLIC | EC | RSA,
};

/*
 * PKCS#11 4.4, 4.7 to 4.9. The label is the id too, so that a key is found by
 * either. The private half also tells what is public, which saves programs a
 * search for the other half.
 */
/* clang-format off */
static const struct {
	CK_ATTRIBUTE_TYPE type;
	unsigned owners;
	value_reader *read; /* NULL: it is there, and nobody may see it */
} attributes[] = {
    {CKA_CLASS,               ALL,                   read_class},
    {CKA_TOKEN,               ALL,                   read_true},
    {CKA_PRIVATE,             ALL_PRIVATE,           read_true},
    {CKA_PRIVATE,             ALL_PUBLIC,            read_false},
    {CKA_MODIFIABLE,          ALL,                   read_false},
    {CKA_COPYABLE,            ALL,                   read_false},
    {CKA_DESTROYABLE,         ALL_PRIVATE,           read_destroyable},
    {CKA_DESTROYABLE,         ALL_PUBLIC,            read_false},
    {CKA_LABEL,               ALL,                   read_id},

    {CKA_KEY_TYPE,            ALL,                   read_key_type},
    {CKA_ID,                  ALL,                   read_cka_id},
    {CKA_SUBJECT,             ALL,                   read_nothing},
    {CKA_START_DATE,          ALL,                   read_nothing},
    {CKA_END_DATE,            ALL,                   read_nothing},
    {CKA_DERIVE,              ALL,                   read_derive},
    {CKA_LOCAL,               ALL,                   read_local},
    {CKA_KEY_GEN_MECHANISM,   ALL,                   read_generator},

    {CKA_ENCRYPT,             ALL_PUBLIC,            read_false},
    {CKA_VERIFY,              ALL_PUBLIC,            read_verify},
    {CKA_VERIFY_RECOVER,      ALL_PUBLIC,            read_false},
    {CKA_WRAP,                ALL_PUBLIC,            read_false},
    {CKA_TRUSTED,             ALL_PUBLIC,            read_false},

    {CKA_SENSITIVE,           ALL_PRIVATE,           read_sensitive},
    {CKA_EXTRACTABLE,         ALL_PRIVATE,           read_extractable},
    {CKA_ALWAYS_SENSITIVE,    ALL_PRIVATE,           read_always_sensitive},
    {CKA_NEVER_EXTRACTABLE,   ALL_PRIVATE,           read_never_extractable},
    {CKA_ALWAYS_AUTHENTICATE, ALL_PRIVATE,           read_false},
    {CKA_SIGN,                ALL_PRIVATE,           read_sign},
    {CKA_SIGN_RECOVER,        ALL_PRIVATE,           read_false},
    {CKA_DECRYPT,             ALL_PRIVATE,           read_decrypt},
    {CKA_UNWRAP,              ALL_PRIVATE,           read_false},
    {CKA_WRAP_WITH_TRUSTED,   ALL_PRIVATE,           read_false},

    {CKA_EC_PARAMS,           PRIVATE | PUBLIC | EC, read_ec_params},
    {CKA_EC_POINT,            PRIVATE | PUBLIC | EC, read_ec_point},
    {CKA_VALUE,               PRIVATE | EC,          NULL},

    {CKA_MODULUS,             PRIVATE | PUBLIC | RSA, read_modulus},
    {CKA_MODULUS_BITS,        PUBLIC | RSA,          read_modulus_bits},
    {CKA_PUBLIC_EXPONENT,     PRIVATE | PUBLIC | RSA, read_exponent},
    {CKA_PRIVATE_EXPONENT,    PRIVATE | RSA,         NULL},
    {CKA_PRIME_1,             PRIVATE | RSA,         NULL},
    {CKA_PRIME_2,             PRIVATE | RSA,         NULL},
    {CKA_EXPONENT_1,          PRIVATE | RSA,         NULL},
    {CKA_EXPONENT_2,          PRIVATE | RSA,         NULL},
    {CKA_COEFFICIENT,         PRIVATE | RSA,         NULL},
};
/* clang-format on */

#define ATTRIBUTE_COUNT (sizeof(attributes) / sizeof(attributes[0]))

static CK_RV
read_of_secret(const struct secret *secret, CK_ATTRIBUTE_TYPE type,
    struct value *ret_value)
{
	const struct bytes *bytes;
	CK_RV rv = secret_read(secret, type, &bytes);

	if (rv == CKR_OK)
		set_bytes(ret_value, bytes);
	return rv;
}

static CK_RV
read_of_certificate(const struct object *object, CK_ATTRIBUTE_TYPE type,
    struct value *ret_value)
{
	struct certificate_value value;
	CK_RV rv = certificate_read(object->certificate, type, &value);

	if (rv != CKR_OK)
		return rv;
	if (type == CKA_ID && object->key) {
		read_cka_id(object, ret_value);
	} else if (value.data) {
		ret_value->data = value.data;
		ret_value->length = value.length;
	} else if (value.is_flag) {
		set_flag(ret_value, value.scalar != CK_FALSE);
	} else {
		set_number(ret_value, value.scalar);
	}
	return CKR_OK;
}

static CK_RV
read_of_key(const struct object *object, CK_ATTRIBUTE_TYPE type,
    struct value *ret_value)
{
	unsigned owner =
	    (unsigned)(object->class == CKO_PRIVATE_KEY ? PRIVATE : PUBLIC) |
	    (unsigned)(object->key->curve ? EC : RSA);

	for (size_t i = 0; i < ATTRIBUTE_COUNT; i++) {
		if (attributes[i].type != type ||
		    (attributes[i].owners & owner) != owner)
			continue;
		if (!attributes[i].read)
			return CKR_ATTRIBUTE_SENSITIVE;
		attributes[i].read(object, ret_value);
		return CKR_OK;
	}
	return CKR_ATTRIBUTE_TYPE_INVALID;
}

static CK_RV
attribute_read(const struct object *object, CK_ATTRIBUTE_TYPE type,
    struct value *ret_value)
{
	if (object->certificate)
		return read_of_certificate(object, type, ret_value);
	return object->secret ? read_of_secret(object->secret, type, ret_value)
			      : read_of_key(object, type, ret_value);
}

CK_RV
attribute_copy(const struct object *object, CK_ATTRIBUTE *attribute)
{
	struct value value;
	CK_ULONG room = attribute->ulValueLen;
	CK_RV rv = attribute_read(object, attribute->type, &value);

	attribute->ulValueLen = CK_UNAVAILABLE_INFORMATION;
	if (rv != CKR_OK)
		return rv;
	if (attribute->pValue && room < value.length)
		return CKR_BUFFER_TOO_SMALL;
	if (attribute->pValue && value.length > 0)
		memcpy(attribute->pValue, value.data, value.length);
	attribute->ulValueLen = value.length;
	return CKR_OK;
}

bool
attribute_matches(const struct object *object, const CK_ATTRIBUTE *attribute)
{
	struct value value;

	if (attribute_read(object, attribute->type, &value) != CKR_OK ||
	    value.length != attribute->ulValueLen)
		return false;
	return value.length == 0 ||
	       (attribute->pValue &&
		   memcmp(value.data, attribute->pValue, value.length) == 0);
}

CK_RV
C_GetAttributeValue(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE handle,
    CK_ATTRIBUTE *template, unsigned long count)
{
	CLEANUP(module_lock) struct module *module = module_lock();
	struct object object;
	CK_RV rv;

	if (!module)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	if (!session_find(&module->sessions, session))
		return CKR_SESSION_HANDLE_INVALID;
	if (!template && count > 0)
		return CKR_ARGUMENTS_BAD;
	rv = module_find(module, handle, &object);
	if (rv != CKR_OK)
		return rv;
	/* All are tried, whatever happens to one (PKCS#11 5.7). */
	for (CK_ULONG i = 0; i < count; i++) {
		CK_RV failure = attribute_copy(&object, &template[i]);

		if (failure != CKR_OK)
			rv = failure;
	}
	return rv;
}
