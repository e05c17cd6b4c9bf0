/* SPDX-License-Identifier: MIT */
#include "pkcs11_call.h"

#include <string.h>

#include "ckr.h"
#include "copy.h"
#include "facts.h"
#include "lookup.h"

/* The first may find old sessions, the second the module in need of a restart.
 */
#define ATTEMPTS 3

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

enum error_code
call_token(struct pkcs11_store *store, const struct call *call,
    struct token **ret_token, struct error *err)
{
	const char *serial = call->name ? call->name->serial : NULL;
	struct source *source = call->source ? call->source : store->base;

	if (!source)
		return error_set(err, ERROR_NOT_FOUND,
		    "no token is configured for keys that keyd makes; set "
		    "token.uri");
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
	enum error_code code;

	if (token_lock_objects(lease, err))
		return err->code;
	code = work(store, lease, call, err);
	token_unlock_objects(lease);
	return code;
}

/* SoftHSM does not permit to use what another thread is just destroying. */
static bool
may_be_mended(CK_RV rv)
{
	enum ckr_class class = ckr_class_of(rv);

	return class == CKR_CLASS_BROKEN || class == CKR_CLASS_STALE ||
	       rv == CKR_KEY_FUNCTION_NOT_PERMITTED;
}

/* Runs work on the token, again after a fault that opening anew may mend. */
enum error_code
call_run(struct pkcs11_store *store, const struct call *call,
    enum token_use use, operation *work, struct error *err)
{
	enum error_code code = ERROR_NONE;
	struct token_lease lease;
	struct token *token;

	if (call_token(store, call, &token, err))
		return err->code;
	for (unsigned i = 0; i < ATTEMPTS; i++) {
		if (token_lease(token, use, &lease, err))
			return err->code;
		if (use == TOKEN_CHANGE)
			code = alter(store, &lease, call, work, err);
		else
			code = work(store, &lease, call, err);
		token_return(&lease);
		if (code == ERROR_NONE || !may_be_mended(lease.rv))
			break;
		if (call->name)
			key_cache_drop(store->cache, call->name);
	}
	return code;
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
	    facts_read(lease, call->name->kind, object, &facts, err))
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
