/* SPDX-License-Identifier: MIT */
/* Making, renaming and removing key pairs. */
#include <string.h>

#include "common/openssl.h"
#include "keys_change.h"
#include "preference.h"
#include "rules.h"

/* ---- create ---- */

static enum error_code
generate(struct keys *keys, const struct key_ref *key,
    const struct pair_wish *wish, struct error *err)
{
	struct preference preference;
	struct key_facts facts;

	if (preference_parse(wish->preferred, &preference, err))
		return err->code;
	for (size_t i = 0; i < preference.count; i++) {
		enum error_code code = key_store_generate(keys->parts.store,
		    key->id, preference.specs[i], wish->usage, &facts, err);

		if (code == ERROR_NONE)
			return keys_record_new(keys, key, &facts, wish->usage,
			    &wish->pkcs11_id, err);
		if (code != ERROR_INVALID)
			break; /* another algorithm is no help */
	}
	return error_wrap(err, "cannot generate key '%s'", key->id);
}

enum error_code
rules_create_pair(struct keys *keys, const struct peer *who,
    const struct key_ref *key, const struct pair_wish *wish, struct error *err)
{
	bool exists;

	if (keys_check_create(keys, who, key, &exists, err))
		return err->code;
	if (exists)
		return ERROR_NONE;
	keys_repair(keys);
	return generate(keys, key, wish, err);
}

/* ---- import ---- */

enum error_code
rules_import_pair(struct keys *keys, const struct peer *who,
    const struct key_ref *key, const char *pem, unsigned usage,
    struct error *err)
{
	CLEANUP(pkey) EVP_PKEY *pair = NULL;
	struct key_facts facts;
	bool exists;

	if (keys_authorize(keys, who, key, ACL_MANAGE, err) ||
	    keys_check_changeable(keys, key, err) ||
	    private_key_from_pem(pem, &pair, err) ||
	    keys_exist(keys, who, key, &exists, err))
		return err->code;
	if (exists)
		return error_set(err, ERROR_EXISTS,
		    "there is a key pair '%s'; delete it, or import under "
		    "another id and move",
		    key->id);
	keys_repair(keys);
	if (key_store_import_pair(
		keys->parts.store, key->id, pair, usage, &facts, err))
		return error_wrap(err, "cannot import key '%s'", key->id);
	return keys_record_new(keys, key, &facts, usage, NULL, err);
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
	if (keys_check_changeable(keys, from, err))
		return err->code;
	return keys_check_changeable(keys, to, err);
}

enum error_code
rules_move_pair(struct keys *keys, const struct peer *who,
    const struct key_ref *from, const struct key_ref *to, struct error *err)
{
	bool has_source, has_target;

	if (check_move(keys, who, from, to, err) ||
	    keys_exist(keys, who, from, &has_source, err) ||
	    keys_exist(keys, who, to, &has_target, err))
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

/* ---- delete, pairs and secrets ---- */

enum error_code
rules_delete(struct keys *keys, const struct peer *who,
    const struct key_ref *key, struct error *err)
{
	bool is_there;

	if (keys_authorize(keys, who, key, ACL_MANAGE, err))
		return err->code;
	if (key->level_count > 0)
		return error_set(err, ERROR_INVALID,
		    "a derived key is kept nowhere, so it is not deleted");
	if (keys_check_changeable(keys, key, err) ||
	    keys_exist(keys, who, key, &is_there, err))
		return err->code;
	if (!is_there)
		return ERROR_NONE;
	if (index_remove(keys->parts.index, key->kind, key->id, err) ||
	    keys_destroy_doomed(keys, key, err))
		return error_wrap(err, "cannot delete key '%s'", key->id);
	return ERROR_NONE;
}
