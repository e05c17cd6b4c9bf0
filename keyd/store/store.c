/* SPDX-License-Identifier: MIT */
#include "store.h"

#include <limits.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include "store_file.h"
#include "store_pkcs11.h"

struct key_store {
	struct pkcs11_store *tokens;
	struct file_store *files;
	bool secrets_in_files;
};

enum error_code
key_store_open(const struct key_store_settings *settings,
    struct key_store **ret_store, struct error *err)
{
	CLEANUP(key_store) struct key_store *store = calloc(1, sizeof(*store));

	if (!store)
		return error_no_memory(err);
	store->secrets_in_files = settings->secrets_in_files;
	if (pkcs11_store_open(settings, &store->tokens, err) ||
	    file_store_open(settings->state, &store->files, err))
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
	return file_store_has(name)
		   ? file_store_find(store->files, name, ret_facts, err)
		   : pkcs11_store_find(store->tokens, name, ret_facts, err);
}

/* ---- use ---- */

enum error_code
key_store_sign(struct key_store *store, const struct key_name *name,
    enum key_mechanism mechanism, const struct key_input *input,
    struct key_signature *ret_signature, struct error *err)
{
	return file_store_has(name) ? file_store_sign(store->files, name,
					  mechanism, input, ret_signature, err)
				    : pkcs11_store_sign(store->tokens, name,
					  mechanism, input, ret_signature, err);
}

enum error_code
key_store_decrypt(struct key_store *store, const struct key_name *name,
    enum key_padding padding, const struct key_input *ciphertext,
    const struct key_input *label, struct key_plain *ret_plain,
    struct error *err)
{
	return file_store_has(name)
		   ? file_store_decrypt(store->files, name, padding, ciphertext,
			 label, ret_plain, err)
		   : pkcs11_store_decrypt(store->tokens, name, padding,
			 ciphertext, label, ret_plain, err);
}

enum error_code
key_store_agree(struct key_store *store, const struct key_name *name,
    const struct key_public *peer, struct key_plain *ret_secret,
    struct error *err)
{
	return file_store_has(name)
		   ? file_store_agree(store->files, name, peer, ret_secret, err)
		   : pkcs11_store_agree(
			 store->tokens, name, peer, ret_secret, err);
}

enum error_code
key_store_mac(struct key_store *store, const struct key_name *name,
    const struct key_input *message, unsigned char ret_mac[KEY_MAC_SIZE],
    struct error *err)
{
	return file_store_has(name)
		   ? file_store_mac(store->files, name, message, ret_mac, err)
		   : pkcs11_store_mac(
			 store->tokens, name, message, ret_mac, err);
}

enum error_code
key_store_seal(struct key_store *store, const struct key_name *name,
    const struct key_seal *seal, const struct key_input *plain,
    unsigned char *ret_sealed, struct error *err)
{
	return file_store_has(name) ? file_store_seal(store->files, name, seal,
					  plain, ret_sealed, err)
				    : pkcs11_store_seal(store->tokens, name,
					  seal, plain, ret_sealed, err);
}

enum error_code
key_store_unseal(struct key_store *store, const struct key_name *name,
    const struct key_seal *seal, const struct key_input *sealed,
    unsigned char *ret_plain, bool *ret_genuine, struct error *err)
{
	return file_store_has(name)
		   ? file_store_unseal(store->files, name, seal, sealed,
			 ret_plain, ret_genuine, err)
		   : pkcs11_store_unseal(store->tokens, name, seal, sealed,
			 ret_plain, ret_genuine, err);
}

enum error_code
key_store_random(struct key_store *store, unsigned char *ret_data,
    size_t length, struct error *err)
{
	if (pkcs11_store_has_token(store->tokens))
		return pkcs11_store_random(
		    store->tokens, ret_data, length, err);
	if (length > INT_MAX || RAND_bytes(ret_data, (int)length) != 1)
		return error_set_openssl(err, ERROR_INTERNAL, "RAND_bytes");
	return ERROR_NONE;
}

/* ---- changes ---- */

enum error_code
key_store_generate(struct key_store *store, const char *label,
    enum key_spec spec, unsigned usage, struct key_facts *ret_facts,
    struct error *err)
{
	const struct generate_wish wish = {label, spec, usage};

	return pkcs11_store_generate(store->tokens, &wish, ret_facts, err);
}

/* In the token; what that cannot have goes into a file, if it may. */
static enum error_code
make_secret(struct key_store *store, const char *label, unsigned usage,
    const struct key_input *value, struct key_facts *ret_facts,
    struct error *err)
{
	enum error_code code = pkcs11_store_make_secret(
	    store->tokens, label, usage, value, ret_facts, err);
	struct error reason = *err;

	/* Not found: no token is configured. */
	if (code != ERROR_INVALID && code != ERROR_NOT_FOUND)
		return code;
	if (store->secrets_in_files)
		return file_store_make_secret(
		    store->files, label, value, ret_facts, err);
	return error_set(err, ERROR_INVALID,
	    "%s; 'symmetric_keys: file' would keep it in a file instead",
	    reason.message);
}

enum error_code
key_store_generate_secret(struct key_store *store, const char *label,
    unsigned usage, struct key_facts *ret_facts, struct error *err)
{
	return make_secret(store, label, usage, NULL, ret_facts, err);
}

enum error_code
key_store_import_secret(struct key_store *store, const char *label,
    const struct key_input *secret, unsigned usage, struct key_facts *ret_facts,
    struct error *err)
{
	if (secret->length == 0 || secret->length > KEY_SECRET_MAX)
		return error_set(err, ERROR_INVALID,
		    "a secret has 1 to %d bytes, not %zu", KEY_SECRET_MAX,
		    secret->length);
	return make_secret(store, label, usage, secret, ret_facts, err);
}

enum error_code
key_store_import_pair(struct key_store *store, const char *label,
    EVP_PKEY *pair, unsigned usage, struct key_facts *ret_facts,
    struct error *err)
{
	const struct generate_wish wish = {.label = label, .usage = usage};

	return pkcs11_store_import_pair(
	    store->tokens, pair, &wish, ret_facts, err);
}

enum error_code
key_store_destroy(
    struct key_store *store, const struct key_name *name, struct error *err)
{
	return file_store_has(name)
		   ? file_store_destroy(store->files, name, err)
		   : pkcs11_store_destroy(store->tokens, name, err);
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

/* ---- what there is ---- */

enum error_code
key_store_list(struct key_store *store, enum key_kind kind, const char *label,
    key_visitor *visit, void *context, struct error *err)
{
	return pkcs11_store_list(
	    store->tokens, kind, label, visit, context, err);
}

enum error_code
key_store_certificates(struct key_store *store, const struct key_name *name,
    key_visitor *visit, void *context, struct error *err)
{
	if (file_store_has(name))
		return ERROR_NONE;
	return pkcs11_store_certificates(
	    store->tokens, name, visit, context, err);
}

unsigned
key_store_sessions(struct key_store *store, const char *uri)
{
	return pkcs11_store_sessions(store->tokens, uri);
}

size_t
key_store_figures(struct key_store *store,
    struct token_figures ret_figures[KEY_STORE_TOKENS_MAX])
{
	return pkcs11_store_figures(store->tokens, ret_figures);
}

enum error_code
key_store_hang(struct key_store *store, const char *uri, struct error *err)
{
	return pkcs11_store_hang(store->tokens, uri, err);
}

bool
key_store_alive(struct key_store *store)
{
	return pkcs11_store_alive(store->tokens);
}
