/* SPDX-License-Identifier: MIT */
#include "slot.h"

#include <stdio.h>
#include <string.h>

#include "ckr.h"
#include "near_slot.h"

#define SLOTS_MAX 64

/* The last call that failed in a search; rv is CKR_OK if none did. */
struct failure {
	const char *function;
	CK_RV rv;
};

/* What a search has seen so far. */
struct search {
	P11KitUri *uri;
	unsigned matches;
	struct slot match;
	char seen[256];                /* labels, for people */
	char near[NEAR_SLOT_TEXT_MAX]; /* what is almost it */
	const char *excluded;          /* a module, by what it is */
	struct failure failure;
	struct error trouble; /* of a module that could not be searched */
};

/* Copies a field of CK_TOKEN_INFO without the blanks behind it. */
static void
copy_padded(const unsigned char *field, size_t size, char *ret_text)
{
	size_t length = p11_kit_space_strlen(field, size);

	memcpy(ret_text, field, length);
	ret_text[length] = '\0';
}

static bool
has_failed(struct failure *failure, CK_RV rv, const char *function)
{
	if (rv != CKR_OK)
		*failure = (struct failure){function, rv};
	return rv != CKR_OK;
}

static bool
read_slot(struct module *module, CK_SLOT_ID id, struct slot *ret_slot,
    struct failure *failure)
{
	struct slot slot = {.module = module, .id = id};

	if (has_failed(failure,
		visit_functions()->C_GetTokenInfo(id, &slot.token),
		"C_GetTokenInfo"))
		return false;
	copy_padded(slot.token.label, sizeof(slot.token.label), slot.label);
	copy_padded(slot.token.serialNumber, sizeof(slot.token.serialNumber),
	    slot.serial);
	*ret_slot = slot;
	return slot.token.flags & CKF_TOKEN_INITIALIZED;
}

static bool
slot_matches(struct search *search, const struct slot *slot)
{
	char text[NEAR_SLOT_TEXT_MAX];
	CK_SLOT_INFO info;
	unsigned differences;

	if (has_failed(&search->failure,
		visit_functions()->C_GetSlotInfo(slot->id, &info),
		"C_GetSlotInfo"))
		return false;
	differences = near_slot_differences(slot, &info, search->uri, text);
	if (*text)
		memcpy(search->near, text, sizeof(text));
	return differences == 0;
}

static void
note(struct search *search, const struct slot *slot)
{
	size_t used = strlen(search->seen);

	(void)snprintf(search->seen + used, sizeof(search->seen) - used,
	    "%s'%s' (serial %s)", used ? ", " : "", slot->label, slot->serial);
}

/* The slots that hold a token; their number. */
static CK_ULONG
list_slots(CK_SLOT_ID ret_ids[SLOTS_MAX], struct failure *failure)
{
	CK_ULONG count = SLOTS_MAX;

	if (has_failed(failure,
		visit_functions()->C_GetSlotList(CK_TRUE, ret_ids, &count),
		"C_GetSlotList"))
		return 0;
	return count;
}

static void
search_module(struct search *search, struct module *module)
{
	CK_SLOT_ID ids[SLOTS_MAX];
	CK_ULONG count = list_slots(ids, &search->failure);
	struct slot slot;

	for (CK_ULONG i = 0; i < count; i++) {
		if (!read_slot(module, ids[i], &slot, &search->failure))
			continue;
		note(search, &slot);
		if (!slot_matches(search, &slot))
			continue;
		search->matches++;
		search->match = slot;
	}
}

/* A module that does not work is no reason to do without the others. */
static void
visit_module(struct search *search, struct module *module)
{
	struct visit visit = {.purpose = VISIT_SEARCH};
	unsigned generation;

	if (module_enter(module, &visit, &generation, &search->trouble))
		return;
	if (module_matches(module, search->uri))
		search_module(search, module);
	else
		search->excluded = module_path(module);
	module_leave(module, &visit);
}

static enum error_code
no_match(const struct search *search, const char *text, struct error *err)
{
	if (!*search->seen && search->failure.rv != CKR_OK) {
		(void)error_set_ckr(
		    err, search->failure.rv, search->failure.function);
		return error_wrap(err, "looking for '%s'", text);
	}
	if (!*search->seen && search->trouble.code) {
		*err = search->trouble;
		return err->code;
	}
	if (!*search->seen && search->excluded)
		return error_set(err, ERROR_UNAVAILABLE,
		    "no token matches '%s': module '%s' is another library "
		    "than the URI names",
		    text, search->excluded);
	return error_set(err, ERROR_UNAVAILABLE,
	    "no token matches '%s'%s%s; there %s %s", text,
	    *search->near ? ": " : "", search->near,
	    *search->seen ? "are:" : "is",
	    *search->seen ? search->seen : "no initialized token at all");
}

enum error_code
slot_find(struct modules *modules, P11KitUri *uri, const char *text,
    struct slot *ret_slot, struct error *err)
{
	struct search search = {.uri = uri};
	struct module_list list;

	if (modules_find(modules, uri, &list, err))
		return err->code;
	for (size_t i = 0; i < list.count; i++)
		visit_module(&search, list.items[i]);

	if (search.matches > 1)
		return error_set(err, ERROR_UNAVAILABLE,
		    "%u tokens match '%s'; add ';serial=...' to name one of "
		    "%s",
		    search.matches, text, search.seen);
	if (search.matches == 0)
		return no_match(&search, text, err);
	*ret_slot = search.match;
	return ERROR_NONE;
}

enum error_code
slot_find_again(
    const struct slot *slot, struct slot *ret_slot, struct error *err)
{
	struct failure failure = {NULL, CKR_OK};
	CK_SLOT_ID ids[SLOTS_MAX];
	CK_ULONG count = list_slots(ids, &failure);
	struct slot found;

	for (CK_ULONG i = 0; i < count; i++)
		if (read_slot(slot->module, ids[i], &found, &failure) &&
		    strcmp(found.serial, slot->serial) == 0 &&
		    strcmp(found.label, slot->label) == 0) {
			*ret_slot = found;
			return ERROR_NONE;
		}
	if (failure.rv != CKR_OK)
		return error_set_ckr(err, failure.rv, failure.function);
	return error_set(err, ERROR_UNAVAILABLE,
	    "it (serial %s) is no longer there; put it back", slot->serial);
}
