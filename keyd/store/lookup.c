/* SPDX-License-Identifier: MIT */
#include "lookup.h"

#include <stdio.h>
#include <string.h>

#define NEAR_MISSES_MAX 8

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

/* Appends up to a few of the names that there are instead. */
static void
append_labels(
    struct token_lease *lease, const struct key_name *name, struct error *err)
{
	struct object_query everything = {0};
	struct object_list list;
	char label[KEY_ID_MAX + 1];
	struct error ignored;

	if (object_find(lease, object_class(name->kind), &everything, false,
		&list, &ignored))
		return;
	for (CK_ULONG i = 0; i < list.count && i < NEAR_MISSES_MAX; i++) {
		size_t used = strlen(err->message);

		if (object_read_label(lease, list.items[i], label, &ignored))
			return;
		(void)snprintf(err->message + used, sizeof(err->message) - used,
		    "%s'%s'", i == 0 ? "; it has: " : ", ", label);
	}
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
		append_labels(lease, name, err);
	return err->code;
}

enum error_code
lookup_key(struct token_lease *lease, const struct key_name *name,
    const struct uri *uri, CK_OBJECT_HANDLE *ret_key, struct error *err)
{
	struct object_query query = lookup_query(name, uri);
	struct object_list list;
	enum error_code code;

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
