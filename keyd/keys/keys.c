/* SPDX-License-Identifier: MIT */
#include "keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keys_find.h"

enum error_code
keys_create(
    const struct keys_parts *parts, struct keys **ret_keys, struct error *err)
{
	struct keys *keys = calloc(1, sizeof(*keys));

	if (!keys)
		return error_no_memory(err);
	keys->parts = *parts;
	*ret_keys = keys;
	return ERROR_NONE;
}

void
keys_free(struct keys *keys)
{
	free(keys);
}

unsigned
keys_rights(
    const struct keys *keys, const struct peer *who, const struct key_ref *key)
{
	if (key_id_is_reserved(key->id))
		return 0;
	return acl_rights(keys->parts.acl, who->uid, key->id);
}

enum error_code
keys_authorize(const struct keys *keys, const struct peer *who,
    const struct key_ref *key, unsigned rights, struct error *err)
{
	if (key_id_check(key->id, err))
		return err->code;
	if (!(keys_rights(keys, who, key) & rights))
		return error_set(err, ERROR_DENIED,
		    "uid %u may not %s key '%s'", who->uid,
		    rights & ACL_USE      ? "use"
		    : rights & ACL_MANAGE ? "manage"
					  : "export what is derived from",
		    key->id);
	return ERROR_NONE;
}

bool
keys_know(const struct keys *keys, uid_t uid)
{
	return acl_knows(keys->parts.acl, uid);
}

/* A key of which the caller may not know is not named. */
static enum error_code
hide_from_strangers(const struct keys *keys, const struct peer *who,
    const char *id, struct error *err)
{
	if (keys_rights(keys, who, &(struct key_ref){.id = id}))
		return err->code;
	return error_set(err, err->code,
	    "a preloaded key cannot be reached; who may use it, and root, are "
	    "told which and why");
}

enum error_code
keys_check(struct keys *keys, const struct peer *who, struct error *err)
{
	char serial[KEY_SERIAL_MAX + 1];
	enum error_code code;

	code = key_store_check(keys->parts.store, serial, err);
	/* Without a token of its own keyd serves preloaded keys. */
	if (code != ERROR_NONE && code != ERROR_NOT_FOUND)
		return code;
	for (size_t i = 0; i < keys->parts.preloaded_count; i++) {
		const struct keys_preloaded *item = &keys->parts.preloaded[i];
		struct key_place place;
		struct key_facts facts;

		if (keys_find(keys, who, item->id, &place, &facts, err))
			return hide_from_strangers(keys, who, item->id, err);
	}
	return ERROR_NONE;
}

/* ---- showing ---- */

static void
describe(struct keys *keys, const struct peer *who, const char *id,
    struct key_info *info)
{
	struct key_ref key = {.id = id};
	struct key_place place;

	*info = (struct key_info){.rights = keys_rights(keys, who, &key)};
	(void)snprintf(info->id, sizeof(info->id), "%s", id);
	if (keys_find(keys, who, id, &place, &info->facts, &info->trouble))
		return;
	info->trouble.code = ERROR_NONE;
	info->created = place.record.created;
}

static enum error_code
show(struct keys *keys, const struct peer *who, const struct key_ref *key,
    unsigned rights, struct key_info *ret_info, struct error *err)
{
	struct key_info info;

	if (keys_authorize(keys, who, key, rights, err))
		return err->code;
	describe(keys, who, key->id, &info);
	if (info.trouble.code) {
		*err = info.trouble;
		return err->code;
	}
	*ret_info = info;
	return ERROR_NONE;
}

enum error_code
keys_get(struct keys *keys, const struct peer *who, const struct key_ref *key,
    struct key_info *ret_info, struct error *err)
{
	return show(keys, who, key, ACL_ALL, ret_info, err);
}

enum error_code
keys_load(struct keys *keys, const struct peer *who, const struct key_ref *key,
    struct key_info *ret_info, struct error *err)
{
	return show(keys, who, key, ACL_USE, ret_info, err);
}

/* A key that was removed behind our back is not shown; other trouble is. */
static enum error_code
visit_one(struct keys *keys, const struct peer *who, const char *id,
    bool preloaded, keys_visitor *visit, void *context, struct error *err)
{
	struct key_info info;

	describe(keys, who, id, &info);
	if (info.trouble.code == ERROR_NOT_FOUND && !preloaded)
		return ERROR_NONE;
	return visit(context, &info, err);
}

static enum error_code
visit_preloaded(struct keys *keys, const struct peer *who, keys_visitor *visit,
    void *context, struct error *err)
{
	for (size_t i = 0; i < keys->parts.preloaded_count; i++) {
		const char *id = keys->parts.preloaded[i].id;

		if (keys_rights(keys, who, &(struct key_ref){.id = id}) &&
		    visit_one(keys, who, id, true, visit, context, err))
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
		const char *id = list.items[i].id;

		if (keys_rights(keys, who, &(struct key_ref){.id = id}) &&
		    !keys_preloaded_uri(keys, id) &&
		    visit_one(keys, who, id, false, visit, context, err))
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
