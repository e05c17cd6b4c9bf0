/* SPDX-License-Identifier: MIT */
#include "facts.h"

#include <stdio.h>
#include <string.h>

#include "half.h"

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
read_number(struct token_lease *lease, CK_OBJECT_HANDLE object,
    CK_ATTRIBUTE_TYPE type, CK_ULONG *ret_number, struct error *err)
{
	size_t length;

	if (object_read(lease, object, type, ret_number, sizeof(*ret_number),
		&length, err))
		return err->code;
	if (length != sizeof(*ret_number))
		*ret_number = CK_UNAVAILABLE_INFORMATION;
	return ERROR_NONE;
}

/* What a key may be used for; type says whether the key can do it at all. */
static enum error_code
read_usage(struct token_lease *lease, CK_OBJECT_HANDLE object,
    struct key_facts *facts, struct error *err)
{
	bool signs, decrypts, derives, encrypts;

	if (read_flag(lease, object, CKA_SIGN, true, &signs, err) ||
	    read_flag(lease, object, CKA_DECRYPT, false, &decrypts, err) ||
	    read_flag(lease, object, CKA_DERIVE, false, &derives, err) ||
	    read_flag(lease, object, CKA_ENCRYPT, false, &encrypts, err))
		return err->code;
	if (facts->kind == KEY_PAIR)
		facts->usage = (signs ? KEY_SIGNS : 0) |
			       (decrypts ? KEY_DECRYPTS : 0) |
			       (derives ? KEY_DERIVES : 0);
	else
		facts->usage = (signs ? KEY_SIGNS | KEY_DERIVES : 0) |
			       (encrypts ? KEY_ENCRYPTS : 0);
	return ERROR_NONE;
}

/* What is there of every key. */
static enum error_code
read_common(struct token_lease *lease, CK_OBJECT_HANDLE object,
    struct key_facts *facts, char ret_label[KEY_ID_MAX + 1], struct error *err)
{
	const struct slot *slot = token_slot(lease->token);

	if (object_read_tag(lease, object, &facts->tag, err) ||
	    object_read_label(lease, object, ret_label, err) ||
	    read_flags(lease, object, facts, err) ||
	    read_usage(lease, object, facts, err))
		return err->code;
	memcpy(facts->serial, slot->serial, sizeof(facts->serial));
	return location_of(slot, ret_label, &facts->tag, facts->location, err);
}

enum error_code
facts_read_pair(struct token_lease *lease, CK_OBJECT_HANDLE object,
    const char *half_file, struct key_facts *ret_facts, struct error *err)
{
	struct key_facts facts = {.kind = KEY_PAIR};
	char label[KEY_ID_MAX + 1];
	struct half_owner owner = {.object = object, .file = half_file};

	if (read_common(lease, object, &facts, label, err) ||
	    read_number(lease, object, CKA_KEY_TYPE, &owner.type, err))
		return err->code;
	owner.signs = facts.usage & KEY_SIGNS;
	owner.pair = (struct object_query){
	    .tag = facts.tag.data,
	    .tag_length = facts.tag.length,
	    .label = *label ? label : NULL,
	};
	if (half_find(lease, &owner, &facts.public, err))
		return err->code;
	*ret_facts = facts;
	return ERROR_NONE;
}

enum error_code
facts_read_secret(struct token_lease *lease, CK_OBJECT_HANDLE object,
    struct key_facts *ret_facts, struct error *err)
{
	struct key_facts facts = {.kind = KEY_SECRET};
	char label[KEY_ID_MAX + 1];
	CK_KEY_TYPE type;
	CK_ULONG length;

	if (read_common(lease, object, &facts, label, err) ||
	    read_number(lease, object, CKA_KEY_TYPE, &type, err) ||
	    read_number(lease, object, CKA_VALUE_LEN, &length, err))
		return err->code;
	if (type != CKK_AES && type != CKK_GENERIC_SECRET &&
	    type != CKK_SHA256_HMAC)
		return error_set(err, ERROR_INVALID,
		    "the secret is neither for HMAC-SHA256 nor for AES");
	facts.usage &= type == CKK_AES ? KEY_ENCRYPTS : KEY_SIGNS | KEY_DERIVES;
	if (length != CK_UNAVAILABLE_INFORMATION)
		facts.bits = (unsigned)length * 8;
	*ret_facts = facts;
	return ERROR_NONE;
}

enum error_code
facts_check_guards(const struct key_facts *facts, struct error *err)
{
	if (!facts->sensitive || facts->extractable)
		return error_set(err, ERROR_INVALID,
		    "the token made a key that it would give away; such a "
		    "token is of no use");
	return ERROR_NONE;
}
