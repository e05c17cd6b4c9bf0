/* SPDX-License-Identifier: MIT */
#include "fake_store_state.h"

#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "software.h"

#define SECRET_SIZE 32

struct key_store *
fake_store_open(void)
{
	struct key_store *store = calloc(1, sizeof(*store));

	if (!store)
		abort();
	store->next_tag = 100;
	(void)snprintf(store->serial, sizeof(store->serial), "%s", FAKE_SERIAL);
	return store;
}

static void
drop(struct fake_key *key)
{
	EVP_PKEY_free(key->pair);
	free(key->uri);
	*key = (struct fake_key){0};
}

void
key_store_close(struct key_store *store)
{
	if (!store)
		return;
	for (size_t i = 0; i < KEYS_MAX; i++)
		drop(&store->keys[i]);
	free(store);
}

void
fake_store_hang(struct key_store *store, bool hangs)
{
	store->hangs = hangs;
}

void
fake_store_unplug(struct key_store *store, bool unplugged)
{
	store->is_unplugged = unplugged;
}

void
fake_store_protect(struct key_store *store, bool is_protected)
{
	store->is_protected = is_protected;
}

void
fake_store_refuse(struct key_store *store, enum key_spec spec)
{
	store->refuses[spec] = true;
}

void
fake_store_refuse_secrets(struct key_store *store, bool allow_files)
{
	store->refuses_secrets = true;
	store->allows_files = allow_files;
}

void
fake_store_exchange(struct key_store *store, const char *serial)
{
	(void)snprintf(store->serial, sizeof(store->serial), "%s", serial);
}

static struct fake_key *
add(struct key_store *store, enum key_kind kind, const char *label)
{
	for (size_t i = 0; i < KEYS_MAX; i++)
		if (!store->keys[i].is_used) {
			struct fake_key *key = &store->keys[i];

			*key = (struct fake_key){
			    .is_used = true, .kind = kind, .usage = KEY_SIGNS};
			(void)snprintf(
			    key->label, sizeof(key->label), "%s", label);
			return key;
		}
	return NULL;
}

static struct fake_key *
add_or_abort(struct key_store *store, enum key_kind kind, const char *label)
{
	struct fake_key *key = add(store, kind, label);

	if (!key)
		abort();
	return key;
}

static void
set_secret(struct fake_key *key, const void *secret, size_t length)
{
	memcpy(key->secret, secret, length);
	key->length = length;
	key->usage = software_usage_of_secret(length);
}

void
fake_store_add(struct key_store *store, const char *label, unsigned char tag)
{
	struct fake_key *key = add_or_abort(store, KEY_PAIR, label);

	key->pair = fake_store_pair(KEY_SPEC_P256);
	key->tag.length = tag ? 1 : 0;
	key->tag.data[0] = tag;
}

void
fake_store_add_secret(struct key_store *store, const char *label,
    unsigned char tag, const void *secret, size_t length)
{
	struct fake_key *key = add_or_abort(store, KEY_SECRET, label);

	set_secret(key, secret, length);
	key->tag.length = tag ? 1 : 0;
	key->tag.data[0] = tag;
}

void
fake_store_add_uri(struct key_store *store, const char *uri, enum key_spec spec)
{
	struct fake_key *key = add_or_abort(store, KEY_PAIR, "");

	key->uri = strdup(uri);
	key->pair = fake_store_pair(spec);
	key->usage = KEY_SIGNS | KEY_DECRYPTS | KEY_DERIVES;
	if (!key->uri)
		abort();
}

void
fake_store_add_certificate(
    struct key_store *store, const char *label, unsigned char tag)
{
	(void)snprintf(store->certificate.label,
	    sizeof(store->certificate.label), "%s", label);
	store->certificate.tag = tag;
}

void
fake_store_lose(struct key_store *store, const char *label)
{
	for (size_t i = 0; i < KEYS_MAX; i++)
		if (strcmp(store->keys[i].label, label) == 0)
			drop(&store->keys[i]);
}

unsigned
fake_store_count(const struct key_store *store, const char *label)
{
	unsigned count = 0;

	for (size_t i = 0; i < KEYS_MAX; i++)
		if (store->keys[i].is_used && !store->keys[i].uri &&
		    (!label || strcmp(store->keys[i].label, label) == 0))
			count++;
	return count;
}

unsigned char
fake_store_tag(const struct key_store *store, const char *label)
{
	for (size_t i = 0; i < KEYS_MAX; i++)
		if (store->keys[i].is_used &&
		    strcmp(store->keys[i].label, label) == 0)
			return store->keys[i].tag.length > 0
				   ? store->keys[i].tag.data[0]
				   : 0;
	return 0;
}

