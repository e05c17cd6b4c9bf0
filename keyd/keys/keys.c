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

static bool
allows(const struct keys *keys, uid_t uid, const char *id)
{
	return !key_id_is_reserved(id) && acl_allows(keys->parts.acl, uid, id);
}

enum error_code
keys_authorize(
    const struct keys *keys, uid_t uid, const char *id, struct error *err)
{
	if (key_id_check(id, err))
		return err->code;
	if (!allows(keys, uid, id))
		return error_set(
		    err, ERROR_DENIED, "uid %u may not use key '%s'", uid, id);
	return ERROR_NONE;
}

bool
keys_know(const struct keys *keys, uid_t uid)
{
	return acl_knows(keys->parts.acl, uid);
}

/* A key of which the caller may not know is not named. */
static enum error_code
hide_from_strangers(
    const struct keys *keys, uid_t uid, const char *id, struct error *err)
{
	if (allows(keys, uid, id))
		return err->code;
	return error_set(err, err->code,
	    "a preloaded key cannot be reached; who may use it, and root, are "
	    "told which and why");
}

enum error_code
keys_check(struct keys *keys, uid_t uid, struct error *err)
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

		if (keys_find(keys, uid, item->id, &place, &facts, err))
			return hide_from_strangers(keys, uid, item->id, err);
	}
	return ERROR_NONE;
}

/* ---- showing ---- */

static void
describe(struct keys *keys, uid_t uid, const char *id, struct key_info *info)
{
	struct key_place place;

	*info = (struct key_info){0};
	(void)snprintf(info->id, sizeof(info->id), "%s", id);
	if (keys_find(keys, uid, id, &place, &info->facts, &info->trouble))
		return;
	info->trouble.code = ERROR_NONE;
	info->created = place.record.created;
}

enum error_code
keys_get(struct keys *keys, uid_t uid, const char *id,
    struct key_info *ret_info, struct error *err)
{
	struct key_info info;

	if (keys_authorize(keys, uid, id, err))
		return err->code;
	describe(keys, uid, id, &info);
	if (info.trouble.code) {
		*err = info.trouble;
		return err->code;
	}
	*ret_info = info;
	return ERROR_NONE;
}

/* A key that was removed behind our back is not shown; other trouble is. */
static enum error_code
visit_one(struct keys *keys, uid_t uid, const char *id, bool preloaded,
    keys_visitor *visit, void *context, struct error *err)
{
	struct key_info info;

	describe(keys, uid, id, &info);
	if (info.trouble.code == ERROR_NOT_FOUND && !preloaded)
		return ERROR_NONE;
	return visit(context, &info, err);
}

static enum error_code
visit_preloaded(struct keys *keys, uid_t uid, keys_visitor *visit,
    void *context, struct error *err)
{
	for (size_t i = 0; i < keys->parts.preloaded_count; i++) {
		const char *id = keys->parts.preloaded[i].id;

		if (allows(keys, uid, id) &&
		    visit_one(keys, uid, id, true, visit, context, err))
			return err->code;
	}
	return ERROR_NONE;
}

static enum error_code
visit_indexed(struct keys *keys, uid_t uid, keys_visitor *visit, void *context,
    struct error *err)
{
	CLEANUP_DONE(index_list) struct index_list list = {0};

	if (index_list(keys->parts.index, &list, err))
		return err->code;
	for (size_t i = 0; i < list.count; i++) {
		const char *id = list.items[i].id;

		if (allows(keys, uid, id) && !keys_preloaded_uri(keys, id) &&
		    visit_one(keys, uid, id, false, visit, context, err))
			return err->code;
	}
	return ERROR_NONE;
}

enum error_code
keys_list(struct keys *keys, uid_t uid, keys_visitor *visit, void *context,
    struct error *err)
{
	if (!keys_know(keys, uid))
		return ERROR_NONE;
	keys_adopt_all(keys);
	if (visit_preloaded(keys, uid, visit, context, err))
		return err->code;
	return visit_indexed(keys, uid, visit, context, err);
}
