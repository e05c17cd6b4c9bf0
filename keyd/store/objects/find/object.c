/* SPDX-License-Identifier: MIT */
#include "object.h"

#include <string.h>

#include "ckr.h"

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

CK_OBJECT_CLASS
object_class(enum key_kind kind)
{
	return kind == KEY_PAIR ? CKO_PRIVATE_KEY : CKO_SECRET_KEY;
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

/*
 * A session shows private objects while the user is logged in. When somebody
 * has closed the session that keeps the login, or has initialized the module
 * anew, another can be opened, or is there by the number of an old one, and
 * shows none: that is no answer, and is not noticed by anything else.
 */
static enum error_code
check_login(struct token_lease *lease, struct error *err)
{
	CK_SESSION_INFO info = {0};
	CK_RV rv;

	if (!token_has_pin(lease->token))
		return ERROR_NONE;
	rv = lease->functions->C_GetSessionInfo(lease->session, &info);
	if (rv == CKR_OK && info.state != CKS_RW_USER_FUNCTIONS &&
	    info.state != CKS_RO_USER_FUNCTIONS)
		rv = CKR_USER_NOT_LOGGED_IN;
	/* Another thread may have logged in since. */
	if (rv == CKR_OK && token_generation(lease->token) != lease->generation)
		rv = CKR_SESSION_HANDLE_INVALID;
	return rv == CKR_OK ? ERROR_NONE
			    : token_failed(lease, rv, "C_GetSessionInfo", err);
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
	if (code == ERROR_NONE && ret_list->count == 0)
		return check_login(lease, err);
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
