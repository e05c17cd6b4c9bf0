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

typedef STACK_OF(X509_EXTENSION) extension_stack;

static void
extension_stack_free(extension_stack *extensions)
{
	sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
}

DEFINE_CLEANUP(extension_stack, extension_stack, extension_stack_free)

void
est_wishes_miss(struct est_wishes *wishes, const char *name)
{
	size_t used = strlen(wishes->missing);

	(void)snprintf(wishes->missing + used, sizeof(wishes->missing) - used,
	    "%s%s", used ? ", " : "", name);
}

/* OID by name if it has one. */
static void
miss(struct est_wishes *wishes, const ASN1_OBJECT *object)
{
	char name[80] = "";

	(void)OBJ_obj2txt(name, sizeof(name), object, 0);
	est_wishes_miss(wishes, name);
}

/* Returns false if it is no extension that we can bring. */
static bool
take_extension(struct est_wishes *wishes, const ASN1_OBJECT *object)
{
	int nid = OBJ_obj2nid(object);

	wishes->usage |= nid == NID_ext_key_usage;
	wishes->names |= nid == NID_subject_alt_name;
	return nid == NID_ext_key_usage || nid == NID_subject_alt_name;
}

/* A signature's OID names the hash, a hash's own does too. */
static void
take_object(struct est_wishes *wishes, const ASN1_OBJECT *object)
{
	int nid = OBJ_obj2nid(object);
	int hash = nid;

	if (take_extension(wishes, object))
		return;
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

/*
 * One value of an extension request: the OID of an extension, or extensions,
 * of which the OID counts (RFC 9908 section 3.2).
 */
static void
take_extension_value(struct est_wishes *wishes, const ASN1_TYPE *value)
{
	CLEANUP(extension_stack) extension_stack *extensions = NULL;
	const unsigned char *data;

	if (value->type == V_ASN1_OBJECT &&
	    !take_extension(wishes, value->value.object))
		miss(wishes, value->value.object);
	if (value->type != V_ASN1_SEQUENCE)
		return;
	data = value->value.sequence->data;
	extensions =
	    d2i_X509_EXTENSIONS(NULL, &data, value->value.sequence->length);
	for (int i = 0; i < sk_X509_EXTENSION_num(extensions); i++) {
		ASN1_OBJECT *object = X509_EXTENSION_get_object(
		    sk_X509_EXTENSION_value(extensions, i));

		if (!take_extension(wishes, object))
			miss(wishes, object);
	}
}

/* id-ecPublicKey with a curve, rsaEncryption with a size; others are missed. */
static void
take_attribute(struct est_wishes *wishes, X509_ATTRIBUTE *attribute)
{
	const ASN1_OBJECT *type = X509_ATTRIBUTE_get0_object(attribute);
	const ASN1_TYPE *value = X509_ATTRIBUTE_get0_type(attribute, 0);
	const char *kind = NULL;

	if (OBJ_obj2nid(type) == NID_ext_req) {
		for (int i = 0; i < X509_ATTRIBUTE_count(attribute); i++)
			take_extension_value(
			    wishes, X509_ATTRIBUTE_get0_type(attribute, i));
		return;
	}
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
	struct est_wishes wishes = {.missing = ""};
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

const char *
est_key_kind(const EVP_PKEY *key)
{
	const int type = key ? EVP_PKEY_get_base_id(key) : EVP_PKEY_NONE;

	if (type == EVP_PKEY_RSA)
		return rsa_kind(EVP_PKEY_get_bits(key));
	if (type == EVP_PKEY_ED25519)
		return "ed25519";
	for (size_t i = 0;
	     type == EVP_PKEY_EC && i < sizeof(curves) / sizeof(curves[0]); i++)
		if (EVP_PKEY_get_bits(key) == curves[i].bits)
			return curves[i].kind;
	return NULL;
}

bool
est_wishes_allow(const struct est_wishes *wishes, const EVP_PKEY *key)
{
	const char *kind = est_key_kind(key);

	return !wishes->key_kind ||
	       (kind && strcmp(kind, wishes->key_kind) == 0);
}
