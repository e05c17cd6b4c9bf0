/* SPDX-License-Identifier: MIT */
/* Making, renaming and removing key pairs. */
#include <stdio.h>
#include <string.h>

#include "common/time.h"
#include "keys_find.h"
#include "preference.h"

/* ---- what the token must still do ---- */

static enum error_code
destroy_one(
    struct keys *keys, const struct index_record *record, struct error *err)
{
	struct key_name name = keys_name_of(record);

	if (key_store_destroy(keys->parts.store, &name, err))
		return err->code;
	return index_forget_doomed(keys->parts.index, record, err);
}

/*
 * Tries each, and fails only for what id (which may be NULL) has named: the
 * others may be in a token that is away, and wait.
 */
static enum error_code
destroy_doomed(struct keys *keys, const char *id, struct error *err)
{
	CLEANUP_DONE(index_list) struct index_list doomed = {0};
	enum error_code code = ERROR_NONE;
	struct error failure;

	if (index_list_doomed(keys->parts.index, &doomed, err))
		return err->code;
	for (size_t i = 0; i < doomed.count; i++) {
		const struct index_record *record = &doomed.items[i];

		if (destroy_one(keys, record, &failure) && id &&
		    strcmp(record->id, id) == 0) {
			*err = failure;
			code = failure.code;
		}
	}
	return code;
}

/* Brings CKA_LABEL back to the id, for tools and for aziot. */
static enum error_code
correct_label(
    struct keys *keys, const struct index_record *record, struct error *err)
{
	struct key_name name = keys_name_of(record);
	struct index_record corrected = *record;

	if (strcmp(record->id, record->label) == 0)
		return ERROR_NONE;
	(void)snprintf(
	    corrected.label, sizeof(corrected.label), "%s", record->id);
	if (key_store_set_label(keys->parts.store, &name, record->id, err))
		return err->code;
	return index_put(keys->parts.index, &corrected, err);
}

static void
correct_labels(struct keys *keys)
{
	CLEANUP_DONE(index_list) struct index_list list = {0};
	struct error err;

	if (index_list(keys->parts.index, &list, &err))
		return;
	for (size_t i = 0; i < list.count; i++)
		(void)correct_label(keys, &list.items[i], &err);
}

void
keys_repair(struct keys *keys)
{
	struct error err;

	(void)destroy_doomed(keys, NULL, &err);
	correct_labels(keys);
}

/* ---- create ---- */

static enum error_code
record_new(struct keys *keys, const char *id, const struct key_facts *facts,
    struct error *err)
{
	struct index_record record = {
	    .tag = facts->tag,
	    .algorithm = facts->public.algorithm,
	    .created = time_now(),
	};
	struct key_name name;
	struct error ignored;

	(void)snprintf(record.id, sizeof(record.id), "%s", id);
	(void)snprintf(record.label, sizeof(record.label), "%s", id);
	(void)snprintf(
	    record.serial, sizeof(record.serial), "%s", facts->serial);
	if (index_put(keys->parts.index, &record, err) == ERROR_NONE)
		return ERROR_NONE;
	/* Nothing changes by a call that fails. */
	name = keys_name_of(&record);
	if (key_store_destroy(keys->parts.store, &name, &ignored))
		return error_wrap(err, "a new key stays in the token");
	return err->code;
}

static enum error_code
generate(
    struct keys *keys, const char *id, const char *preferred, struct error *err)
{
	struct preference preference;
	struct key_facts facts;

	if (preference_parse(preferred, &preference, err))
		return err->code;
	for (size_t i = 0; i < preference.count; i++) {
		enum error_code code = key_store_generate(keys->parts.store, id,
		    preference.specs[i], KEY_SIGNS, &facts, err);

		if (code == ERROR_NONE)
			return record_new(keys, id, &facts, err);
		if (code != ERROR_INVALID)
			break; /* another algorithm is no help */
	}
	return error_wrap(err, "cannot generate key '%s'", id);
}

enum error_code
keys_create_pair(struct keys *keys, const struct peer *who,
    const struct key_ref *key, const char *preferred, struct error *err)
{
	struct key_place place;
	struct key_facts facts;
	enum error_code code;

	if (keys_authorize(keys, who, key, ACL_USE | ACL_MANAGE, err))
		return err->code;
	code = keys_find(keys, who, key->id, &place, &facts, err);
	if (code != ERROR_NOT_FOUND || place.preloaded)
		return code;
	if (keys_authorize(keys, who, key, ACL_MANAGE, err))
		return err->code;
	keys_repair(keys);
	return generate(keys, key->id, preferred, err);
}

/* ---- move ---- */

static enum error_code
check_move(struct keys *keys, const struct peer *who,
    const struct key_ref *from, const struct key_ref *to, struct error *err)
{
	if (keys_authorize(keys, who, from, ACL_MANAGE, err) ||
	    keys_authorize(keys, who, to, ACL_MANAGE, err))
		return err->code;
	if (strcmp(from->id, to->id) == 0)
		return error_set(err, ERROR_INVALID,
		    "key '%s' cannot be moved to itself", from->id);
	if (keys_preloaded_uri(keys, from->id) ||
	    keys_preloaded_uri(keys, to->id))
		return error_set(err, ERROR_INVALID,
		    "a preloaded key is neither moved nor replaced; change "
		    "preloaded_keys in the configuration");
	return ERROR_NONE;
}

/* *ret_exists tells; it is a failure only if the token does not. */
static enum error_code
exists(struct keys *keys, const struct peer *who, const struct key_ref *key,
    bool *ret_exists, struct error *err)
{
	struct key_place place;
	struct key_facts facts;
	enum error_code code =
	    keys_find(keys, who, key->id, &place, &facts, err);

	*ret_exists = code == ERROR_NONE;
	return code == ERROR_NOT_FOUND ? ERROR_NONE : code;
}

enum error_code
keys_move_pair(struct keys *keys, const struct peer *who,
    const struct key_ref *from, const struct key_ref *to, struct error *err)
{
	bool has_source, has_target;

	if (check_move(keys, who, from, to, err) ||
	    exists(keys, who, from, &has_source, err) ||
	    exists(keys, who, to, &has_target, err))
		return err->code;
	if (!has_source && has_target)
		return ERROR_NONE; /* it was made before; the answer was lost */
	if (!has_source)
		return error_set(err, ERROR_NOT_FOUND,
		    "no key pair '%s' to move to '%s'", from->id, to->id);
	if (index_move(keys->parts.index, from->id, to->id, err))
		return error_wrap(err, "cannot move key '%s'", from->id);
	keys_repair(keys);
	return ERROR_NONE;
}

/* ---- delete ---- */

enum error_code
keys_delete_pair(struct keys *keys, const struct peer *who,
    const struct key_ref *key, struct error *err)
{
	bool is_there;

	if (keys_authorize(keys, who, key, ACL_MANAGE, err))
		return err->code;
	if (keys_preloaded_uri(keys, key->id))
		return error_set(err, ERROR_INVALID,
		    "a preloaded key is not deleted; take '%s' out of "
		    "preloaded_keys in the configuration",
		    key->id);
	if (exists(keys, who, key, &is_there, err))
		return err->code;
	if (!is_there)
		return ERROR_NONE;
	if (index_remove(keys->parts.index, key->id, err) ||
	    destroy_doomed(keys, key->id, err))
		return error_wrap(err, "cannot delete key '%s'", key->id);
	return ERROR_NONE;
}
