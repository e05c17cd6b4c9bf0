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
    enum key_mechanism mechanism, const struct key_input *input,
    struct key_signature *ret_signature, struct error *err)
{
	return is_file(name) ? file_store_sign(store->files, name, mechanism,
				   input, ret_signature, err)
			     : pkcs11_store_sign(store->tokens, name, mechanism,
				   input, ret_signature, err);
}

enum error_code
key_store_generate(struct key_store *store, const char *label,
    enum key_spec spec, unsigned usage, struct key_facts *ret_facts,
    struct error *err)
{
	return pkcs11_store_generate(
	    store->tokens, label, spec, usage, ret_facts, err);
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
key_store_list(struct key_store *store, enum key_kind kind, const char *label,
    key_visitor *visit, void *context, struct error *err)
{
	return kind == KEY_SECRET ? ERROR_NONE
				  : pkcs11_store_list(store->tokens, label,
					visit, context, err);
}

unsigned
key_store_parallelism(struct key_store *store)
{
	unsigned sessions = pkcs11_store_sessions(store->tokens);

	if (sessions == 0)
		sessions = store->sessions;
	return sessions > 0 ? sessions : TOKEN_SESSIONS_DEFAULT;
}

size_t
key_store_figures(struct key_store *store,
    struct token_figures ret_figures[KEY_STORE_TOKENS_MAX])
{
	return pkcs11_store_figures(store->tokens, ret_figures);
}

enum error_code
key_store_hang(struct key_store *store, struct error *err)
{
	return pkcs11_store_hang(store->tokens, err);
}

bool
key_store_alive(struct key_store *store)
{
	return pkcs11_store_alive(store->tokens);
}

static enum error_code
not_yet(struct error *err)
{
	return error_set(err, ERROR_UNAVAILABLE, "not there yet");
}

enum error_code
key_store_decrypt(struct key_store *store, const struct key_name *name,
    enum key_padding padding, const struct key_input *ciphertext,
    const struct key_input *label, struct key_plain *ret_plain,
    struct error *err)
{
	(void)store;
	(void)name;
	(void)padding;
	(void)ciphertext;
	(void)label;
	(void)ret_plain;
	return not_yet(err);
}

enum error_code
key_store_agree(struct key_store *store, const struct key_name *name,
    const struct key_public *peer, struct key_plain *ret_secret,
    struct error *err)
{
	(void)store;
	(void)name;
	(void)peer;
	(void)ret_secret;
	return not_yet(err);
}

enum error_code
key_store_mac(struct key_store *store, const struct key_name *name,
    const struct key_input *message, unsigned char ret_mac[KEY_MAC_SIZE],
    struct error *err)
{
	(void)store;
	(void)name;
	(void)message;
	(void)ret_mac;
	return not_yet(err);
}

enum error_code
key_store_seal(struct key_store *store, const struct key_name *name,
    const struct key_seal *seal, const struct key_input *plain,
    unsigned char *ret_sealed, struct error *err)
{
	(void)store;
	(void)name;
	(void)seal;
	(void)plain;
	(void)ret_sealed;
	return not_yet(err);
}

enum error_code
key_store_unseal(struct key_store *store, const struct key_name *name,
    const struct key_seal *seal, const struct key_input *sealed,
    unsigned char *ret_plain, bool *ret_genuine, struct error *err)
{
	(void)store;
	(void)name;
	(void)seal;
	(void)sealed;
	(void)ret_plain;
	(void)ret_genuine;
	return not_yet(err);
}

enum error_code
key_store_random(struct key_store *store, unsigned char *ret_data,
    size_t length, struct error *err)
{
	(void)store;
	(void)ret_data;
	(void)length;
	return not_yet(err);
}

enum error_code
key_store_import_pair(struct key_store *store, const char *label,
    EVP_PKEY *pair, unsigned usage, struct key_facts *ret_facts,
    struct error *err)
{
	(void)store;
	(void)label;
	(void)pair;
	(void)usage;
	(void)ret_facts;
	return not_yet(err);
}

enum error_code
key_store_generate_secret(struct key_store *store, const char *label,
    unsigned usage, struct key_facts *ret_facts, struct error *err)
{
	(void)store;
	(void)label;
	(void)usage;
	(void)ret_facts;
	return not_yet(err);
}

enum error_code
key_store_import_secret(struct key_store *store, const char *label,
    const struct key_input *secret, unsigned usage, struct key_facts *ret_facts,
    struct error *err)
{
	(void)store;
	(void)label;
	(void)secret;
	(void)usage;
	(void)ret_facts;
	return not_yet(err);
}

enum error_code
key_store_certificates(struct key_store *store, const struct key_name *name,
    key_visitor *visit, void *context, struct error *err)
{
	(void)store;
	(void)name;
	(void)visit;
	(void)context;
	return not_yet(err);
}
