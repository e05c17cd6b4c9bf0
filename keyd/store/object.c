/* SPDX-License-Identifier: MIT */
#include "object.h"

#include <stdio.h>
#include <string.h>

#include "ckr.h"

#define CERTIFICATE_MAX 8192

CK_ATTRIBUTE
object_attribute(CK_ATTRIBUTE_TYPE type, const void *data, size_t length)
{
	/* PKCS#11 has one struct for what is read and what is written. */
	union {
		const void *in;
		void *out;
	} value = {.in = data};

	return (CK_ATTRIBUTE){type, value.out, length};
}

CK_BYTE_PTR
object_input(const struct key_input *input)
{
	return object_attribute(0, input->data, input->length).pValue;
}

static enum error_code
find_all(
    struct token_lease *lease, struct object_list *ret_list, struct error *err)
{
	CK_ULONG got;
	CK_RV rv;

	ret_list->count = 0;
	do {
		rv = lease->functions->C_FindObjects(lease->session,
		    ret_list->items + ret_list->count,
		    OBJECTS_MAX - ret_list->count, &got);
		if (rv != CKR_OK)
			return token_failed(lease, rv, "C_FindObjects", err);
		ret_list->count += got;
	} while (got > 0 && ret_list->count < OBJECTS_MAX);
	return ERROR_NONE;
}

enum error_code
object_find(struct token_lease *lease, CK_OBJECT_CLASS class,
    const struct object_query *query, bool session_copies,
    struct object_list *ret_list, struct error *err)
{
	CK_BBOOL on_token = session_copies ? CK_FALSE : CK_TRUE;
	CK_ATTRIBUTE template[4];
	CK_ULONG count = 0;
	enum error_code code;
	CK_RV rv;

	template[count++] = object_attribute(CKA_CLASS, &class, sizeof(class));
	template[count++] =
	    object_attribute(CKA_TOKEN, &on_token, sizeof(on_token));
	if (query->tag_length > 0)
		template[count++] =
		    object_attribute(CKA_ID, query->tag, query->tag_length);
	if (query->label)
		template[count++] = object_attribute(
		    CKA_LABEL, query->label, strlen(query->label));

	rv = lease->functions->C_FindObjectsInit(
	    lease->session, template, count);
	if (rv != CKR_OK)
		return token_failed(lease, rv, "C_FindObjectsInit", err);
	code = find_all(lease, ret_list, err);
	(void)lease->functions->C_FindObjectsFinal(lease->session);
	return code;
}

enum error_code
object_find_named(struct token_lease *lease, CK_OBJECT_CLASS class,
    const struct object_query *query, bool session_copies,
    struct object_list *ret_list, struct error *err)
{
	struct object_query by_tag = *query;

	ret_list->count = 0;
	if (query->tag_length == 0 && !query->label)
		return ERROR_NONE;
	if (object_find(lease, class, query, session_copies, ret_list, err))
		return err->code;
	if (ret_list->count > 0 || query->tag_length == 0)
		return ERROR_NONE;
	by_tag.label = NULL;
	return object_find(
	    lease, class, &by_tag, session_copies, ret_list, err);
}

enum error_code
object_read(struct token_lease *lease, CK_OBJECT_HANDLE object,
    CK_ATTRIBUTE_TYPE type, void *data, size_t size, size_t *ret_length,
    struct error *err)
{
	CK_ATTRIBUTE attribute = object_attribute(type, data, size);
	CK_RV rv = lease->functions->C_GetAttributeValue(
	    lease->session, object, &attribute, 1);

	switch (rv) {
	case CKR_OK:
		*ret_length =
		    attribute.ulValueLen <= size ? attribute.ulValueLen : 0;
		return ERROR_NONE;
	case CKR_ATTRIBUTE_TYPE_INVALID:
	case CKR_ATTRIBUTE_SENSITIVE:
	case CKR_BUFFER_TOO_SMALL:
		*ret_length = 0;
		return ERROR_NONE;
	default:
		return token_failed(lease, rv, "C_GetAttributeValue", err);
	}
}

enum error_code
object_read_label(struct token_lease *lease, CK_OBJECT_HANDLE object,
    char ret_label[KEY_ID_MAX + 1], struct error *err)
{
	size_t length;

	if (object_read(
		lease, object, CKA_LABEL, ret_label, KEY_ID_MAX, &length, err))
		return err->code;
	if (memchr(ret_label, '\0', length))
		length = 0;
	ret_label[length] = '\0';
	return ERROR_NONE;
}

enum error_code
object_read_tag(struct token_lease *lease, CK_OBJECT_HANDLE object,
    struct key_tag *ret_tag, struct error *err)
{
	return object_read(lease, object, CKA_ID, ret_tag->data,
	    sizeof(ret_tag->data), &ret_tag->length, err);
}

/* A flag that the token does not tell is taken at its worst. */
static enum error_code
read_flag(struct token_lease *lease, CK_OBJECT_HANDLE object,
    CK_ATTRIBUTE_TYPE type, bool worst, bool *ret_flag, struct error *err)
{
	CK_BBOOL flag;
	size_t length;

	if (object_read(lease, object, type, &flag, sizeof(flag), &length, err))
		return err->code;
	*ret_flag = length == sizeof(flag) ? flag != CK_FALSE : worst;
	return ERROR_NONE;
}

