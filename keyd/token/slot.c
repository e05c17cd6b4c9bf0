/* SPDX-License-Identifier: MIT */
#include "slot.h"

#include <stdio.h>
#include <string.h>

#include "ckr.h"

#define SLOTS_MAX 64
#define NO_SLOT_ID ((CK_SLOT_ID)-1)

/* What a search has seen so far. */
struct search {
	P11KitUri *uri;
	unsigned matches;
	struct slot match;
	char seen[256]; /* labels, for people */
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
read_slot(struct module *module, CK_SLOT_ID id, struct slot *ret_slot)
{
	struct slot slot = {.module = module, .id = id};

	if (module_functions(module)->C_GetTokenInfo(id, &slot.token))
		return false;
	copy_padded(slot.token.label, sizeof(slot.token.label), slot.label);
	copy_padded(slot.token.serialNumber, sizeof(slot.token.serialNumber),
	    slot.serial);
	*ret_slot = slot;
	return slot.token.flags & CKF_TOKEN_INITIALIZED;
}

static bool
slot_matches(const struct slot *slot, P11KitUri *uri)
{
	CK_SLOT_ID wanted = p11_kit_uri_get_slot_id(uri);
	CK_SLOT_INFO info;

	if (wanted != NO_SLOT_ID && wanted != slot->id)
		return false;
	if (module_functions(slot->module)->C_GetSlotInfo(slot->id, &info))
		return false;
	return p11_kit_uri_match_slot_info(uri, &info) == 1 &&
	       p11_kit_uri_match_token_info(uri, &slot->token) == 1;
}

static void
note(struct search *search, const struct slot *slot)
{
	size_t used = strlen(search->seen);

	(void)snprintf(search->seen + used, sizeof(search->seen) - used,
	    "%s'%s' (serial %s)", used ? ", " : "", slot->label, slot->serial);
}

/* The slots of module that hold a token; their number. */
static CK_ULONG
list_slots(const struct module *module, CK_SLOT_ID ret_ids[SLOTS_MAX])
{
	CK_ULONG count = SLOTS_MAX;

	if (module_functions(module)->C_GetSlotList(CK_TRUE, ret_ids, &count))
		return 0;
	return count;
}

static void
search_module(struct search *search, struct module *module)
{
	CK_SLOT_ID ids[SLOTS_MAX];
	CK_ULONG count = list_slots(module, ids);
	struct slot slot;

	for (CK_ULONG i = 0; i < count; i++) {
		if (!read_slot(module, ids[i], &slot))
			continue;
		note(search, &slot);
		if (!slot_matches(&slot, search->uri))
			continue;
		search->matches++;
		search->match = slot;
	}
}

enum error_code
slot_find(struct modules *modules, P11KitUri *uri, const char *text,
    struct slot *ret_slot, struct error *err)
{
	struct search search = {.uri = uri};
	struct module_list list;
	unsigned generation;

	if (modules_find(modules, uri, &list, err))
		return err->code;
	for (size_t i = 0; i < list.count; i++) {
		if (module_enter(list.items[i], &generation, err))
			return err->code;
		search_module(&search, list.items[i]);
		module_leave(list.items[i]);
	}

	if (search.matches > 1)
		return error_set(err, ERROR_UNAVAILABLE,
		    "%u tokens match '%s'; add ';serial=...' to name one of "
		    "%s",
		    search.matches, text, search.seen);
	if (search.matches == 0)
		return error_set(err, ERROR_UNAVAILABLE,
		    "no token matches '%s'; there %s %s", text,
		    *search.seen ? "are:" : "is",
		    *search.seen ? search.seen : "no initialized token at all");
	*ret_slot = search.match;
	return ERROR_NONE;
}

enum error_code
slot_find_again(
    const struct slot *slot, struct slot *ret_slot, struct error *err)
{
	CK_SLOT_ID ids[SLOTS_MAX];
	CK_ULONG count = list_slots(slot->module, ids);
	struct slot found;

	for (CK_ULONG i = 0; i < count; i++)
		if (read_slot(slot->module, ids[i], &found) &&
		    strcmp(found.serial, slot->serial) == 0 &&
		    strcmp(found.label, slot->label) == 0) {
			*ret_slot = found;
			return ERROR_NONE;
		}
	return error_set(err, ERROR_UNAVAILABLE,
	    "token '%s' (serial %s) is no longer there; put it back",
	    slot->label, slot->serial);
}
