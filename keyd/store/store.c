/* SPDX-License-Identifier: MIT */
#include "store.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "store_file.h"
#include "store_pkcs11.h"
#include "token.h"

struct key_store {
	struct pkcs11_store *tokens;
	struct file_store *files;
	unsigned sessions;
};

enum error_code
key_store_open(const struct key_store_settings *settings,
    struct key_store **ret_store, struct error *err)
{
	CLEANUP(key_store) struct key_store *store = calloc(1, sizeof(*store));

	if (!store)
		return error_no_memory(err);
	store->sessions = settings->sessions;
	if (pkcs11_store_open(settings, &store->tokens, err) ||
	    file_store_open(&store->files, err))
		return err->code;
	*ret_store = TAKE(store);
	return ERROR_NONE;
}

void
key_store_close(struct key_store *store)
{
	if (!store)
		return;
	pkcs11_store_close(store->tokens);
	file_store_close(store->files);
	free(store);
}

static bool
is_file(const struct key_name *name)
{
	return name->uri && strncasecmp(name->uri, "file:", 5) == 0;
}

enum error_code
key_store_check(struct key_store *store, char ret_serial[KEY_SERIAL_MAX + 1],
    struct error *err)
{
	return pkcs11_store_check(store->tokens, ret_serial, err);
}

enum error_code
key_store_find(struct key_store *store, const struct key_name *name,
    struct key_facts *ret_facts, struct error *err)
{
	return is_file(name)
		   ? file_store_find(store->files, name, ret_facts, err)
		   : pkcs11_store_find(store->tokens, name, ret_facts, err);
}

enum error_code
key_store_sign(struct key_store *store, const struct key_name *name,
    enum key_mechanism mechanism, const unsigned char *input, size_t length,
    struct key_signature *ret_signature, struct error *err)
{
	return is_file(name) ? file_store_sign(store->files, name, mechanism,
				   input, length, ret_signature, err)
			     : pkcs11_store_sign(store->tokens, name, mechanism,
				   input, length, ret_signature, err);
}

enum error_code
key_store_generate(struct key_store *store, const char *label,
    enum key_spec spec, struct key_facts *ret_facts, struct error *err)
{
	return pkcs11_store_generate(
	    store->tokens, label, spec, ret_facts, err);
}

enum error_code
key_store_destroy(
    struct key_store *store, const struct key_name *name, struct error *err)
{
	return pkcs11_store_destroy(store->tokens, name, err);
}

enum error_code
key_store_set_label(struct key_store *store, const struct key_name *name,
    const char *label, struct error *err)
{
	return pkcs11_store_set_label(store->tokens, name, label, err);
}

enum error_code
key_store_set_tag(struct key_store *store, const struct key_name *name,
    const struct key_tag *tag, struct error *err)
{
	return pkcs11_store_set_tag(store->tokens, name, tag, err);
}

enum error_code
key_store_list(struct key_store *store, const char *label, key_visitor *visit,
    void *context, struct error *err)
{
	return pkcs11_store_list(store->tokens, label, visit, context, err);
}

/*
 * Two more than there are sessions: what needs no token, such as a list or a
 * refusal, is then not held up by slow signatures.
 */
unsigned
key_store_parallelism(const struct key_store *store)
{
	unsigned sessions = pkcs11_store_sessions(store->tokens);

	if (sessions == 0)
		sessions = store->sessions;
	if (sessions == 0)
		sessions = TOKEN_SESSIONS_DEFAULT;
	return sessions + 2;
}
