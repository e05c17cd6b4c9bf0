/* SPDX-License-Identifier: MIT */
#include "lookup.h"

#include <string.h>

#include "near_miss.h"

struct object_query
lookup_query(const struct key_name *name, const struct uri *uri)
{
	const CK_ATTRIBUTE *id =
	    uri ? p11_kit_uri_get_attribute(uri_pkcs11(uri), CKA_ID) : NULL;
	const char *label = uri ? uri_object_label(uri) : NULL;

	if (uri && (id || label))
		return (struct object_query){
		    .label = label,
		    .tag = id ? id->pValue : NULL,
		    .tag_length = id ? id->ulValueLen : 0,
		};
	return (struct object_query){
	    .label = name->label,
	    .tag = name->tag.data,
	    .tag_length = name->tag.length,
	};
}

static const char *
noun_of(enum key_kind kind)
{
	return kind == KEY_PAIR ? "private key" : "secret key";
}

/*
 * A URI may say what type it names; only a key that can be used is of use
 * here.
 */
static enum error_code
check_type(enum key_kind kind, const struct uri *uri, struct error *err)
{
	const CK_ATTRIBUTE *type =
	    uri ? p11_kit_uri_get_attribute(uri_pkcs11(uri), CKA_CLASS) : NULL;
	CK_OBJECT_CLASS wanted = object_class(kind), class;

	if (!type)
		return ERROR_NONE;
	memcpy(&class, type->pValue, sizeof(class));
	if (class == wanted)
		return ERROR_NONE;
	return error_set(err, ERROR_INVALID,
	    "the URI must name a %s: type=%s, or no type", noun_of(kind),
	    kind == KEY_PAIR ? "private" : "secret-key");
}

static enum error_code
no_such_key(struct token_lease *lease, const struct key_name *name,
    const struct object_query *query, struct error *err)
{
	(void)error_set(err, ERROR_NOT_FOUND, "token '%s' has no %s '%s'%s",
	    token_slot(lease->token)->label, noun_of(name->kind),
	    query->label ? query->label : name->label,
	    token_has_pin(lease->token)
		? ""
		: " that can be seen without a PIN; add pin-source to the URI");
	if (name->uri && name->candid)
		near_miss_append(lease, name->kind, query, err);
	return err->code;
}

enum error_code
lookup_key(struct token_lease *lease, const struct key_name *name,
    const struct uri *uri, CK_OBJECT_HANDLE *ret_key, struct error *err)
{
	struct object_query query = lookup_query(name, uri);
	struct object_list list;
	enum error_code code;

	if (check_type(name->kind, uri, err))
		return err->code;
	code = uri ? object_find(lease, object_class(name->kind), &query, false,
			 &list, err)
		   : object_find_named(lease, object_class(name->kind), &query,
			 false, &list, err);
	if (code)
		return code;
	if (list.count == 0)
		return no_such_key(lease, name, &query, err);
	if (list.count > 1)
		return error_set(err, ERROR_INVALID,
		    "token '%s' has %lu %ss '%s'; name one by id=",
		    token_slot(lease->token)->label, list.count,
		    noun_of(name->kind),
		    query.label ? query.label : name->label);
	*ret_key = list.items[0];
	return ERROR_NONE;
}
