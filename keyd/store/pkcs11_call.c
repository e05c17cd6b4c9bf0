/* SPDX-License-Identifier: MIT */
#include "pkcs11_call.h"

#include <string.h>
#include <time.h>

#include "ckr.h"
#include "copy.h"
#include "facts.h"
#include "half_file.h"
#include "lookup.h"
#include "token_files.h"

/* The first may find old sessions, the second the module in need of a restart.
 */
#define ATTEMPTS 3
/* While a key is renamed again and again its handle is a new one each time. */
#define ATTEMPTS_TO_FIND 20

enum error_code
call_set_source(
    struct pkcs11_store *store, struct call *call, struct error *err)
{
	if (!call->name->uri)
		return ERROR_NONE;
	return source_get(store->sources, call->name->uri, &call->source, err);
}

/* Keys that keyd makes are private: without a login they seem not to be. */
static enum error_code
check_login(struct token *token, struct error *err)
{
	const struct slot *slot = token_slot(token);

	if (!(slot->token.flags & CKF_LOGIN_REQUIRED) || token_has_pin(token))
		return ERROR_NONE;
	return error_set(err, ERROR_UNAVAILABLE,
	    "token '%s' needs a PIN; add pin-source to token.uri", slot->label);
}

/* A key that is known to be in one is not gone with the line that names it. */
static enum error_code
refuse_without_token(const char *serial, struct error *err)
{
	if (serial && *serial)
		return error_set(err, ERROR_UNAVAILABLE,
		    "the key is in the token with serial %s, and no token is "
		    "configured; set token.uri",
		    serial);
	return error_set(err, ERROR_NOT_FOUND,
	    "no token is configured for keys that keyd makes; set token.uri");
}

enum error_code
call_token(struct pkcs11_store *store, const struct call *call,
    struct token **ret_token, struct error *err)
{
	const char *serial = call->name ? call->name->serial : NULL;
	struct source *source = call->source ? call->source : store->base;

	if (!source)
		return refuse_without_token(serial, err);
	if (source_token(store->sources, source, ret_token, err))
		return err->code;
	if (source == store->base && check_login(*ret_token, err))
		return err->code;
	if (serial && *serial &&
	    strcmp(serial, token_slot(*ret_token)->serial) != 0)
		return error_set(err, ERROR_UNAVAILABLE,
		    "the key is in the token with serial %s, and token.uri "
		    "names the one with serial %s; put the other token back",
		    serial, token_slot(*ret_token)->serial);
	return ERROR_NONE;
}

static enum error_code
alter(struct pkcs11_store *store, struct token_lease *lease,
    const struct call *call, operation *work, struct error *err)
{
	/* The kernel's clock for files is a little behind. */
	const time_t since = time(NULL) - 1;
	enum error_code code;

	if (token_lock_objects(lease, err))
		return err->code;
	code = work(store, lease, call, err);
	token_unlock_objects(lease);
	if (code == ERROR_NONE && store->state)
		return token_files_settle(store->state, since, err);
	return code;
}

static bool
is_stale(CK_RV rv)
{
	return ckr_class_of(rv) == CKR_CLASS_STALE;
}

static bool
may_be_mended(CK_RV rv)
{
	return is_stale(rv) || ckr_class_of(rv) == CKR_CLASS_BROKEN;
}

enum error_code
call_run(struct pkcs11_store *store, const struct call *call,
    enum token_use use, operation *work, struct error *err)
{
	unsigned faults = 0, searches = 0;
	struct token_lease lease;
	struct token *token;
	enum error_code code;

	if (call_token(store, call, &token, err))
		return err->code;
	do {
		if (token_lease(token, use, &lease, err))
			return err->code;
		if (use == TOKEN_CHANGE)
			code = alter(store, &lease, call, work, err);
		else
			code = work(store, &lease, call, err);
		token_return(&lease);
		if (is_stale(lease.rv))
			searches++;
		else
			faults++;
	} while (code && may_be_mended(lease.rv) && faults < ATTEMPTS &&
		 searches < ATTEMPTS_TO_FIND);
	return code;
}

/*
 * SoftHSM does not permit to use what is just being destroyed, nor a copy whose
 * session has been closed with those of its generation.
 */
static bool
was_taken_away(const struct token_lease *lease, const struct key_entry *key)
{
	return lease->rv == CKR_KEY_FUNCTION_NOT_PERMITTED &&
	       (key_entry_is_gone(key) ||
		   token_generation(lease->token) != lease->generation);
}

enum error_code
call_conclude(struct pkcs11_store *store, struct token_lease *lease,
    const struct call *call, const struct key_entry *key, enum error_code code,
    struct error *err)
{
	if (code && is_stale(lease->rv))
		key_cache_forget(store->cache, key);
	if (code ? !was_taken_away(lease, key) : !key_entry_is_gone(key))
		return code;
	lease->rv = CKR_KEY_HANDLE_INVALID;
	return error_set(err, ERROR_UNAVAILABLE,
	    "key '%s' is just being changed; try again", call->name->label);
}

static enum error_code
read_facts(const struct pkcs11_store *store, struct token_lease *lease,
    const struct key_name *name, CK_OBJECT_HANDLE object,
    struct key_facts *ret_facts, struct error *err)
{
	CLEANUP(string) char *half_file = NULL;

	if (name->kind == KEY_SECRET)
		return facts_read_secret(lease, object, ret_facts, err);
	half_file =
	    store->state ? half_file_path(store->state, name->label) : NULL;
	if (store->state && !half_file)
		return error_no_memory(err);
	return facts_read_pair(lease, object, half_file, ret_facts, err);
}

static enum error_code
look_up(struct pkcs11_store *store, struct token_lease *lease,
    const struct call *call, struct key_entry **ret_entry, struct error *err)
{
	const struct uri *uri = call->source ? source_uri(call->source) : NULL;
	CK_OBJECT_HANDLE object, handle;
	struct key_entry *entry = NULL;
	struct key_facts facts;
	enum error_code code;

	if (lookup_key(lease, call->name, uri, &object, err) ||
	    read_facts(store, lease, call->name, object, &facts, err))
		return err->code;
	handle = copy_of(lease, store->copies, object, &facts);
	code = key_cache_put(store->cache, call->name, lease->generation,
	    handle, &facts, &entry, err);
	if (handle != object && (code || key_entry_handle(entry) != handle))
		(void)lease->functions->C_DestroyObject(lease->session, handle);
	if (code)
		return code;
	*ret_entry = entry;
	return ERROR_NONE;
}

enum error_code
call_load(struct pkcs11_store *store, struct token_lease *lease,
    const struct call *call, struct key_entry **ret_entry, struct error *err)
{
	enum error_code code = ERROR_NONE;

	*ret_entry = key_cache_get(store->cache, call->name, lease->generation);
	if (*ret_entry)
		return ERROR_NONE;
	if (token_lock_objects(lease, err))
		return err->code;
	/* Another thread may have found it meanwhile. */
	*ret_entry = key_cache_get(store->cache, call->name, lease->generation);
	if (!*ret_entry)
		code = look_up(store, lease, call, ret_entry, err);
	token_unlock_objects(lease);
	return code;
}
