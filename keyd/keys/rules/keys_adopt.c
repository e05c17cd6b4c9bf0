/* SPDX-License-Identifier: MIT */
/* Keys that aziot, or a tool, left in the token, or aziot in a file. */
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keys_find.h"

#define CANDIDATES_MAX 512
#define RANDOM_TAG_SIZE 20 /* as those of pairs */

struct candidate {
	char label[KEY_ID_MAX + 1];
	struct key_tag tag;
};

struct candidates {
	struct keys *keys;
	enum key_kind kind;
	char serial[KEY_SERIAL_MAX + 1];
	size_t count;
	struct candidate items[CANDIDATES_MAX];
};

/* A key that an operator preloaded under another id stays the operator's. */
static bool
is_preloaded(const struct candidates *candidates, const struct key_tag *tag)
{
	const struct keys_parts *parts = &candidates->keys->parts;

	for (size_t i = 0; i < parts->preloaded_count; i++) {
		const struct keys_preloaded *item = &parts->preloaded[i];
		struct key_name name = {.kind = candidates->kind,
		    .uri = item->uri,
		    .label = item->id};
		struct key_facts facts;
		struct error err;

		if (key_store_find(parts->store, &name, &facts, &err) ==
			ERROR_NONE &&
		    facts.tag.length > 0 && key_tag_equal(&facts.tag, tag) &&
		    strcmp(facts.serial, candidates->serial) == 0)
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
	    index_owns(candidates->keys->parts.index, candidates->kind,
		candidates->serial, tag, label))
		return;
	(void)snprintf(next->label, sizeof(next->label), "%s", label);
	next->tag = *tag;
	candidates->count++;
}

static enum error_code
collect(struct keys *keys, enum key_kind kind, const char *label,
    struct candidates *candidates, struct error *err)
{
	candidates->keys = keys;
	candidates->kind = kind;
	candidates->count = 0;
	if (key_store_check(keys->parts.store, candidates->serial, err))
		return err->code;
	return key_store_list(
	    keys->parts.store, kind, label, note_candidate, candidates, err);
}

static enum error_code
make_tag(
    const struct key_facts *facts, struct key_tag *ret_tag, struct error *err)
{
	if (facts->kind == KEY_PAIR)
		return key_public_tag(&facts->public, ret_tag, err);
	ret_tag->length = RANDOM_TAG_SIZE;
	if (RAND_bytes(ret_tag->data, RANDOM_TAG_SIZE) != 1)
		return error_set_openssl(err, ERROR_INTERNAL, "RAND_bytes");
	return ERROR_NONE;
}

/* What aziot made has no CKA_ID. With one, a move is a change of the index. */
static void
give_tag(struct keys *keys, const struct key_facts *facts,
    struct index_record *record)
{
	struct key_name name = keys_name_of(record);
	struct key_tag tag;
	struct error err;

	if (record->tag.length > 0 || make_tag(facts, &tag, &err) ||
	    key_store_set_tag(keys->parts.store, &name, &tag, &err))
		return;
	record->tag = tag;
}

static struct index_record
record_of(enum key_kind kind, const char *id)
{
	struct index_record record = {.kind = kind};

	(void)snprintf(record.id, sizeof(record.id), "%s", id);
	(void)snprintf(record.label, sizeof(record.label), "%s", id);
	return record;
}

static enum error_code
adopt(const struct candidates *candidates, const struct candidate *candidate,
    struct error *err)
{
	struct keys *keys = candidates->keys;
	struct index_record record =
	    record_of(candidates->kind, candidate->label);
	struct key_facts facts;
	struct key_name name;

	record.tag = candidate->tag;
	(void)snprintf(
	    record.serial, sizeof(record.serial), "%s", candidates->serial);
	name = keys_name_of(&record);
	if (key_store_find(keys->parts.store, &name, &facts, err))
		return err->code;
	give_tag(keys, &facts, &record);
	record.algorithm = facts.public.algorithm;
	return index_put(keys->parts.index, &record, err);
}

static enum error_code
not_found(enum key_kind kind, const char *id, struct error *err)
{
	return error_set(err, ERROR_NOT_FOUND, "no %s '%s'",
	    kind == KEY_PAIR ? "key pair" : "symmetric key", id);
}

/* Fails unless there is one, and it is not the operator's. */
static enum error_code
check_candidates(
    const struct candidates *candidates, const char *id, struct error *err)
{
	if (candidates->count > 1)
		return error_set(err, ERROR_INVALID,
		    "the token has %zu %s keys with the label '%s'; remove all "
		    "but one",
		    candidates->count,
		    candidates->kind == KEY_PAIR ? "private" : "secret", id);
	if (candidates->count == 0 ||
	    is_preloaded(candidates, &candidates->items[0].tag))
		return not_found(candidates->kind, id, err);
	return ERROR_NONE;
}

static enum error_code
adopt_from_token(
    struct keys *keys, enum key_kind kind, const char *id, struct error *err)
{
	struct candidates *candidates = malloc(sizeof(*candidates));
	enum error_code code;

	if (!candidates)
		return error_no_memory(err);
	code = collect(keys, kind, id, candidates, err);
	if (code == ERROR_NONE)
		code = check_candidates(candidates, id, err);
	if (code == ERROR_NONE)
		code = adopt(candidates, &candidates->items[0], err);
	free(candidates);
	return code;
}

static enum error_code
adopt_from_file(struct keys *keys, const char *id, struct error *err)
{
	struct index_record record = record_of(KEY_SECRET, id);
	struct key_facts facts;
	struct key_name name;

	record.in_file = true;
	name = keys_name_of(&record);
	if (key_store_find(keys->parts.store, &name, &facts, err))
		return err->code == ERROR_NOT_FOUND
			   ? not_found(KEY_SECRET, id, err)
			   : err->code;
	return index_put(keys->parts.index, &record, err);
}

enum error_code
keys_adopt(
    struct keys *keys, enum key_kind kind, const char *id, struct error *err)
{
	enum error_code code = adopt_from_token(keys, kind, id, err);

	if (code != ERROR_NOT_FOUND || kind == KEY_PAIR)
		return code;
	return adopt_from_file(keys, id, err);
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
is_to_adopt(const struct candidates *candidates, const struct candidate *one)
{
	const struct keys *keys = candidates->keys;
	struct index_record known;

	return !index_get(
		   keys->parts.index, candidates->kind, one->label, &known) &&
	       !keys_preloaded_uri(keys, one->label) &&
	       is_unique(candidates, one) &&
	       !is_preloaded(candidates, &one->tag);
}

static void
adopt_all_of_kind(
    struct keys *keys, enum key_kind kind, struct candidates *candidates)
{
	struct error err;

	if (collect(keys, kind, NULL, candidates, &err))
		return;
	for (size_t i = 0; i < candidates->count; i++) {
		const struct candidate *one = &candidates->items[i];

		if (is_to_adopt(candidates, one) &&
		    adopt(candidates, one, &err))
			continue; /* it does not hide the others */
	}
}

void
keys_adopt_all(struct keys *keys)
{
	struct candidates *candidates = malloc(sizeof(*candidates));

	if (!candidates)
		return;
	adopt_all_of_kind(keys, KEY_PAIR, candidates);
	adopt_all_of_kind(keys, KEY_SECRET, candidates);
	free(candidates);
}