static bool
is_named(
    const struct fake_key *key, const struct key_name *name, bool by_tag_alone)
{
	if (!key->is_used || !key->uri != !name->uri ||
	    key->kind != name->kind || key->in_file != name->in_file)
		return false;
	if (name->uri)
		return strcmp(key->uri, name->uri) == 0;
	if (name->tag.length > 0 && !key_tag_equal(&key->tag, &name->tag))
		return false;
	return by_tag_alone || strcmp(key->label, name->label) == 0;
}

static struct fake_key *
find_named(
    struct key_store *store, const struct key_name *name, bool by_tag_alone)
{
	for (size_t i = 0; i < KEYS_MAX; i++)
		if (is_named(&store->keys[i], name, by_tag_alone))
			return &store->keys[i];
	return NULL;
}

enum error_code
fake_store_check_plugged(const struct key_store *store, struct error *err)
{
	if (store->is_unplugged)
		return error_set(
		    err, ERROR_UNAVAILABLE, "the token is unplugged");
	return ERROR_NONE;
}

enum error_code
fake_store_find(struct key_store *store, const struct key_name *name,
    struct fake_key **ret_key, struct error *err)
{
	if (!name->in_file && fake_store_check_plugged(store, err))
		return err->code;
	if (name->serial && *name->serial &&
	    strcmp(name->serial, store->serial) != 0)
		return error_set(err, ERROR_UNAVAILABLE, "another token");
	*ret_key = find_named(store, name, false);
	if (!*ret_key && name->tag.length > 0)
		*ret_key = find_named(store, name, true);
	if (!*ret_key)
		return error_set(err, ERROR_NOT_FOUND, "no such key");
	return ERROR_NONE;
}

enum error_code
key_store_check(struct key_store *store, char ret_serial[KEY_SERIAL_MAX + 1],
    struct error *err)
{
	if (fake_store_check_plugged(store, err))
		return err->code;
	memcpy(ret_serial, store->serial, KEY_SERIAL_MAX + 1);
	return ERROR_NONE;
}

static enum error_code
read_facts(const struct key_store *store, const struct fake_key *key,
    struct key_facts *ret_facts, struct error *err)
{
	bool is_safe = !key->uri && !key->in_file;
	struct key_facts facts = {
	    .kind = key->kind,
	    .usage = key->usage,
	    .bits = (unsigned)key->length * 8,
	    .sensitive = is_safe,
	    .always_sensitive = is_safe && key->is_local,
	    .never_extractable = is_safe && key->is_local,
	    .local = is_safe && key->is_local,
	    .extractable = !is_safe,
	    .in_file = key->in_file,
	    .tag = key->tag,
	};

	if (key->pair && key_public_from_pkey(key->pair, &facts.public, err))
		return err->code;
	if (is_safe)
		memcpy(facts.serial, store->serial, sizeof(facts.serial));
	(void)snprintf(facts.location, sizeof(facts.location), "%s%s",
	    key->uri       ? key->uri
	    : key->in_file ? "file:///fake/"
			   : "pkcs11:token=fake;object=",
	    key->label);
	*ret_facts = facts;
	return ERROR_NONE;
}

enum error_code
key_store_find(struct key_store *store, const struct key_name *name,
    struct key_facts *ret_facts, struct error *err)
{
	struct fake_key *key;

	if (fake_store_find(store, name, &key, err))
		return err->code;
	return read_facts(store, key, ret_facts, err);
}

/* ---- changes ---- */

static enum error_code
add_new(struct key_store *store, enum key_kind kind, const char *label,
    unsigned usage, struct fake_key **ret_key, struct error *err)
{
	if (fake_store_check_plugged(store, err))
		return err->code;
	*ret_key = add(store, kind, label);
	if (!*ret_key)
		return error_set(err, ERROR_UNAVAILABLE, "the token is full");
	(*ret_key)->usage = usage;
	(*ret_key)->tag.length = 1;
	(*ret_key)->tag.data[0] = store->next_tag++;
	return ERROR_NONE;
}

enum error_code
key_store_generate(struct key_store *store, const char *label,
    enum key_spec spec, unsigned usage, struct key_facts *ret_facts,
    struct error *err)
{
	struct fake_key *key;

	if (!store->is_unplugged && store->refuses[spec])
		return error_set(err, ERROR_INVALID, "no such keys here");
	if (add_new(store, KEY_PAIR, label, usage, &key, err))
		return err->code;
	key->is_local = true;
	key->pair = fake_store_pair(spec);
	return read_facts(store, key, ret_facts, err);
}

