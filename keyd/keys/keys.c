/* SPDX-License-Identifier: MIT */
#include "keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keys_find.h"
#include "rules.h"

enum error_code
keys_create(
    const struct keys_parts *parts, struct keys **ret_keys, struct error *err)
{
	struct keys *keys = calloc(1, sizeof(*keys));

	if (!keys) {
		access_free(parts->access);
		return error_no_memory(err);
	}
	keys->parts = *parts;
	keys->access = parts->access;
	pthread_rwlock_init(&keys->lock, NULL);
	*ret_keys = keys;
	return ERROR_NONE;
}

void
keys_free(struct keys *keys)
{
	if (!keys)
		return;
	access_free(keys->access);
	pthread_rwlock_destroy(&keys->lock);
	free(keys);
}

/* ---- who may ---- */

void
keys_set_access(struct keys *keys, struct access *access)
{
	struct access *former;

	pthread_rwlock_wrlock(&keys->lock);
	former = keys->access;
	keys->access = access;
	pthread_rwlock_unlock(&keys->lock);
	access_free(former);
}

/* The rights of who to key, enum acl_right bits. */
static unsigned
rights_of(struct keys *keys, const struct peer *who, const struct key_ref *key)
{
	unsigned rights;

	pthread_rwlock_rdlock(&keys->lock);
	rights = access_rights(keys->access, who->uid, key);
	pthread_rwlock_unlock(&keys->lock);
	return rights;
}

bool
keys_know(struct keys *keys, uid_t uid)
{
	bool known;

	pthread_rwlock_rdlock(&keys->lock);
	known = access_knows(keys->access, uid);
	pthread_rwlock_unlock(&keys->lock);
	return known;
}

/* What is wrong with a uid without any of rights. */
static const char *
lack(unsigned rights)
{
	if (rights == ACL_ALL)
		return "has no right to key";
	if (rights == (ACL_USE | ACL_MANAGE))
		return "may neither use nor manage key";
	if (rights & ACL_USE)
		return "may not use key";
	return rights & ACL_MANAGE ? "may not manage key"
				   : "may not export what is derived from key";
}

enum error_code
keys_authorize(struct keys *keys, const struct peer *who,
    const struct key_ref *key, unsigned rights, struct error *err)
{
	if (key_id_check(key->id, err))
		return err->code;
	if (!(rights_of(keys, who, key) & rights))
		return error_set(err, ERROR_DENIED, "uid %u %s '%s'", who->uid,
		    lack(rights), key->id);
	return ERROR_NONE;
}

enum error_code
rules_check_delegate(struct keys *keys, const struct peer *who,
    const struct key_ref *key, struct error *err)
{
	unsigned rights;

	if (key_id_check(key->id, err))
		return err->code;
	pthread_rwlock_rdlock(&keys->lock);
	rights = access_own_rights(keys->access, who->uid, key->id);
	pthread_rwlock_unlock(&keys->lock);
	if (!(rights & ACL_USE))
		return error_set(err, ERROR_DENIED,
		    "uid %u may not let others use key '%s'", who->uid,
		    key->id);
	return ERROR_NONE;
}

/* ---- health ---- */

void
keys_set_trouble(struct keys *keys, const struct error *trouble)
{
	pthread_rwlock_wrlock(&keys->lock);
	keys->trouble.code = ERROR_NONE;
	if (trouble)
		keys->trouble = *trouble;
	pthread_rwlock_unlock(&keys->lock);
}

static enum error_code
check_trouble(struct keys *keys, struct error *err)
{
	enum error_code code;

	pthread_rwlock_rdlock(&keys->lock);
	code = keys->trouble.code;
	if (code)
		*err = keys->trouble;
	pthread_rwlock_unlock(&keys->lock);
	return code;
}

/* A key of which the caller may not know is not named. */
static enum error_code
hide_from_strangers(struct keys *keys, const struct peer *who, const char *id,
    struct error *err)
{
	if (rights_of(keys, who, &(struct key_ref){.id = id}))
		return err->code;
	return error_set(err, err->code,
	    "a preloaded key cannot be reached; who may use it, and root, are "
	    "told which and why");
}

/* A preloaded key is a pair, or, if that is not what is there, a secret. */
static enum error_code
find_of_any_kind(struct keys *keys, const struct peer *who, const char *id,
    struct key_place *place, struct key_facts *ret_facts, struct error *err)
{
	struct key_ref key = {.kind = KEY_PAIR, .id = id};
	struct error ignored;

	if (keys_find(keys, who, &key, place, ret_facts, err) == ERROR_NONE)
		return ERROR_NONE;
	if (err->code != ERROR_NOT_FOUND && err->code != ERROR_INVALID)
		return err->code;
	key.kind = KEY_SECRET;
	return keys_find(keys, who, &key, place, ret_facts, &ignored)
		   ? err->code
		   : ERROR_NONE;
}

enum error_code
keys_check(struct keys *keys, const struct peer *who, struct error *err)
{
	char serial[KEY_SERIAL_MAX + 1];
	enum error_code code;

	if (check_trouble(keys, err))
		return err->code;
	code = key_store_check(keys->parts.store, serial, err);
	/* Without a token of its own keyd serves preloaded keys. */
	if (code != ERROR_NONE && code != ERROR_NOT_FOUND)
		return code;
	if (key_store_hang(keys->parts.store, NULL, err))
		return err->code;
	for (size_t i = 0; i < keys->parts.preloaded_count; i++) {
		const char *id = keys->parts.preloaded[i].id;
		struct key_place place;
		struct key_facts facts;

		if (find_of_any_kind(keys, who, id, &place, &facts, err))
			return hide_from_strangers(keys, who, id, err);
	}
	return ERROR_NONE;
}

