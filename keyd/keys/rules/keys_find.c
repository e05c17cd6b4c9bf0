/* SPDX-License-Identifier: MIT */
#include "keys_find.h"

#include <string.h>
#include <unistd.h>

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
	    .kind = record->kind,
	    .serial = record->serial,
	    .label = record->label,
	    .tag = record->tag,
	    .in_file = record->in_file,
	};
}

static enum error_code
find_in_index(struct keys *keys, const struct key_ref *key,
    struct key_place *place, struct key_facts *ret_facts, struct error *err)
{
	if (!index_get(keys->parts.index, key->kind, key->id, &place->record))
		return error_set(err, ERROR_NOT_FOUND, "no %s '%s'",
		    key->kind == KEY_PAIR ? "key pair" : "symmetric key",
		    key->id);
	place->name = keys_name_of(&place->record);
	if (key_store_find(keys->parts.store, &place->name, ret_facts, err))
		return err->code;
	/* A file does not know what its bytes are for. */
	if (place->record.usage)
		ret_facts->usage &= place->record.usage;
	return ERROR_NONE;
}

static enum error_code
find_or_adopt(struct keys *keys, const struct key_ref *key,
    struct key_place *place, struct key_facts *ret_facts, struct error *err)
{
	enum error_code code = find_in_index(keys, key, place, ret_facts, err);

	if (code != ERROR_NOT_FOUND || key->only_known)
		return code;
	code = keys_adopt(keys, key->kind, key->id, err);
	/* Another thread may have been first; what it found is as good. */
	if (code != ERROR_NONE && code != ERROR_EXISTS)
		return code;
	return find_in_index(keys, key, place, ret_facts, err);
}

/* Who may read the token anyway. */
static bool
is_operator(uid_t uid)
{
	return uid == 0 || uid == geteuid();
}

static enum error_code
find_any(struct keys *keys, const struct peer *who, const struct key_ref *key,
    struct key_place *ret_place, struct key_facts *ret_facts, struct error *err)
{
	const char *uri = keys_preloaded_uri(keys, key->id);

	*ret_place = (struct key_place){.preloaded = uri != NULL};
	if (!uri)
		return find_or_adopt(keys, key, ret_place, ret_facts, err);
	ret_place->name = (struct key_name){.kind = key->kind,
	    .uri = uri,
	    .label = key->id,
	    .candid = is_operator(who->uid)};
	if (key_store_find(keys->parts.store, &ret_place->name, ret_facts, err))
		return error_wrap(err, "preloaded key '%s'", key->id);
	return ERROR_NONE;
}

static enum error_code
check_fingerprint(
    const struct key_ref *key, const struct key_facts *facts, struct error *err)
{
	char fingerprint[KEY_FINGERPRINT_SIZE];

	if (!key->fingerprint || facts->kind != KEY_PAIR)
		return ERROR_NONE;
	if (key_public_fingerprint(&facts->public, fingerprint, err))
		return err->code;
	if (strcmp(key->fingerprint, fingerprint) == 0)
		return ERROR_NONE;
	return error_set(err, ERROR_NOT_FOUND,
	    "key '%s' is not the one any more that the caller means", key->id);
}

enum error_code
keys_find(struct keys *keys, const struct peer *who, const struct key_ref *key,
    struct key_place *ret_place, struct key_facts *ret_facts, struct error *err)
{
	if (find_any(keys, who, key, ret_place, ret_facts, err))
		return err->code;
	return check_fingerprint(key, ret_facts, err);
}

enum error_code
keys_find_for(struct keys *keys, const struct peer *who,
    const struct key_ref *key, unsigned rights, struct key_place *ret_place,
    struct key_facts *ret_facts, struct error *err)
{
	if (keys_authorize(keys, who, key, rights, err))
		return err->code;
	return keys_find(keys, who, key, ret_place, ret_facts, err);
}
