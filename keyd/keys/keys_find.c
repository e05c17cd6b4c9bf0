/* SPDX-License-Identifier: MIT */
#include "keys_find.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CANDIDATES_MAX 512

const char *
keys_preloaded_uri(const struct keys *keys, const char *id)
{
	for (size_t i = 0; i < keys->parts.preloaded_count; i++)
		if (strcmp(keys->parts.preloaded[i].id, id) == 0)
			return keys->parts.preloaded[i].uri;
	return NULL;
}

struct key_name
keys_name_of(const struct index_record *record)
{
	return (struct key_name){
	    .serial = record->serial,
	    .label = record->label,
	    .tag = record->tag,
	};
}

/* ---- adoption: objects that aziot, or a tool, left in the token ---- */

struct candidate {
	char label[KEY_ID_MAX + 1];
	struct key_tag tag;
};

struct candidates {
	struct keys *keys;
	char serial[KEY_SERIAL_MAX + 1];
	size_t count;
	struct candidate items[CANDIDATES_MAX];
};

/* A key that an operator preloaded under another id stays the operator's. */
static bool
is_preloaded(
    const struct keys *keys, const char *serial, const struct key_tag *tag)
{
	for (size_t i = 0; i < keys->parts.preloaded_count; i++) {
		const struct keys_preloaded *item = &keys->parts.preloaded[i];
		struct key_name name = {.uri = item->uri, .label = item->id};
		struct key_facts facts;
		struct error err;

		if (key_store_find(keys->parts.store, &name, &facts, &err) ==
			ERROR_NONE &&
		    facts.tag.length > 0 && key_tag_equal(&facts.tag, tag) &&
		    strcmp(facts.serial, serial) == 0)
			return true;
	}
	return false;
}

static void
note_candidate(void *context, const char *label, const struct key_tag *tag)
{
	struct candidates *candidates = context;
	struct candidate *next = &candidates->items[candidates->count];
	struct error err;

	if (candidates->count == CANDIDATES_MAX || key_id_check(label, &err) ||
	    key_id_is_reserved(label) ||
	    index_owns(
		candidates->keys->parts.index, candidates->serial, tag, label))
		return;
	(void)snprintf(next->label, sizeof(next->label), "%s", label);
	next->tag = *tag;
	candidates->count++;
}

static enum error_code
collect(struct keys *keys, const char *label, struct candidates *candidates,
    struct error *err)
{
	candidates->keys = keys;
	candidates->count = 0;
	if (key_store_check(keys->parts.store, candidates->serial, err))
		return err->code;
	return key_store_list(keys->parts.store, KEY_PAIR, label,
	    note_candidate, candidates, err);
}

/* What aziot made has no CKA_ID. With one, a move is a change of the index. */
static void
give_tag(struct keys *keys, const struct key_facts *facts,
    struct index_record *record)
{
	struct key_name name = keys_name_of(record);
	struct key_tag tag;
	struct error err;

	if (record->tag.length > 0 ||
	    key_public_tag(&facts->public, &tag, &err) ||
	    key_store_set_tag(keys->parts.store, &name, &tag, &err))
		return;
	record->tag = tag;
}

static enum error_code
adopt(struct keys *keys, const char *serial, const struct candidate *candidate,
    struct error *err)
{
	struct index_record record = {.tag = candidate->tag};
	struct key_facts facts;
	struct key_name name;

	(void)snprintf(record.id, sizeof(record.id), "%s", candidate->label);
	(void)snprintf(
	    record.label, sizeof(record.label), "%s", candidate->label);
	(void)snprintf(record.serial, sizeof(record.serial), "%s", serial);
	name = keys_name_of(&record);
	if (key_store_find(keys->parts.store, &name, &facts, err))
		return err->code;
	give_tag(keys, &facts, &record);
	record.algorithm = facts.public.algorithm;
	return index_put(keys->parts.index, &record, err);
}

