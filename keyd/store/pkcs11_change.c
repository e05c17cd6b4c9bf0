/* SPDX-License-Identifier: MIT */
/* Making, renaming and removing keys in keyd's own token. */
#include <string.h>

#include "change.h"
#include "common/file.h"
#include "half_file.h"
#include "import.h"
#include "lookup.h"
#include "pkcs11_call.h"
#include "secret_make.h"

/*
 * A key that was made and may not be on disk is taken back: nothing changes by
 * a call that fails. Only what was made has facts.
 */
static enum error_code
make(struct pkcs11_store *store, const struct call *call, operation *work,
    struct error *err)
{
	struct key_facts *facts = call->facts;
	struct key_name name = {.serial = facts->serial};
	struct error ignored;

	facts->tag.length = 0;
	if (call_run(store, call, TOKEN_CHANGE, work, err) == ERROR_NONE)
		return ERROR_NONE;
	if (facts->tag.length == 0)
		return err->code;
	name.kind = facts->kind;
	name.label = call->wish.label;
	name.tag = facts->tag;
	if (pkcs11_store_destroy(store, &name, &ignored))
		return error_wrap(err, "a new key stays behind");
	return err->code;
}

static enum error_code
do_generate(struct pkcs11_store *store, struct token_lease *lease,
    const struct call *call, struct error *err)
{
	(void)store;
	return generate_pair(lease, &call->wish, call->facts, err);
}

enum error_code
pkcs11_store_generate(struct pkcs11_store *store,
    const struct generate_wish *wish, struct key_facts *ret_facts,
    struct error *err)
{
	struct call call = {.wish = *wish, .facts = ret_facts};

	return make(store, &call, do_generate, err);
}

static enum error_code
do_import_pair(struct pkcs11_store *store, struct token_lease *lease,
    const struct call *call, struct error *err)
{
	(void)store;
	return import_pair(lease, call->pair, &call->wish, call->facts, err);
}

enum error_code
pkcs11_store_import_pair(struct pkcs11_store *store, EVP_PKEY *pair,
    const struct generate_wish *wish, struct key_facts *ret_facts,
    struct error *err)
{
	struct call call = {.pair = pair, .wish = *wish, .facts = ret_facts};

	return make(store, &call, do_import_pair, err);
}

static enum error_code
do_make_secret(struct pkcs11_store *store, struct token_lease *lease,
    const struct call *call, struct error *err)
{
	(void)store;
	return secret_make(lease, call->wish.label, call->wish.usage,
	    call->input, call->facts, err);
}

enum error_code
pkcs11_store_make_secret(struct pkcs11_store *store, const char *label,
    unsigned usage, const struct key_input *value, struct key_facts *ret_facts,
    struct error *err)
{
	struct call call = {
	    .wish = {.label = label, .usage = usage},
	    .input = value,
	    .facts = ret_facts,
	};

	return make(store, &call, do_make_secret, err);
}

static enum error_code
do_destroy(struct pkcs11_store *store, struct token_lease *lease,
    const struct call *call, struct error *err)
{
	struct object_query query = lookup_query(call->name, NULL);

	(void)store;
	return change_destroy(lease, call->name->kind, &query, err);
}

/* The next key of this name is another one. */
static void
forget_half(const struct pkcs11_store *store, const char *label)
{
	CLEANUP(string)
	char *path = store->state ? half_file_path(store->state, label) : NULL;
	struct error ignored;

	if (path && file_exists(path) && file_remove(path, &ignored))
		return; /* a wrong half is noticed */
}

enum error_code
pkcs11_store_destroy(
    struct pkcs11_store *store, const struct key_name *name, struct error *err)
{
	struct call call = {.name = name};
	struct key_doom doom;
	enum error_code code;

	key_cache_doom(store->cache, name, &doom);
	code = call_run(store, &call, TOKEN_CHANGE, do_destroy, err);
	key_cache_spare(store->cache, &doom);
	if (code == ERROR_NONE && name->kind == KEY_PAIR)
		forget_half(store, name->label);
	return code;
}

static enum error_code
do_set(struct pkcs11_store *store, struct token_lease *lease,
    const struct call *call, struct error *err)
{
	struct object_query query = lookup_query(call->name, NULL);
	size_t count;

	key_cache_drop(store->cache, call->name);
	if (change_set(
		lease, call->name->kind, &query, call->attribute, &count, err))
		return err->code;
	if (count == 0)
		return error_set(
		    err, ERROR_NOT_FOUND, "no key '%s'", call->name->label);
	return ERROR_NONE;
}

enum error_code
pkcs11_store_set_label(struct pkcs11_store *store, const struct key_name *name,
    const char *label, struct error *err)
{
	CK_ATTRIBUTE attribute =
	    object_attribute(CKA_LABEL, label, strlen(label));
	struct call call = {.name = name, .attribute = &attribute};

	return call_run(store, &call, TOKEN_CHANGE, do_set, err);
}

enum error_code
pkcs11_store_set_tag(struct pkcs11_store *store, const struct key_name *name,
    const struct key_tag *tag, struct error *err)
{
	CK_ATTRIBUTE attribute =
	    object_attribute(CKA_ID, tag->data, tag->length);
	struct call call = {.name = name, .attribute = &attribute};

	return call_run(store, &call, TOKEN_CHANGE, do_set, err);
}
