/* SPDX-License-Identifier: MIT */
#include "change.h"

#include "ckr.h"

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
narrow(struct token_lease *lease, CK_OBJECT_CLASS class,
    const struct object_query *query, struct object_query *ret_exact,
    struct error *err)
{
	struct object_query exact = *query;
	struct object_list list;

	if (object_find(lease, class, &exact, false, &list, err))
		return err->code;
	if (list.count == 0 && exact.tag_length > 0) {
		exact.label = NULL;
		if (object_find(lease, class, &exact, false, &list, err))
			return err->code;
	}
	if (list.count > 1)
		return error_set(err, ERROR_INVALID,
		    "the token has %lu keys of this name; give them "
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

/*
 * All is found before the first is destroyed: a search that failed in between
 * would have the call repeated, when the key's name may lead to another.
 */
static enum error_code
find_whole(struct token_lease *lease, enum key_kind kind,
    const struct object_query *exact, struct object_list *ret_keys,
    struct object_list *ret_copies, struct object_list *ret_public,
    struct error *err)
{
	CK_OBJECT_CLASS class = object_class(kind);

	ret_public->count = 0;
	if (object_find(lease, class, exact, false, ret_keys, err) ||
	    object_find(lease, class, exact, true, ret_copies, err))
		return err->code;
	return kind == KEY_PAIR ? object_find(lease, CKO_PUBLIC_KEY, exact,
				      false, ret_public, err)
				: ERROR_NONE;
}

/* The private half goes first: without it the rest is worth nothing. */
enum error_code
change_destroy(struct token_lease *lease, enum key_kind kind,
    const struct object_query *query, struct error *err)
{
	struct object_list keys, copies, public;
	struct object_query exact;

	if (narrow(lease, object_class(kind), query, &exact, err) ||
	    find_whole(lease, kind, &exact, &keys, &copies, &public, err) ||
	    destroy_all(lease, &keys, err) || destroy_all(lease, &copies, err))
		return err->code;
	return destroy_all(lease, &public, err);
}

enum error_code
change_set_object(struct token_lease *lease, CK_OBJECT_HANDLE object,
    const CK_ATTRIBUTE *attribute, struct error *err)
{
	CK_ATTRIBUTE copy = *attribute;
	CK_RV rv = lease->functions->C_SetAttributeValue(
	    lease->session, object, &copy, 1);

	if (rv != CKR_OK)
		return token_failed(lease, rv, "C_SetAttributeValue", err);
	return ERROR_NONE;
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
		if (change_set_object(lease, list.items[i], attribute, err))
			return err->code;
	*count += list.count;
	return ERROR_NONE;
}

/* Session copies would keep what they were copied with; they go. */
enum error_code
change_set(struct token_lease *lease, enum key_kind kind,
    const struct object_query *query, const CK_ATTRIBUTE *attribute,
    size_t *ret_count, struct error *err)
{
	CK_OBJECT_CLASS class = object_class(kind);
	struct object_query exact;

	*ret_count = 0;
	if (narrow(lease, class, query, &exact, err) ||
	    destroy_class(lease, class, &exact, true, err))
		return err->code;
	if (kind == KEY_PAIR && set_on_class(lease, CKO_PUBLIC_KEY, &exact,
				    attribute, ret_count, err))
		return err->code;
	return set_on_class(lease, class, &exact, attribute, ret_count, err);
}

void
change_undo(struct token_lease *lease, CK_OBJECT_HANDLE object)
{
	(void)lease->functions->C_DestroyObject(lease->session, object);
}