/* ---- showing ---- */

static void
fill_in(struct key_info *info, const char *id, const struct key_place *place,
    unsigned rights)
{
	(void)snprintf(info->id, sizeof(info->id), "%s", id);
	info->created = place->record.created;
	info->pkcs11_id = place->record.pkcs11_id;
	info->rights = rights;
	info->preloaded = place->preloaded;
}

static enum error_code
show(struct keys *keys, const struct peer *who, const struct key_ref *key,
    unsigned rights, struct key_info *ret_info, struct error *err)
{
	struct key_info info = {.trouble.code = ERROR_NONE};
	struct key_place place;

	if (keys_find_for(keys, who, key, rights, &place, &info.facts, err))
		return err->code;
	fill_in(&info, key->id, &place, rights_of(keys, who, key));
	*ret_info = info;
	return ERROR_NONE;
}

enum error_code
rules_get(struct keys *keys, const struct peer *who, const struct key_ref *key,
    struct key_info *ret_info, struct error *err)
{
	return show(keys, who, key, ACL_ALL, ret_info, err);
}

enum error_code
rules_load(struct keys *keys, const struct peer *who, const struct key_ref *key,
    struct key_info *ret_info, struct error *err)
{
	return show(keys, who, key, ACL_USE, ret_info, err);
}

enum error_code
rules_resolve(struct keys *keys, const struct peer *who, struct key_ref *key,
    struct error *err)
{
	struct key_place place;
	struct key_facts facts;
	enum error_code code;

	if (keys_authorize(keys, who, key, ACL_ALL, err))
		return err->code;
	code = find_of_any_kind(keys, who, key->id, &place, &facts, err);
	if (code == ERROR_NONE)
		key->kind = place.name.kind;
	return code;
}

/* A key that was removed behind our back is not shown; other trouble is. */
static enum error_code
visit_key(struct keys *keys, const struct peer *who, const struct key_ref *key,
    keys_visitor *visit, void *context, struct error *err)
{
	struct key_info info = {.trouble.code = ERROR_NONE};
	struct key_place place;

	if (keys_find(keys, who, key, &place, &info.facts, &info.trouble)) {
		if (info.trouble.code == ERROR_NOT_FOUND)
			return ERROR_NONE;
		info.facts.kind = key->kind;
	} else {
		info.trouble.code = ERROR_NONE;
	}
	fill_in(&info, key->id, &place, rights_of(keys, who, key));
	return visit(context, &info, err);
}

static enum error_code
visit_preloaded_key(struct keys *keys, const struct peer *who, const char *id,
    keys_visitor *visit, void *context, struct error *err)
{
	struct key_ref key = {.id = id};
	struct key_info info = {.trouble.code = ERROR_NONE};
	struct key_place place;

	if (find_of_any_kind(keys, who, id, &place, &info.facts, &info.trouble))
		info.facts.kind = KEY_PAIR;
	else
		info.trouble.code = ERROR_NONE;
	fill_in(&info, id, &place, rights_of(keys, who, &key));
	return visit(context, &info, err);
}

static enum error_code
visit_preloaded(struct keys *keys, const struct peer *who, keys_visitor *visit,
    void *context, struct error *err)
{
	for (size_t i = 0; i < keys->parts.preloaded_count; i++) {
		const char *id = keys->parts.preloaded[i].id;

		if (rights_of(keys, who, &(struct key_ref){.id = id}) &&
		    visit_preloaded_key(keys, who, id, visit, context, err))
			return err->code;
	}
	return ERROR_NONE;
}

static enum error_code
visit_indexed(struct keys *keys, const struct peer *who, keys_visitor *visit,
    void *context, struct error *err)
{
	CLEANUP_DONE(index_list) struct index_list list = {0};

	if (index_list(keys->parts.index, &list, err))
		return err->code;
	for (size_t i = 0; i < list.count; i++) {
		const struct key_ref key = {
		    .kind = list.items[i].kind, .id = list.items[i].id};

		if (rights_of(keys, who, &key) &&
		    !keys_preloaded_uri(keys, key.id) &&
		    visit_key(keys, who, &key, visit, context, err))
			return err->code;
	}
	return ERROR_NONE;
}

enum error_code
keys_list(struct keys *keys, const struct peer *who, keys_visitor *visit,
    void *context, struct error *err)
{
	if (!keys_know(keys, who->uid))
		return ERROR_NONE;
	keys_adopt_all(keys);
	if (visit_preloaded(keys, who, visit, context, err))
		return err->code;
	return visit_indexed(keys, who, visit, context, err);
}

enum error_code
keys_certificates(struct keys *keys, const struct peer *who,
    const struct key_ref *key, key_visitor *visit, void *context,
    struct error *err)
{
	struct key_place place;
	struct key_facts facts;

	if (keys_find_for(keys, who, key, ACL_ALL, &place, &facts, err))
		return err->code;
	return key_store_certificates(
	    keys->parts.store, &place.name, visit, context, err);
}

enum error_code
keys_random(struct keys *keys, unsigned char *ret_data, size_t length,
    struct error *err)
{
	return key_store_random(keys->parts.store, ret_data, length, err);
}
