/* SPDX-License-Identifier: MIT */
#include "keys_change.h"

#include <stdio.h>
#include <string.h>

#include "common/time.h"

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

static bool
was(const struct index_record *record, const struct key_ref *key)
{
	return record->kind == key->kind && strcmp(record->id, key->id) == 0;
}

enum error_code
keys_destroy_doomed(
    struct keys *keys, const struct key_ref *key, struct error *err)
{
	CLEANUP_DONE(index_list) struct index_list doomed = {0};
	enum error_code code = ERROR_NONE;
	struct error failure;

	if (index_list_doomed(keys->parts.index, &doomed, err))
		return err->code;
	for (size_t i = 0; i < doomed.count; i++) {
		const struct index_record *record = &doomed.items[i];

		if (destroy_one(keys, record, &failure) && key &&
		    was(record, key)) {
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

	/* What fails now is tried again the next time. */
	(void)!keys_destroy_doomed(keys, NULL, &err);
	correct_labels(keys);
}

/* ---- new keys ---- */

enum error_code
keys_exist(struct keys *keys, const struct peer *who, const struct key_ref *key,
    bool *ret_exists, struct error *err)
{
	struct key_place place;
	struct key_facts facts;
	enum error_code code = keys_find(keys, who, key, &place, &facts, err);

	*ret_exists = code == ERROR_NONE;
	return code == ERROR_NOT_FOUND && !place.preloaded ? ERROR_NONE : code;
}

enum error_code
keys_check_create(struct keys *keys, const struct peer *who,
    const struct key_ref *key, bool *ret_exists, struct error *err)
{
	if (keys_authorize(keys, who, key, ACL_USE | ACL_MANAGE, err) ||
	    keys_exist(keys, who, key, ret_exists, err))
		return err->code;
	return *ret_exists ? ERROR_NONE
			   : keys_authorize(keys, who, key, ACL_MANAGE, err);
}

enum error_code
keys_check_changeable(
    const struct keys *keys, const struct key_ref *key, struct error *err)
{
	if (keys_preloaded_uri(keys, key->id))
		return error_set(err, ERROR_INVALID,
		    "'%s' is a preloaded key, which is neither replaced, moved "
		    "nor deleted; change preloaded_keys in the configuration",
		    key->id);
	return ERROR_NONE;
}

static struct index_record
new_record(const struct key_ref *key, const struct key_facts *facts,
    unsigned usage, const struct key_tag *pkcs11_id)
{
	struct index_record record = {
	    .kind = key->kind,
	    .in_file = facts->in_file,
	    .tag = facts->tag,
	    .algorithm = facts->public.algorithm,
	    .usage = key->kind == KEY_SECRET ? usage : 0,
	    .created = time_now(),
	};

	if (pkcs11_id)
		record.pkcs11_id = *pkcs11_id;
	(void)snprintf(record.id, sizeof(record.id), "%s", key->id);
	(void)snprintf(record.label, sizeof(record.label), "%s", key->id);
	(void)snprintf(
	    record.serial, sizeof(record.serial), "%s", facts->serial);
	return record;
}

/* True if record is in the file in which its id has been before. */
static bool
is_file_of_before(struct keys *keys, const struct index_record *record)
{
	struct index_record before;

	return record->in_file &&
	       index_get(
		   keys->parts.index, record->kind, record->id, &before) &&
	       before.in_file;
}

enum error_code
keys_record_new(struct keys *keys, const struct key_ref *key,
    const struct key_facts *facts, unsigned usage,
    const struct key_tag *pkcs11_id, struct error *err)
{
	struct index_record record = new_record(key, facts, usage, pkcs11_id);
	struct key_name name = keys_name_of(&record);
	struct error ignored;

	if (index_replace(keys->parts.index, &record, err) == ERROR_NONE)
		return ERROR_NONE;
	/*
	 * Nothing changes by a call that fails, save that a file has its new
	 * bytes already: without it there would be no key at all.
	 */
	if (is_file_of_before(keys, &record))
		return err->code;
	if (key_store_destroy(keys->parts.store, &name, &ignored))
		return error_wrap(err, "a new key stays behind");
	return err->code;
}
