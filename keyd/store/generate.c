/* SPDX-License-Identifier: MIT */
#include "generate.h"

#include <openssl/rand.h>
#include <string.h>

#include "ckr.h"

#define FIRST_TAG_SIZE 20
#define TEMPLATE_MAX 12

/* A template that is being written down. */
struct template
{
	CK_ULONG count;
	CK_ATTRIBUTE items[TEMPLATE_MAX];
};

static const CK_BBOOL yes = CK_TRUE;
static const CK_BBOOL no = CK_FALSE;

static void
put(struct template *template, CK_ATTRIBUTE_TYPE type, const void *data,
    size_t length)
{
	template->items[template->count++] =
	    object_attribute(type, data, length);
}

static void
put_flag(
    struct template *template, CK_ATTRIBUTE_TYPE type, const CK_BBOOL *flag)
{
	put(template, type, flag, sizeof(*flag));
}

static void
put_names(struct template *template, const char *label,
    const unsigned char tag[FIRST_TAG_SIZE])
{
	put_flag(template, CKA_TOKEN, &yes);
	put(template, CKA_LABEL, label, strlen(label));
	put(template, CKA_ID, tag, FIRST_TAG_SIZE);
}

static void
put_parameters(struct template *template, enum key_spec spec)
{
	static const unsigned char exponent[] = {0x01, 0x00, 0x01};
	static const struct {
		CK_ULONG bits; /* of RSA */
		size_t length;
		unsigned char oid[10];
	} parameters[] = {
	    [KEY_SPEC_P256] = {0,							    10,
			       {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07}},
	    [KEY_SPEC_P384] = {0, 7,
			       {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22}},
	    [KEY_SPEC_P521] = {0,							    7,
			       {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23}},
	    [KEY_SPEC_ED25519] = {0,                   5, {0x06, 0x03, 0x2b, 0x65, 0x70}},
	    [KEY_SPEC_RSA2048] = {.bits = 2048							   },
	    [KEY_SPEC_RSA3072] = {.bits = 3072                  },
	    [KEY_SPEC_RSA4096] = {.bits = 4096							   },
	};

	if (parameters[spec].length > 0) {
		put(template, CKA_EC_PARAMS, parameters[spec].oid,
		    parameters[spec].length);
		return;
	}
	put(template, CKA_MODULUS_BITS, &parameters[spec].bits,
	    sizeof(CK_ULONG));
	put(template, CKA_PUBLIC_EXPONENT, exponent, sizeof(exponent));
}

static CK_MECHANISM_TYPE
generator_of(enum key_spec spec)
{
	if (spec == KEY_SPEC_ED25519)
		return CKM_EC_EDWARDS_KEY_PAIR_GEN;
	return spec < KEY_SPEC_ED25519 ? CKM_EC_KEY_PAIR_GEN
				       : CKM_RSA_PKCS_KEY_PAIR_GEN;
}

/*
 * tpm2-pkcs11 refuses to be told that a key does not decrypt or encrypt, so
 * lean leaves that out; such a token has its own idea of what keys are for.
 */
static CK_RV
generate(struct token_lease *lease, const char *label,
    const unsigned char tag[FIRST_TAG_SIZE], enum key_spec spec, bool lean,
    CK_OBJECT_HANDLE *ret_public, CK_OBJECT_HANDLE *ret_private)
{
	CK_MECHANISM mechanism = {generator_of(spec), NULL, 0};
	struct template public = {0}, private = {0};

	put_names(&public, label, tag);
	put_flag(&public, CKA_VERIFY, &yes);
	put_parameters(&public, spec);
	if (!lean) {
		put_flag(&public, CKA_ENCRYPT, &no);
		put_flag(&public, CKA_WRAP, &no);
	}

	put_names(&private, label, tag);
	put_flag(&private, CKA_PRIVATE, &yes);
	put_flag(&private, CKA_SENSITIVE, &yes);
	put_flag(&private, CKA_EXTRACTABLE, &no);
	put_flag(&private, CKA_SIGN, &yes);
	if (!lean) {
		put_flag(&private, CKA_DECRYPT, &no);
		put_flag(&private, CKA_UNWRAP, &no);
	}
	return lease->functions->C_GenerateKeyPair(lease->session, &mechanism,
	    public.items, public.count, private.items, private.count,
	    ret_public, ret_private);
}

static bool
may_be_about_template(CK_RV rv)
{
	return rv == CKR_GENERAL_ERROR || rv == CKR_TEMPLATE_INCONSISTENT ||
	       rv == CKR_ATTRIBUTE_VALUE_INVALID ||
	       rv == CKR_ATTRIBUTE_TYPE_INVALID ||
	       rv == CKR_ATTRIBUTE_READ_ONLY;
}

static enum error_code
set_attribute(struct token_lease *lease, CK_OBJECT_HANDLE object,
    CK_ATTRIBUTE_TYPE type, const void *data, size_t length, struct error *err)
{
	CK_ATTRIBUTE attribute = object_attribute(type, data, length);
	CK_RV rv = lease->functions->C_SetAttributeValue(
	    lease->session, object, &attribute, 1);

	if (rv != CKR_OK)
		return token_failed(lease, rv, "C_SetAttributeValue", err);
	return ERROR_NONE;
}

