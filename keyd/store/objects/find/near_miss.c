/* SPDX-License-Identifier: MIT */
#include "near_miss.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define LABELS_MAX 8
#define ID_TEXT_MAX (3 * KEY_TAG_MAX + 1)

static void append(struct error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void
append(struct error *err, const char *format, ...)
{
	size_t used = strlen(err->message);
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(err->message + used, sizeof(err->message) - used,
	    format, arguments);
	va_end(arguments);
}

/* The first object of class that query finds. */
static bool
find_one(struct token_lease *lease, CK_OBJECT_CLASS class,
    const struct object_query *query, CK_OBJECT_HANDLE *ret_object)
{
	struct object_list list;
	struct error ignored;

	if (object_find(lease, class, query, false, &list, &ignored) ||
	    list.count == 0)
		return false;
	*ret_object = list.items[0];
	return true;
}

/* As RFC 7512 writes it. */
static void
id_text(const struct key_tag *tag, char ret_text[ID_TEXT_MAX])
{
	*ret_text = '\0';
	for (size_t i = 0; i < tag->length; i++)
		(void)snprintf(ret_text + 3 * i, 4, "%%%02x", tag->data[i]);
}

/* The label is right, and the id is another. */
static bool
has_other_id(struct token_lease *lease, CK_OBJECT_CLASS class,
    const struct object_query *query, struct error *err)
{
	const struct object_query by_label = {.label = query->label};
	char id[ID_TEXT_MAX];
	CK_OBJECT_HANDLE object;
	struct error ignored;
	struct key_tag tag;

	if (!query->label || query->tag_length == 0 ||
	    !find_one(lease, class, &by_label, &object) ||
	    object_read_tag(lease, object, &tag, &ignored))
		return false;
	id_text(&tag, id);
	append(err, "; '%s' has %s%s", query->label,
	    tag.length > 0 ? "another id: id=" : "no id", id);
	return true;
}

/* The id is right, and the label is another. */
static bool
has_other_label(struct token_lease *lease, CK_OBJECT_CLASS class,
    const struct object_query *query, struct error *err)
{
	const struct object_query by_tag = {
	    .tag = query->tag, .tag_length = query->tag_length};
	char label[KEY_ID_MAX + 1];
	CK_OBJECT_HANDLE object;
	struct error ignored;

	if (!query->label || query->tag_length == 0 ||
	    !find_one(lease, class, &by_tag, &object) ||
	    object_read_label(lease, object, label, &ignored))
		return false;
	append(err, "; the key with this id is '%s'", label);
	return true;
}

/* There is one of this name, but of another type=. */
static bool
has_other_type(struct token_lease *lease, CK_OBJECT_CLASS class,
    const struct object_query *query, struct error *err)
{
	static const struct {
		CK_OBJECT_CLASS class;
		const char *name;
	} types[] = {
	    {CKO_PRIVATE_KEY, "a private key (type=private)"   },
	    {CKO_SECRET_KEY,  "a secret key (type=secret-key)" },
	    {CKO_PUBLIC_KEY,  "a public key only (type=public)"},
	    {CKO_CERTIFICATE, "a certificate only (type=cert)" },
	};
	CK_OBJECT_HANDLE object;

	if (!query->label && query->tag_length == 0)
		return false;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (types[i].class != class &&
		    find_one(lease, types[i].class, query, &object)) {
			append(err, "; what it has of this name is %s",
			    types[i].name);
			return true;
		}
	return false;
}

static bool
has_other_case(struct token_lease *lease, const struct object_list *list,
    const char *wanted, struct error *err)
{
	char label[KEY_ID_MAX + 1];
	struct error ignored;

	for (CK_ULONG i = 0; wanted && i < list->count; i++)
		if (object_read_label(lease, list->items[i], label, &ignored) ==
			ERROR_NONE &&
		    strcasecmp(label, wanted) == 0) {
			append(err, "; '%s' differs only in case", label);
			return true;
		}
	return false;
}

static void
append_labels(struct token_lease *lease, const struct object_list *list,
    struct error *err)
{
	char label[KEY_ID_MAX + 1];
	struct error ignored;

	for (CK_ULONG i = 0; i < list->count && i < LABELS_MAX; i++)
		if (object_read_label(lease, list->items[i], label, &ignored) ==
		    ERROR_NONE)
			append(
			    err, "%s'%s'", i == 0 ? "; it has: " : ", ", label);
}

void
near_miss_append(struct token_lease *lease, enum key_kind kind,
    const struct object_query *query, struct error *err)
{
	const struct object_query everything = {0};
	CK_OBJECT_CLASS class = object_class(kind);
	struct object_list list;
	struct error ignored;

	if (has_other_id(lease, class, query, err) ||
	    has_other_label(lease, class, query, err) ||
	    has_other_type(lease, class, query, err))
		return;
	if (object_find(lease, class, &everything, false, &list, &ignored) ||
	    has_other_case(lease, &list, query->label, err))
		return;
	append_labels(lease, &list, err);
}