static enum error_code
read_flags(struct token_lease *lease, CK_OBJECT_HANDLE object,
    struct key_facts *facts, struct error *err)
{
	const struct {
		CK_ATTRIBUTE_TYPE type;
		bool worst;
		bool *flag;
	} flags[] = {
	    {CKA_SENSITIVE,         false, &facts->sensitive        },
	    {CKA_EXTRACTABLE,       true,  &facts->extractable      },
	    {CKA_ALWAYS_SENSITIVE,  false, &facts->always_sensitive },
	    {CKA_NEVER_EXTRACTABLE, false, &facts->never_extractable},
	    {CKA_LOCAL,             false, &facts->local            },
	};

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (read_flag(lease, object, flags[i].type, flags[i].worst,
			flags[i].flag, err))
			return err->code;
	return ERROR_NONE;
}

/*
 * Takes the public half from object's own attributes. *ret_found is false if
 * it does not have them.
 */
static enum error_code
rsa_from_object(struct token_lease *lease, CK_OBJECT_HANDLE object,
    struct key_public *key, bool *ret_found, struct error *err)
{
	unsigned char modulus[KEY_MODULUS_MAX + 1];
	unsigned char exponent[KEY_EXPONENT_MAX];
	size_t modulus_length, exponent_length;

	*ret_found = false;
	if (object_read(lease, object, CKA_MODULUS, modulus, sizeof(modulus),
		&modulus_length, err) ||
	    object_read(lease, object, CKA_PUBLIC_EXPONENT, exponent,
		sizeof(exponent), &exponent_length, err))
		return err->code;
	if (modulus_length == 0 || exponent_length == 0)
		return ERROR_NONE;
	*ret_found = true;
	return key_public_set_rsa(
	    key, modulus, modulus_length, exponent, exponent_length, err);
}

static enum error_code
ec_from_object(struct token_lease *lease, CK_OBJECT_HANDLE object,
    struct key_public *key, bool *ret_found, struct error *err)
{
	unsigned char params[64], point[KEY_POINT_MAX + 4];
	size_t params_length, point_length;

	*ret_found = false;
	if (object_read(lease, object, CKA_EC_PARAMS, params, sizeof(params),
		&params_length, err) ||
	    object_read(lease, object, CKA_EC_POINT, point, sizeof(point),
		&point_length, err))
		return err->code;
	if (params_length == 0 || point_length == 0)
		return ERROR_NONE;
	key->curve = key_curve_of_oid(params, params_length);
	if (!key->curve)
		return error_set(err, ERROR_INVALID,
		    "the curve of the key is not supported; P-256, P-384 and "
		    "P-521 are");
	*ret_found = true;
	return key_public_set_point(key, point, point_length, err);
}

static enum error_code
public_from_object(struct token_lease *lease, CK_OBJECT_HANDLE object,
    CK_KEY_TYPE type, struct key_public *key, bool *ret_found,
    struct error *err)
{
	return type == CKK_EC
		   ? ec_from_object(lease, object, key, ret_found, err)
		   : rsa_from_object(lease, object, key, ret_found, err);
}

/* The first object of class that belongs to the pair, if there is one. */
static enum error_code
find_companion(struct token_lease *lease, CK_OBJECT_CLASS class,
    const struct object_query *pair, CK_OBJECT_HANDLE *ret_object,
    bool *ret_found, struct error *err)
{
	struct object_list list;

	if (object_find_named(lease, class, pair, false, &list, err))
		return err->code;
	*ret_found = list.count > 0;
	*ret_object = list.items[0];
	return ERROR_NONE;
}

static enum error_code
public_from_other_half(struct token_lease *lease, CK_KEY_TYPE type,
    const struct object_query *pair, struct key_public *key, bool *ret_found,
    struct error *err)
{
	CK_OBJECT_HANDLE object;

	if (find_companion(
		lease, CKO_PUBLIC_KEY, pair, &object, ret_found, err))
		return err->code;
	if (!*ret_found)
		return ERROR_NONE;
	return public_from_object(lease, object, type, key, ret_found, err);
}

/* A label says too little to tie a certificate to a key. */
static enum error_code
public_from_certificate(struct token_lease *lease,
    const struct object_query *pair, struct key_public *key, bool *ret_found,
    struct error *err)
{
	CLEANUP(x509) X509 *certificate = NULL;
	unsigned char der[CERTIFICATE_MAX];
	const unsigned char *position = der;
	CK_OBJECT_HANDLE object;
	size_t length;

	*ret_found = false;
	if (pair->tag_length == 0)
		return ERROR_NONE;
	if (find_companion(
		lease, CKO_CERTIFICATE, pair, &object, ret_found, err))
		return err->code;
	if (!*ret_found)
		return ERROR_NONE;
	if (object_read(
		lease, object, CKA_VALUE, der, sizeof(der), &length, err))
		return err->code;
	certificate = length ? d2i_X509(NULL, &position, (long)length) : NULL;
	if (!certificate)
		return error_set_openssl(err, ERROR_INVALID,
		    "the certificate beside the key in the token");
	return key_public_from_pkey(X509_get0_pubkey(certificate), key, err);
}