/* Gives the new pair its proper CKA_ID, and checks what the token made. */
static enum error_code
finish(struct token_lease *lease, CK_OBJECT_HANDLE public,
    CK_OBJECT_HANDLE private, struct key_facts *facts, struct error *err)
{
	struct key_tag tag;

	if (object_read_facts(lease, private, facts, err) ||
	    key_public_tag(&facts->public, &tag, err))
		return err->code;
	if (!facts->sensitive || facts->extractable)
		return error_set(err, ERROR_INVALID,
		    "the token made a key that it would give away; such a "
		    "token is of no use");
	if (set_attribute(lease, public, CKA_ID, tag.data, tag.length, err) ||
	    set_attribute(lease, private, CKA_ID, tag.data, tag.length, err))
		return err->code;
	facts->tag = tag;
	return ERROR_NONE;
}

enum error_code
generate_pair(struct token_lease *lease, const char *label, enum key_spec spec,
    unsigned usage, CK_OBJECT_HANDLE *ret_private, struct key_facts *ret_facts,
    struct error *err)
{
	unsigned char tag[FIRST_TAG_SIZE];
	CK_OBJECT_HANDLE public, private;
	CK_RV rv;

	if (spec == KEY_SPEC_ED25519 || usage != KEY_SIGNS)
		return error_set(err, ERROR_INVALID, "not there yet");
	/* Tokens pair the halves by CKA_ID, before the real one is known. */
	if (RAND_bytes(tag, sizeof(tag)) != 1)
		return error_set_openssl(err, ERROR_INTERNAL, "RAND_bytes");
	rv = generate(lease, label, tag, spec, false, &public, &private);
	if (may_be_about_template(rv))
		rv = generate(lease, label, tag, spec, true, &public, &private);
	if (rv != CKR_OK)
		return token_failed(lease, rv, "C_GenerateKeyPair", err);

	if (finish(lease, public, private, ret_facts, err)) {
		(void)lease->functions->C_DestroyObject(lease->session, public);
		(void)lease->functions->C_DestroyObject(
		    lease->session, private);
		return err->code;
	}
	*ret_private = private;
	return ERROR_NONE;
}

static enum error_code
destroy_all(struct token_lease *lease, const struct object_list *list,
    struct error *err)
{
	for (CK_ULONG i = 0; i < list->count; i++) {
		CK_RV rv = lease->functions->C_DestroyObject(
		    lease->session, list->items[i]);

		if (rv != CKR_OK && rv != CKR_OBJECT_HANDLE_INVALID)
			return token_failed(lease, rv, "C_DestroyObject", err);
	}
	return ERROR_NONE;
}

/*
 * A query that finds this pair only, so that a change does not also hit the
 * other keys of a tool that gives one CKA_ID to all.
 */
static enum error_code
narrow(struct token_lease *lease, const struct object_query *query,
    struct object_query *ret_exact, struct error *err)
{
	struct object_query exact = *query;
	struct object_list list;

	if (object_find(lease, CKO_PRIVATE_KEY, &exact, false, &list, err))
		return err->code;
	if (list.count == 0 && exact.tag_length > 0) {
		exact.label = NULL;
		if (object_find(
			lease, CKO_PRIVATE_KEY, &exact, false, &list, err))
			return err->code;
	}
	if (list.count > 1)
		return error_set(err, ERROR_INVALID,
		    "the token has %lu private keys of this name; give them "
		    "labels or ids that differ",
		    list.count);
	*ret_exact = exact;
	return ERROR_NONE;
}

static enum error_code
destroy_class(struct token_lease *lease, CK_OBJECT_CLASS class,
    const struct object_query *query, bool session_copies, struct error *err)
{
	struct object_list list;

	if (object_find(lease, class, query, session_copies, &list, err))
		return err->code;
	return destroy_all(lease, &list, err);
}

/* The private half goes first: without it the rest is worth nothing. */
enum error_code
destroy_pair(struct token_lease *lease, const struct object_query *query,
    struct error *err)
{
	struct object_query exact;

	if (narrow(lease, query, &exact, err) ||
	    destroy_class(lease, CKO_PRIVATE_KEY, &exact, false, err) ||
	    destroy_class(lease, CKO_PRIVATE_KEY, &exact, true, err))
		return err->code;
	return destroy_class(lease, CKO_PUBLIC_KEY, &exact, false, err);
}

static enum error_code
set_on_class(struct token_lease *lease, CK_OBJECT_CLASS class,
    const struct object_query *query, const CK_ATTRIBUTE *attribute,
    size_t *count, struct error *err)
{
	struct object_list list;

	if (object_find(lease, class, query, false, &list, err))
		return err->code;
	for (CK_ULONG i = 0; i < list.count; i++)
		if (set_attribute(lease, list.items[i], attribute->type,
			attribute->pValue, attribute->ulValueLen, err))
			return err->code;
	*count += list.count;
	return ERROR_NONE;
}

/* Session copies would keep what they were copied with; they go. */
enum error_code
set_on_pair(struct token_lease *lease, const struct object_query *query,
    CK_ATTRIBUTE_TYPE type, const void *data, size_t length, size_t *ret_count,
    struct error *err)
{
	CK_ATTRIBUTE attribute = object_attribute(type, data, length);
	struct object_query exact;

	*ret_count = 0;
	if (narrow(lease, query, &exact, err) ||
	    destroy_class(lease, CKO_PRIVATE_KEY, &exact, true, err) ||
	    set_on_class(
		lease, CKO_PUBLIC_KEY, &exact, &attribute, ret_count, err))
		return err->code;
	return set_on_class(
	    lease, CKO_PRIVATE_KEY, &exact, &attribute, ret_count, err);
}