enum error_code
key_store_import_pair(struct key_store *store, const char *label,
    EVP_PKEY *pair, unsigned usage, struct key_facts *ret_facts,
    struct error *err)
{
	struct fake_key *key;

	if (add_new(store, KEY_PAIR, label, usage, &key, err))
		return err->code;
	if (!EVP_PKEY_up_ref(pair))
		abort();
	key->pair = pair;
	return read_facts(store, key, ret_facts, err);
}

/* In the token, or, if that refuses, in a file, whose name is the label. */
static enum error_code
add_secret(struct key_store *store, const char *label, unsigned usage,
    struct fake_key **ret_key, struct error *err)
{
	const struct key_name in_file = {
	    .kind = KEY_SECRET, .label = label, .in_file = true};

	if (!store->refuses_secrets)
		return add_new(store, KEY_SECRET, label, usage, ret_key, err);
	if (!store->allows_files)
		return error_set(err, ERROR_INVALID,
		    "the token takes no secrets; set symmetric_keys: file");
	*ret_key = find_named(store, &in_file, true);
	if (!*ret_key)
		*ret_key = add_or_abort(store, KEY_SECRET, label);
	(*ret_key)->in_file = true;
	return ERROR_NONE;
}

enum error_code
key_store_generate_secret(struct key_store *store, const char *label,
    unsigned usage, struct key_facts *ret_facts, struct error *err)
{
	unsigned char secret[SECRET_SIZE];
	struct fake_key *key;

	if (RAND_bytes(secret, sizeof(secret)) != 1)
		abort();
	if (add_secret(store, label, usage, &key, err))
		return err->code;
	set_secret(key, secret, sizeof(secret));
	key->usage = key->in_file ? key->usage : usage;
	key->is_local = true;
	return read_facts(store, key, ret_facts, err);
}

enum error_code
key_store_import_secret(struct key_store *store, const char *label,
    const struct key_input *secret, unsigned usage, struct key_facts *ret_facts,
    struct error *err)
{
	struct fake_key *key;

	if (add_secret(store, label, usage, &key, err))
		return err->code;
	set_secret(key, secret->data, secret->length);
	key->usage = key->in_file ? key->usage : usage;
	return read_facts(store, key, ret_facts, err);
}

static enum error_code
find_to_change(struct key_store *store, const struct key_name *name,
    struct fake_key **ret_key, struct error *err)
{
	if (store->is_protected)
		return error_set(
		    err, ERROR_UNAVAILABLE, "the token is write-protected");
	return fake_store_find(store, name, ret_key, err);
}

enum error_code
key_store_destroy(
    struct key_store *store, const struct key_name *name, struct error *err)
{
	struct fake_key *key;
	enum error_code code = find_to_change(store, name, &key, err);

	if (code == ERROR_NONE)
		drop(key);
	return code == ERROR_NOT_FOUND ? ERROR_NONE : code;
}

enum error_code
key_store_set_label(struct key_store *store, const struct key_name *name,
    const char *label, struct error *err)
{
	struct fake_key *key;

	if (find_to_change(store, name, &key, err))
		return err->code;
	(void)snprintf(key->label, sizeof(key->label), "%s", label);
	return ERROR_NONE;
}

enum error_code
key_store_set_tag(struct key_store *store, const struct key_name *name,
    const struct key_tag *tag, struct error *err)
{
	struct fake_key *key;

	if (find_to_change(store, name, &key, err))
		return err->code;
	key->tag = *tag;
	return ERROR_NONE;
}

enum error_code
key_store_list(struct key_store *store, enum key_kind kind, const char *label,
    key_visitor *visit, void *context, struct error *err)
{
	if (fake_store_check_plugged(store, err))
		return err->code;
	for (size_t i = 0; i < KEYS_MAX; i++) {
		const struct fake_key *key = &store->keys[i];

		if (key->is_used && !key->uri && !key->in_file &&
		    key->kind == kind &&
		    (!label || strcmp(key->label, label) == 0))
			visit(context, key->label, &key->tag);
	}
	return ERROR_NONE;
}

enum error_code
key_store_certificates(struct key_store *store, const struct key_name *name,
    key_visitor *visit, void *context, struct error *err)
{
	const struct fake_certificate *certificate = &store->certificate;
	struct fake_key *key;

	if (fake_store_find(store, name, &key, err))
		return err->code;
	if (certificate->tag > 0 && key->tag.length > 0 &&
	    key->tag.data[0] == certificate->tag)
		visit(context, certificate->label, &key->tag);
	return ERROR_NONE;
}