/*
 * A pair of ours whose making was cut off before its private half got the
 * CKA_ID that the public one has: that half has our label, and the CKA_ID that
 * is computed from itself.
 */
static enum error_code
public_from_unfinished(struct token_lease *lease, CK_KEY_TYPE type,
    const struct object_query *pair, struct key_public *key, bool *ret_found,
    struct error *err)
{
	const struct object_query by_label = {.label = pair->label};
	struct key_tag tag, computed;
	CK_OBJECT_HANDLE object;

	*ret_found = false;
	if (!pair->label || !*pair->label || pair->tag_length == 0)
		return ERROR_NONE;
	if (find_companion(
		lease, CKO_PUBLIC_KEY, &by_label, &object, ret_found, err))
		return err->code;
	if (!*ret_found)
		return ERROR_NONE;
	if (public_from_object(lease, object, type, key, ret_found, err))
		return err->code;
	if (!*ret_found)
		return ERROR_NONE;
	if (key_public_tag(key, &computed, err) ||
	    object_read_tag(lease, object, &tag, err))
		return err->code;
	*ret_found = key_tag_equal(&tag, &computed);
	return ERROR_NONE;
}

static enum error_code
read_public(struct token_lease *lease, CK_OBJECT_HANDLE object,
    CK_KEY_TYPE type, const struct object_query *pair, struct key_public *key,
    struct error *err)
{
	bool found;

	if (public_from_object(lease, object, type, key, &found, err))
		return err->code;
	if (!found &&
	    public_from_other_half(lease, type, pair, key, &found, err))
		return err->code;
	if (!found && public_from_certificate(lease, pair, key, &found, err))
		return err->code;
	if (!found &&
	    public_from_unfinished(lease, type, pair, key, &found, err))
		return err->code;
	if (!found)
		return error_set(err, ERROR_INVALID,
		    "the token holds the private half only; put the public key "
		    "or the certificate beside it, with the same CKA_ID");
	return ERROR_NONE;
}

/* "pkcs11:token=...;object=...": never a query part. */
static enum error_code
location_of(const struct slot *slot, const char *label,
    const struct key_tag *tag, char ret_text[KEY_LOCATION_MAX],
    struct error *err)
{
	P11KitUri *uri = p11_kit_uri_new();
	CK_ATTRIBUTE name =
	    *label ? object_attribute(CKA_LABEL, label, strlen(label))
		   : object_attribute(CKA_ID, tag->data, tag->length);
	char *text = NULL;
	int result = P11_KIT_URI_NO_MEMORY;

	if (uri) {
		memcpy(p11_kit_uri_get_token_info(uri)->label,
		    slot->token.label, sizeof(slot->token.label));
		result = p11_kit_uri_set_attribute(uri, &name);
	}
	if (result == P11_KIT_URI_OK)
		result = p11_kit_uri_format(
		    uri, P11_KIT_URI_FOR_OBJECT_ON_TOKEN, &text);
	p11_kit_uri_free(uri);
	if (result != P11_KIT_URI_OK)
		return error_no_memory(err);
	(void)snprintf(ret_text, KEY_LOCATION_MAX, "%s", text);
	free(text);
	return ERROR_NONE;
}

static enum error_code
read_key_type(struct token_lease *lease, CK_OBJECT_HANDLE object,
    CK_KEY_TYPE *ret_type, struct error *err)
{
	size_t length;

	if (object_read(lease, object, CKA_KEY_TYPE, ret_type,
		sizeof(*ret_type), &length, err))
		return err->code;
	if (length != sizeof(*ret_type) ||
	    (*ret_type != CKK_EC && *ret_type != CKK_RSA))
		return error_set(
		    err, ERROR_INVALID, "only EC and RSA keys are supported");
	return ERROR_NONE;
}

enum error_code
object_read_facts(struct token_lease *lease, CK_OBJECT_HANDLE object,
    struct key_facts *ret_facts, struct error *err)
{
	const struct slot *slot = token_slot(lease->token);
	struct key_facts facts = {0};
	char label[KEY_ID_MAX + 1];
	struct object_query pair;
	CK_KEY_TYPE type;

	if (read_key_type(lease, object, &type, err) ||
	    object_read_tag(lease, object, &facts.tag, err) ||
	    object_read_label(lease, object, label, err) ||
	    read_flags(lease, object, &facts, err))
		return err->code;
	pair = (struct object_query){
	    .tag = facts.tag.data,
	    .tag_length = facts.tag.length,
	    .label = *label ? label : NULL,
	};
	if (read_public(lease, object, type, &pair, &facts.public, err) ||
	    location_of(slot, label, &facts.tag, facts.location, err))
		return err->code;
	memcpy(facts.serial, slot->serial, sizeof(facts.serial));
	*ret_facts = facts;
	return ERROR_NONE;
}
