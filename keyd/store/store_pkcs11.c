/* SPDX-License-Identifier: MIT */
#include "store_pkcs11.h"

#include <string.h>

#include "facts.h"
#include "keyd/limits.h"
#include "pkcs11_call.h"

_Static_assert(KEYD_SESSIONS_MAX == TOKEN_SESSIONS_MAX &&
		   KEY_STORE_TOKENS_MAX == SOURCES_TOKENS_MAX,
    "the store's limits are those of the tokens");
_Static_assert(KEY_STORE_SESSIONS_DEFAULT == TOKEN_SESSIONS_DEFAULT,
    "the lanes are as wide as the token");

DEFINE_CLEANUP(pkcs11_store, struct pkcs11_store, pkcs11_store_close)

static enum error_code
open_base(struct pkcs11_store *store, const char *text, struct error *err)
{
	P11KitUri *uri;

	if (source_get(store->sources, text, &store->base, err))
		return err->code;
	uri = uri_pkcs11(source_uri(store->base));
	if (p11_kit_uri_get_attribute(uri, CKA_LABEL) ||
	    p11_kit_uri_get_attribute(uri, CKA_ID))
		return error_set(err, ERROR_INVALID,
		    "the URI must name a token, and no object in it");
	return ERROR_NONE;
}

enum error_code
pkcs11_store_open(const struct key_store_settings *settings,
    struct pkcs11_store **ret_store, struct error *err)
{
	CLEANUP(pkcs11_store)
	struct pkcs11_store *store = calloc(1, sizeof(*store));
	const struct source_settings sources = {
	    .module = settings->module,
	    .module_args = settings->module_args,
	    .limits = visit_limits_of(
		settings->token_timeout, settings->generation_timeout),
	    .sessions = settings->sessions,
	    .state = settings->state,
	};

	if (!store)
		return error_no_memory(err);
	if (sources_create(&sources, &store->sources, err) ||
	    key_cache_create(&store->cache, err))
		return err->code;
	if (settings->token_uri && open_base(store, settings->token_uri, err))
		return error_wrap(err, "token.uri");
	store->copies = settings->copies;
	if (settings->state && !(store->state = strdup(settings->state)))
		return error_no_memory(err);
	*ret_store = TAKE(store);
	return ERROR_NONE;
}

void
pkcs11_store_close(struct pkcs11_store *store)
{
	if (!store)
		return;
	sources_free(store->sources);
	key_cache_free(store->cache);
	free(store->state);
	free(store);
}

/* ---- finding ---- */

static enum error_code
do_find(struct pkcs11_store *store, struct token_lease *lease,
    const struct call *call, struct error *err)
{
	CLEANUP(key_entry) struct key_entry *key = NULL;

	if (call_load(store, lease, call, &key, err))
		return err->code;
	*call->facts = *key_entry_facts(key);
	return ERROR_NONE;
}

enum error_code
pkcs11_store_find(struct pkcs11_store *store, const struct key_name *name,
    struct key_facts *ret_facts, struct error *err)
{
	struct call call = {.name = name, .facts = ret_facts};
	CLEANUP(key_entry) struct key_entry *key = NULL;
	struct token *token;

	if (call_set_source(store, &call, err) ||
	    call_token(store, &call, &token, err))
		return err->code;
	key = key_cache_get(store->cache, name, token_generation(token));
	if (!key)
		return call_run(store, &call, TOKEN_SIGN, do_find, err);
	*ret_facts = *key_entry_facts(key);
	return ERROR_NONE;
}

/* The token of uri, or keyd's own, or NULL if it was not found yet. */
static struct token *
known_token(struct pkcs11_store *store, const char *uri)
{
	struct source *source = store->base;
	struct error ignored;

	if (uri && source_get(store->sources, uri, &source, &ignored))
		return NULL;
	return source ? source_known(source) : NULL;
}