/* Fails unless there is one, and it is not the operator's. */
static enum error_code
check_candidates(const struct keys *keys, const struct candidates *candidates,
    const char *id, struct error *err)
{
	if (candidates->count > 1)
		return error_set(err, ERROR_INVALID,
		    "the token has %zu private keys with the label '%s'; "
		    "remove all but one",
		    candidates->count, id);
	if (candidates->count == 0 ||
	    is_preloaded(keys, candidates->serial, &candidates->items[0].tag))
		return error_set(err, ERROR_NOT_FOUND, "no key pair '%s'", id);
	return ERROR_NONE;
}

static enum error_code
adopt_by_label(struct keys *keys, const char *id, struct error *err)
{
	struct candidates *candidates = malloc(sizeof(*candidates));
	enum error_code code;

	if (!candidates)
		return error_no_memory(err);
	code = collect(keys, id, candidates, err);
	if (code == ERROR_NONE)
		code = check_candidates(keys, candidates, id, err);
	if (code == ERROR_NONE)
		code =
		    adopt(keys, candidates->serial, &candidates->items[0], err);
	free(candidates);
	return code;
}

static bool
is_unique(const struct candidates *candidates, const struct candidate *one)
{
	size_t count = 0;

	for (size_t i = 0; i < candidates->count; i++)
		if (strcmp(candidates->items[i].label, one->label) == 0)
			count++;
	return count == 1;
}

static bool
is_to_adopt(const struct keys *keys, const struct candidates *candidates,
    const struct candidate *one)
{
	struct index_record known;

	return !index_get(keys->parts.index, one->label, &known) &&
	       !keys_preloaded_uri(keys, one->label) &&
	       is_unique(candidates, one) &&
	       !is_preloaded(keys, candidates->serial, &one->tag);
}

void
keys_adopt_all(struct keys *keys)
{
	struct candidates *candidates = malloc(sizeof(*candidates));
	struct error err;

	if (candidates && collect(keys, NULL, candidates, &err) == ERROR_NONE)
		for (size_t i = 0; i < candidates->count; i++) {
			const struct candidate *one = &candidates->items[i];

			if (is_to_adopt(keys, candidates, one) &&
			    adopt(keys, candidates->serial, one, &err))
				continue; /* it does not hide the others */
		}
	free(candidates);
}

/* ---- finding ---- */

static enum error_code
find_in_index(struct keys *keys, const char *id, struct key_place *place,
    struct key_facts *ret_facts, struct error *err)
{
	if (!index_get(keys->parts.index, id, &place->record))
		return error_set(err, ERROR_NOT_FOUND, "no key pair '%s'", id);
	place->name = keys_name_of(&place->record);
	return key_store_find(keys->parts.store, &place->name, ret_facts, err);
}

static enum error_code
find_or_adopt(struct keys *keys, const char *id, struct key_place *place,
    struct key_facts *ret_facts, struct error *err)
{
	enum error_code code = find_in_index(keys, id, place, ret_facts, err);

	if (code != ERROR_NOT_FOUND)
		return code;
	code = adopt_by_label(keys, id, err);
	/* Another thread may have been first; what it found is as good. */
	if (code != ERROR_NONE && code != ERROR_EXISTS)
		return code;
	return find_in_index(keys, id, place, ret_facts, err);
}

/* Who may read the token anyway. */
static bool
is_operator(uid_t uid)
{
	return uid == 0 || uid == geteuid();
}

enum error_code
keys_find(struct keys *keys, const struct peer *who, const char *id,
    struct key_place *ret_place, struct key_facts *ret_facts, struct error *err)
{
	const char *uri = keys_preloaded_uri(keys, id);

	*ret_place = (struct key_place){.preloaded = uri != NULL};
	if (!uri)
		return find_or_adopt(keys, id, ret_place, ret_facts, err);
	ret_place->name = (struct key_name){
	    .uri = uri, .label = id, .candid = is_operator(who->uid)};
	if (key_store_find(keys->parts.store, &ret_place->name, ret_facts, err))
		return error_wrap(err, "preloaded key '%s'", id);
	return ERROR_NONE;
}
