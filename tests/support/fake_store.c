/* SPDX-License-Identifier: MIT */
#include "fake_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEYS_MAX 16
#define RSA_SIZE 256

struct fake_key {
	bool is_used;
	char *uri; /* of a preloaded key */
	char label[KEY_ID_MAX + 1];
	enum key_spec spec;
	struct key_tag tag;
};

struct key_store {
	bool is_unplugged;
	bool is_protected;
	bool refuses[KEY_SPEC_RSA4096 + 1];
	char serial[KEY_SERIAL_MAX + 1];
	unsigned char next_tag;
	struct fake_key keys[KEYS_MAX];
};

/* The generator of P-256: a point is as good as another. */
static const unsigned char generator[] = {0x04, 0x6b, 0x17, 0xd1, 0xf2, 0xe1,
    0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5, 0x63, 0xa4, 0x40, 0xf2, 0x77,
    0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4, 0xa1, 0x39, 0x45, 0xd8,
    0x98, 0xc2, 0x96, 0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a, 0x7f, 0x9b, 0x8e,
    0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16, 0x2b, 0xce, 0x33, 0x57, 0x6b,
    0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5};
static const unsigned char p256_oid[] = {
    0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};

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

void
key_store_close(struct key_store *store)
{
	if (!store)
		return;
	for (size_t i = 0; i < KEYS_MAX; i++)
		free(store->keys[i].uri);
	free(store);
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
fake_store_exchange(struct key_store *store, const char *serial)
{
	(void)snprintf(store->serial, sizeof(store->serial), "%s", serial);
}

static struct fake_key *
add(struct key_store *store, const char *label)
{
	for (size_t i = 0; i < KEYS_MAX; i++)
		if (!store->keys[i].is_used) {
			struct fake_key *key = &store->keys[i];

			*key = (struct fake_key){.is_used = true};
			(void)snprintf(
			    key->label, sizeof(key->label), "%s", label);
			return key;
		}
	return NULL;
}

void
fake_store_add(struct key_store *store, const char *label, unsigned char tag)
{
	struct fake_key *key = add(store, label);

	if (!key)
		abort();
	key->tag.length = tag ? 1 : 0;
	key->tag.data[0] = tag;
}

void
fake_store_add_uri(struct key_store *store, const char *uri, enum key_spec spec)
{
	struct fake_key *key = add(store, "");

	if (!key || !(key->uri = strdup(uri)))
		abort();
	key->spec = spec;
}

void
fake_store_lose(struct key_store *store, const char *label)
{
	for (size_t i = 0; i < KEYS_MAX; i++)
		if (strcmp(store->keys[i].label, label) == 0)
			store->keys[i].is_used = false;
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
	if (!key->is_used || !key->uri != !name->uri)
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

static enum error_code
check_plugged(const struct key_store *store, struct error *err)
{
	if (store->is_unplugged)
		return error_set(
		    err, ERROR_UNAVAILABLE, "the token is unplugged");
	return ERROR_NONE;
}

static enum error_code
find(struct key_store *store, const struct key_name *name,
    struct fake_key **ret_key, struct error *err)
{
	if (check_plugged(store, err))
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
	if (check_plugged(store, err))
		return err->code;
	memcpy(ret_serial, store->serial, KEY_SERIAL_MAX + 1);
	return ERROR_NONE;
}

static struct key_facts
facts_of(const struct key_store *store, const struct fake_key *key)
{
	struct key_facts facts = {
	    .public.algorithm = key->spec == KEY_SPEC_P256 ? KEY_EC : KEY_RSA,
	    .sensitive = !key->uri,
	    .always_sensitive = !key->uri,
	    .never_extractable = !key->uri,
	    .local = !key->uri,
	    .extractable = key->uri,
	    .tag = key->tag,
	};

	if (facts.public.algorithm == KEY_EC) {
		facts.public.curve =
		    key_curve_of_oid(p256_oid, sizeof(p256_oid));
		facts.public.point_length = sizeof(generator);
		memcpy(facts.public.point, generator, sizeof(generator));
	} else {
		facts.public.modulus_length = RSA_SIZE;
		memset(facts.public.modulus, 0xc1, RSA_SIZE);
		facts.public.exponent_length = 3;
		memcpy(facts.public.exponent, "\x01\x00\x01", 3);
	}
	if (!key->uri)
		memcpy(facts.serial, store->serial, sizeof(facts.serial));
	(void)snprintf(facts.location, sizeof(facts.location), "%s%s",
	    key->uri ? key->uri : "pkcs11:token=fake;object=", key->label);
	return facts;
}

enum error_code
key_store_find(struct key_store *store, const struct key_name *name,
    struct key_facts *ret_facts, struct error *err)
{
	struct fake_key *key;

	if (find(store, name, &key, err))
		return err->code;
	*ret_facts = facts_of(store, key);
	return ERROR_NONE;
}

enum error_code
key_store_sign(struct key_store *store, const struct key_name *name,
    enum key_mechanism mechanism, const unsigned char *input, size_t length,
    struct key_signature *ret_signature, struct error *err)
{
	struct fake_key *key;

	if (find(store, name, &key, err))
		return err->code;
	for (size_t i = 0; i < length; i++)
		ret_signature->data[i] = input[length - 1 - i];
	ret_signature->length = length;
	if (mechanism != KEY_ECDSA)
		return ERROR_NONE;
	memcpy(ret_signature->data + length, ret_signature->data, length);
	ret_signature->length = 2 * length;
	return ERROR_NONE;
}

enum error_code
key_store_generate(struct key_store *store, const char *label,
    enum key_spec spec, struct key_facts *ret_facts, struct error *err)
{
	struct fake_key *key;

	if (check_plugged(store, err))
		return err->code;
	if (store->refuses[spec])
		return error_set(err, ERROR_INVALID, "no such keys here");
	key = add(store, label);
	if (!key)
		return error_set(err, ERROR_UNAVAILABLE, "the token is full");
	key->spec = spec;
	key->tag.length = 1;
	key->tag.data[0] = store->next_tag++;
	*ret_facts = facts_of(store, key);
	return ERROR_NONE;
}

static enum error_code
find_to_change(struct key_store *store, const struct key_name *name,
    struct fake_key **ret_key, struct error *err)
{
	if (store->is_protected)
		return error_set(
		    err, ERROR_UNAVAILABLE, "the token is write-protected");
	return find(store, name, ret_key, err);
}

enum error_code
key_store_destroy(
    struct key_store *store, const struct key_name *name, struct error *err)
{
	struct fake_key *key;
	enum error_code code = find_to_change(store, name, &key, err);

	if (code == ERROR_NONE)
		key->is_used = false;
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
key_store_list(struct key_store *store, const char *label, key_visitor *visit,
    void *context, struct error *err)
{
	if (check_plugged(store, err))
		return err->code;
	for (size_t i = 0; i < KEYS_MAX; i++) {
		const struct fake_key *key = &store->keys[i];

		if (key->is_used && !key->uri &&
		    (!label || strcmp(key->label, label) == 0))
			visit(context, key->label, &key->tag);
	}
	return ERROR_NONE;
}
