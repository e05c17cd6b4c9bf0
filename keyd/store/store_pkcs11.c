/* SPDX-License-Identifier: MIT */
#include "store_pkcs11.h"

#include <string.h>

#include "ckr.h"
#include "generate.h"
#include "key_cache.h"
#include "lookup.h"
#include "sign.h"
#include "source.h"

/* The first may find old sessions, the second the module in need of a restart.
 */
#define ATTEMPTS 3

_Static_assert(KEY_STORE_SESSIONS_MAX == TOKEN_SESSIONS_MAX &&
		   KEY_STORE_TOKENS_MAX == SOURCES_TOKENS_MAX,
    "the store's limits are those of the tokens");

struct pkcs11_store {
	struct sources *sources;
	struct key_cache *cache;
	struct source *base; /* keyd's own token, or NULL */
};

/* What one operation needs; each uses what it needs. */
struct call {
	const struct source *source;
	const struct key_name *name;
	const char *label;
	enum key_spec spec;
	unsigned usage;
	enum key_mechanism mechanism;
	const struct key_input *input;
	const struct key_tag *tag;
	struct key_facts *facts;
	struct key_signature *signature;
	key_visitor *visit;
	void *context;
};

typedef enum error_code operation(struct pkcs11_store *store,
    struct token_lease *lease, const struct call *call, struct error *err);

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
	};

	if (!store)
		return error_no_memory(err);
	if (sources_create(&sources, &store->sources, err) ||
	    key_cache_create(&store->cache, err))
		return err->code;
	if (settings->token_uri && open_base(store, settings->token_uri, err))
		return error_wrap(err, "token.uri");
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
	free(store);
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

/* The token of call, which must be the one that the name was made in. */
static enum error_code
token_of(struct pkcs11_store *store, const struct call *call,
    struct token **ret_token, struct error *err)
{
	const char *serial = call->name ? call->name->serial : NULL;
	struct source *source = store->base;