unsigned
pkcs11_store_sessions(struct pkcs11_store *store, const char *uri)
{
	struct token *token = known_token(store, uri);

	return token ? token_limit(token) : 0;
}

size_t
pkcs11_store_figures(struct pkcs11_store *store,
    struct token_figures ret_figures[KEY_STORE_TOKENS_MAX])
{
	return sources_figures(store->sources, ret_figures);
}

enum error_code
pkcs11_store_hang(
    struct pkcs11_store *store, const char *uri, struct error *err)
{
	struct token *token;

	if (!uri)
		return sources_hang(store->sources, err);
	token = known_token(store, uri);
	return token ? token_hang(token, err) : ERROR_NONE;
}

bool
pkcs11_store_alive(struct pkcs11_store *store)
{
	return sources_are_alive(store->sources, store->base);
}

enum error_code
pkcs11_store_check(struct pkcs11_store *store,
    char ret_serial[KEY_SERIAL_MAX + 1], struct error *err)
{
	struct call call = {0};
	struct token *token;

	if (call_token(store, &call, &token, err) || token_open(token, err))
		return err->code;
	memcpy(ret_serial, token_slot(token)->serial, KEY_SERIAL_MAX + 1);
	return ERROR_NONE;
}

static enum error_code
visit_objects(struct token_lease *lease, const struct object_list *list,
    const struct call *call, struct error *err)
{
	char label[KEY_ID_MAX + 1];
	struct key_tag tag;

	for (CK_ULONG i = 0; i < list->count; i++) {
		if (object_read_label(lease, list->items[i], label, err) ||
		    object_read_tag(lease, list->items[i], &tag, err))
			return err->code;
		if (*label)
			call->visit(call->context, label, &tag);
	}
	return ERROR_NONE;
}

static enum error_code
list_locked(struct token_lease *lease, CK_OBJECT_CLASS class,
    const struct object_query *query, const struct call *call,
    struct error *err)
{
	struct object_list list;
	enum error_code code;

	if (token_lock_objects(lease, err))
		return err->code;
	code = object_find(lease, class, query, false, &list, err);
	if (code == ERROR_NONE)
		code = visit_objects(lease, &list, call, err);
	token_unlock_objects(lease);
	return code;
}

static enum error_code
do_list(struct pkcs11_store *store, struct token_lease *lease,
    const struct call *call, struct error *err)
{
	const struct object_query query = {.label = call->wish.label};

	(void)store;
	return list_locked(lease, object_class(call->kind), &query, call, err);
}

enum error_code
pkcs11_store_list(struct pkcs11_store *store, enum key_kind kind,
    const char *label, key_visitor *visit, void *context, struct error *err)
{
	struct call call = {
	    .kind = kind,
	    .wish.label = label,
	    .visit = visit,
	    .context = context,
	};

	if (!store->base)
		return ERROR_NONE;
	return call_run(store, &call, TOKEN_SIGN, do_list, err);
}

static enum error_code
do_certificates(struct pkcs11_store *store, struct token_lease *lease,
    const struct call *call, struct error *err)
{
	CLEANUP(key_entry) struct key_entry *key = NULL;
	const struct key_tag *tag;
	struct object_query query;

	if (call_load(store, lease, call, &key, err))
		return err->code;
	tag = &key_entry_facts(key)->tag;
	if (tag->length == 0)
		return ERROR_NONE;
	query = (struct object_query){
	    .tag = tag->data,
	    .tag_length = tag->length,
	};
	return list_locked(lease, CKO_CERTIFICATE, &query, call, err);
}

enum error_code
pkcs11_store_certificates(struct pkcs11_store *store,
    const struct key_name *name, key_visitor *visit, void *context,
    struct error *err)
{
	struct call call = {.name = name, .visit = visit, .context = context};

	if (call_set_source(store, &call, err))
		return err->code;
	return call_run(store, &call, TOKEN_SIGN, do_certificates, err);
}
