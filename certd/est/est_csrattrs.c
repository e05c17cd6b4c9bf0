/* SPDX-License-Identifier: MIT */
#include "est_csrattrs.h"

#include <openssl/objects.h>
#include <stdio.h>
#include <string.h>

#include "est_body.h"

#define RSA_BITS_LARGE 4096

static void
any_stack_free(ASN1_SEQUENCE_ANY *stack)
{
	sk_ASN1_TYPE_pop_free(stack, ASN1_TYPE_free);
}

DEFINE_CLEANUP(any_stack, ASN1_SEQUENCE_ANY, any_stack_free)
DEFINE_CLEANUP(attribute, X509_ATTRIBUTE, X509_ATTRIBUTE_free)

static const struct {
	int curve;
	const char *kind;
	int bits;
} curves[] = {
    {NID_X9_62_prime256v1, "ec-p256", 256},
    {NID_secp384r1,        "ec-p384", 384},
    {NID_secp521r1,        "ec-p521", 521},
};

/* OID by name if it has one. */
static void
miss(struct est_wishes *wishes, const ASN1_OBJECT *object)
{
	size_t used = strlen(wishes->missing);
	char name[80] = "";

	(void)OBJ_obj2txt(name, sizeof(name), object, 0);
	(void)snprintf(wishes->missing + used, sizeof(wishes->missing) - used,
	    "%s%s", used ? ", " : "", name);
}

/* A signature's OID names the hash, a hash's own does too. */
static void
take_object(struct est_wishes *wishes, const ASN1_OBJECT *object)
{
	int nid = OBJ_obj2nid(object);
	int hash = nid;

	if (nid != NID_undef)
		(void)OBJ_find_sigid_algs(nid, &hash, NULL);
	wishes->hash = EVP_get_digestbynid(hash);
	if (!wishes->hash)
		miss(wishes, object);
}

static const char *
rsa_kind(long bits)
{
	if (bits <= 2048)
		return "rsa-2048";
	return bits < RSA_BITS_LARGE ? "rsa-3072" : "rsa-4096";
}

static const char *
curve_kind(const ASN1_OBJECT *curve)
{
	for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]); i++)
		if (curves[i].curve == OBJ_obj2nid(curve))
			return curves[i].kind;
	return NULL;
}

/* id-ecPublicKey with a curve, rsaEncryption with a size; others are missed. */
static void
take_attribute(struct est_wishes *wishes, X509_ATTRIBUTE *attribute)
{
	const ASN1_OBJECT *type = X509_ATTRIBUTE_get0_object(attribute);
	const ASN1_TYPE *value = X509_ATTRIBUTE_get0_type(attribute, 0);
	const char *kind = NULL;

	if (value && OBJ_obj2nid(type) == NID_X9_62_id_ecPublicKey &&
	    value->type == V_ASN1_OBJECT)
		kind = curve_kind(value->value.object);
	else if (value && OBJ_obj2nid(type) == NID_rsaEncryption &&
		 value->type == V_ASN1_INTEGER)
		kind = rsa_kind(ASN1_INTEGER_get(value->value.integer));
	if (kind)
		wishes->key_kind = kind;
	else
		miss(wishes, type);
}

static enum error_code
take_item(struct est_wishes *wishes, const ASN1_TYPE *item, struct error *err)
{
	CLEANUP(attribute) X509_ATTRIBUTE *attribute = NULL;
	const unsigned char *data;

	if (item->type == V_ASN1_OBJECT) {
		take_object(wishes, item->value.object);
		return ERROR_NONE;
	}
	if (item->type == V_ASN1_SEQUENCE) {
		data = item->value.sequence->data;
		attribute = d2i_X509_ATTRIBUTE(
		    NULL, &data, item->value.sequence->length);
	}
	if (!attribute)
		return error_set_openssl(err, ERROR_UPSTREAM,
		    "the server's csrattrs cannot be read");
	take_attribute(wishes, attribute);
	return ERROR_NONE;
}

static enum error_code
take_items(struct est_wishes *wishes, const ASN1_SEQUENCE_ANY *items,
    struct error *err)
{
	for (int i = 0; i < sk_ASN1_TYPE_num(items); i++)
		if (take_item(wishes, sk_ASN1_TYPE_value(items, i), err))
			return err->code;
	return ERROR_NONE;
}

enum error_code
est_csrattrs_read(
    const char *text, struct est_wishes *ret_wishes, struct error *err)
{
	struct est_wishes wishes = {NULL, NULL, ""};
	CLEANUP(bytes) unsigned char *data = NULL;
	CLEANUP(any_stack) ASN1_SEQUENCE_ANY *items = NULL;
	const unsigned char *position;
	size_t length;

	if (est_body_decode(text, &data, &length, err))
		return err->code;
	position = data;
	items = length ? d2i_ASN1_SEQUENCE_ANY(NULL, &position, (long)length)
		       : sk_ASN1_TYPE_new_null();
	if (!items)
		return error_set_openssl(err, ERROR_UPSTREAM,
		    "the server's csrattrs cannot be read");
	if (take_items(&wishes, items, err))
		return err->code;
	*ret_wishes = wishes;
	return ERROR_NONE;
}

static bool
is_of_curve(const EVP_PKEY *key, const char *kind)
{
	for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]); i++)
		if (strcmp(curves[i].kind, kind) == 0)
			return EVP_PKEY_get_bits(key) == curves[i].bits;
	return false;
}

bool
est_wishes_allow(const struct est_wishes *wishes, const EVP_PKEY *key)
{
	const char *kind = wishes->key_kind;

	if (!kind)
		return true;
	if (EVP_PKEY_get_base_id(key) == EVP_PKEY_EC)
		return is_of_curve(key, kind);
	return EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA &&
	       strcmp(rsa_kind(EVP_PKEY_get_bits(key)), kind) == 0;
}