	if (call->name && call->name->uri &&
	    source_get(store->sources, call->name->uri, &source, err))
		return err->code;
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
static enum error_code
run(struct pkcs11_store *store, const struct call *call, enum token_use use,
    operation *work, struct error *err)
{
	enum error_code code = ERROR_NONE;
	struct token_lease lease;
	struct token *token;

	if (token_of(store, call, &token, err))
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

/* ---- finding ---- */

static enum error_code
look_up(struct pkcs11_store *store, struct token_lease *lease,
    const struct call *call, CK_OBJECT_HANDLE *ret_signer, struct error *err)
{
	const struct uri *uri = call->source ? source_uri(call->source) : NULL;
	CK_OBJECT_HANDLE private, signer;
	struct key_facts facts;
	bool kept;

	if (lookup_private(lease, call->name, uri, &private, err) ||
	    object_read_facts(lease, private, &facts, err))
		return err->code;
	signer = sign_handle(lease, private, &facts);
	if (key_cache_put(store->cache, call->name, lease->generation, signer,
		&facts, &kept, err))
		return err->code;
	if (!kept && signer != private) {
		(void)lease->functions->C_DestroyObject(lease->session, signer);
		signer = private;
	}
	*ret_signer = signer;
	if (call->facts)
		*call->facts = facts;
	return ERROR_NONE;
}

/* Finds the key, unless that was done before in these sessions. */
static enum error_code
load(struct pkcs11_store *store, struct token_lease *lease,
    const struct call *call, CK_OBJECT_HANDLE *ret_signer, struct error *err)
{
	enum error_code code;

	if (key_cache_get(store->cache, call->name, lease->generation,
		ret_signer, call->facts))
		return ERROR_NONE;
	if (token_lock_objects(lease, err))
		return err->code;
	/* Another thread may have found it meanwhile. */
	code = key_cache_get(store->cache, call->name, lease->generation,
		   ret_signer, call->facts)
		   ? ERROR_NONE
		   : look_up(store, lease, call, ret_signer, err);
	token_unlock_objects(lease);
	return code;
}

static enum error_code
do_find(struct pkcs11_store *store, struct token_lease *lease,
    const struct call *call, struct error *err)
{
	CK_OBJECT_HANDLE signer;

	return load(store, lease, call, &signer, err);
}

/* The source of a preloaded key; NULL for a key of keyd's own token. */
static enum error_code
source_of(struct pkcs11_store *store, const struct key_name *name,
    const struct source **ret_source, struct error *err)
{
	struct source *source = NULL;

	if (name->uri && source_get(store->sources, name->uri, &source, err))
		return err->code;
	*ret_source = source;
	return ERROR_NONE;
}

enum error_code
pkcs11_store_find(struct pkcs11_store *store, const struct key_name *name,
    struct key_facts *ret_facts, struct error *err)
{
	struct call call = {.name = name, .facts = ret_facts};
	struct token *token;

	if (source_of(store, name, &call.source, err) ||
	    token_of(store, &call, &token, err))
		return err->code;
	if (key_cache_get(
		store->cache, name, token_generation(token), NULL, ret_facts))
		return ERROR_NONE;
	return run(store, &call, TOKEN_SIGN, do_find, err);
}

/* ---- signing ---- */

static enum error_code
do_sign(struct pkcs11_store *store, struct token_lease *lease,
    const struct call *call, struct error *err)
{
	CK_OBJECT_HANDLE signer;

	if (load(store, lease, call, &signer, err))
		return err->code;
	return sign_with(
	    lease, signer, call->mechanism, call->input, call->signature, err);
}

enum error_code
pkcs11_store_sign(struct pkcs11_store *store, const struct key_name *name,
    enum key_mechanism mechanism, const struct key_input *input,
    struct key_signature *ret_signature, struct error *err)
{
	struct call call = {
	    .name = name,
	    .mechanism = mechanism,
	    .input = input,
	    .signature = ret_signature,
	};

	if (source_of(store, name, &call.source, err))
		return err->code;
	return run(store, &call, TOKEN_SIGN, do_sign, err);
}

/* ---- changes ---- */

unsigned
pkcs11_store_sessions(struct pkcs11_store *store)
{
	struct token *token = store->base ? source_known(store->base) : NULL;

	return token ? token_limit(token) : 0;
}

size_t
pkcs11_store_figures(struct pkcs11_store *store,
    struct token_figures ret_figures[KEY_STORE_TOKENS_MAX])
{
	return sources_figures(store->sources, ret_figures);
}

enum error_code
pkcs11_store_hang(struct pkcs11_store *store, struct error *err)
{
	return sources_hang(store->sources, err);
}

bool
pkcs11_store_alive(struct pkcs11_store *store)
{
	return sources_are_alive(store->sources);
}

enum error_code
pkcs11_store_check(struct pkcs11_store *store,
    char ret_serial[KEY_SERIAL_MAX + 1], struct error *err)
{
	struct call call = {0};
	struct token *token;

	if (token_of(store, &call, &token, err) || token_open(token, err))
		return err->code;
	memcpy(ret_serial, token_slot(token)->serial, KEY_SERIAL_MAX + 1);
	return ERROR_NONE;
}

static enum error_code
do_generate(struct pkcs11_store *store, struct token_lease *lease,
    const struct call *call, struct error *err)
{
	CK_OBJECT_HANDLE private;

	(void)store;
	return generate_pair(lease, call->label, call->spec, call->usage,
	    &private, call->facts, err);
}

enum error_code
pkcs11_store_generate(struct pkcs11_store *store, const char *label,
    enum key_spec spec, unsigned usage, struct key_facts *ret_facts,
    struct error *err)
{
	struct call call = {
	    .label = label, .spec = spec, .usage = usage, .facts = ret_facts};

	return run(store, &call, TOKEN_CHANGE, do_generate, err);
}

static enum error_code
do_destroy(struct pkcs11_store *store, struct token_lease *lease,
    const struct call *call, struct error *err)
{
	struct object_query query = lookup_query(call->name, NULL);
	enum error_code code = destroy_pair(lease, &query, err);

	key_cache_drop(store->cache, call->name);
	return code;
}

enum error_code
pkcs11_store_destroy(
    struct pkcs11_store *store, const struct key_name *name, struct error *err)
{
	struct call call = {.name = name};

	return run(store, &call, TOKEN_CHANGE, do_destroy, err);
}

static enum error_code
set_attribute(struct pkcs11_store *store, struct token_lease *lease,
    const struct call *call, CK_ATTRIBUTE_TYPE type, const void *data,
    size_t length, struct error *err)
{
	struct object_query query = lookup_query(call->name, NULL);
	size_t count;

	key_cache_drop(store->cache, call->name);
	if (set_on_pair(lease, &query, type, data, length, &count, err))
		return err->code;
	if (count == 0)
		return error_set(
		    err, ERROR_NOT_FOUND, "no key '%s'", call->name->label);
	return ERROR_NONE;
}

static enum error_code
do_set_label(struct pkcs11_store *store, struct token_lease *lease,
    const struct call *call, struct error *err)
{
	return set_attribute(store, lease, call, CKA_LABEL, call->label,
	    strlen(call->label), err);
}

enum error_code
pkcs11_store_set_label(struct pkcs11_store *store, const struct key_name *name,
    const char *label, struct error *err)
{
	struct call call = {.name = name, .label = label};

	return run(store, &call, TOKEN_CHANGE, do_set_label, err);
}

static enum error_code
do_set_tag(struct pkcs11_store *store, struct token_lease *lease,
    const struct call *call, struct error *err)
{
	return set_attribute(store, lease, call, CKA_ID, call->tag->data,
	    call->tag->length, err);
}

enum error_code
pkcs11_store_set_tag(struct pkcs11_store *store, const struct key_name *name,
    const struct key_tag *tag, struct error *err)
{
	struct call call = {.name = name, .tag = tag};

	return run(store, &call, TOKEN_CHANGE, do_set_tag, err);
}

static enum error_code
list_objects(
    struct token_lease *lease, const struct call *call, struct error *err)
{
	struct object_query query = {.label = call->label};
	char label[KEY_ID_MAX + 1];
	struct object_list list;
	struct key_tag tag;

	if (object_find(lease, CKO_PRIVATE_KEY, &query, false, &list, err))
		return err->code;
	for (CK_ULONG i = 0; i < list.count; i++) {
		if (object_read_label(lease, list.items[i], label, err) ||
		    object_read_tag(lease, list.items[i], &tag, err))
			return err->code;
		if (*label)
			call->visit(call->context, label, &tag);
	}
	return ERROR_NONE;
}

static enum error_code
do_list(struct pkcs11_store *store, struct token_lease *lease,
    const struct call *call, struct error *err)
{
	enum error_code code;

	(void)store;
	if (token_lock_objects(lease, err))
		return err->code;
	code = list_objects(lease, call, err);
	token_unlock_objects(lease);
	return code;
}

enum error_code
pkcs11_store_list(struct pkcs11_store *store, const char *label,
    key_visitor *visit, void *context, struct error *err)
{
	struct call call = {.label = label, .visit = visit, .context = context};

	if (!store->base)
		return ERROR_NONE;
	return run(store, &call, TOKEN_SIGN, do_list, err);
}
