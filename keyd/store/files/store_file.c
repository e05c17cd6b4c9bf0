/* SPDX-License-Identifier: MIT */
#include "store_file.h"

#include <openssl/rand.h>
#include <pthread.h>
#include <string.h>
#include <strings.h>

#include "common/file.h"
#include "common/uri.h"
#include "file_key.h"
#include "software.h"

#define SECRET_SIZE 32

struct file_store {
	char *state; /* NULL: none */
	pthread_mutex_t mutex;
	struct file_key *first;
};

/* Where a key is. */
struct place {
	char *path;
	char *location;
};

static void
place_done(struct place *place)
{
	free(place->path);
	free(place->location);
}

enum error_code
file_store_open(
    const char *state, struct file_store **ret_store, struct error *err)
{
	struct file_store *store = calloc(1, sizeof(*store));

	if (!store)
		return error_no_memory(err);
	pthread_mutex_init(&store->mutex, NULL);
	store->state = state ? strdup(state) : NULL;
	if (state && !store->state) {
		file_store_close(store);
		return error_no_memory(err);
	}
	*ret_store = store;
	return ERROR_NONE;
}

void
file_store_close(struct file_store *store)
{
	if (!store)
		return;
	for (struct file_key *key = store->first, *next; key; key = next) {
		next = key->next;
		file_key_release(key);
	}
	pthread_mutex_destroy(&store->mutex);
	free(store->state);
	free(store);
}

bool
file_store_has(const struct key_name *name)
{
	return name->in_file ||
	       (name->uri && strncasecmp(name->uri, "file:", 5) == 0);
}

/* aziot's name for it, so that its files are found when they are moved here. */
static enum error_code
place_of_secret(const struct file_store *store, const char *label,
    struct place *place, struct error *err)
{
	CLEANUP(string) char *file = file_name_of_id(label, "key");

	if (!store->state)
		return error_set(
		    err, ERROR_INVALID, "there is no folder for keys in files");
	if (file)
		place->path = string_format("%s/keys/%s", store->state, file);
	if (place->path)
		place->location = string_format("file://%s", place->path);
	return place->location ? ERROR_NONE : error_no_memory(err);
}

static enum error_code
place_of(const struct file_store *store, const struct key_name *name,
    struct place *place, struct error *err)
{
	CLEANUP(uri) struct uri *uri = NULL;

	if (!name->uri)
		return place_of_secret(store, name->label, place, err);
	if (uri_parse(name->uri, &uri, err))
		return err->code;
	place->path = strdup(uri_file_path(uri));
	place->location = uri_public_text(uri);
	if (!place->path || !place->location)
		return error_no_memory(err);
	return ERROR_NONE;
}

static struct file_key **
find(struct file_store *store, const char *path, enum key_kind kind)
{
	struct file_key **link = &store->first;

	while (*link && ((*link)->facts.kind != kind ||
			    strcmp((*link)->path, path) != 0))
		link = &(*link)->next;
	return link;
}

/* Takes the key in the list, unless its file is no longer the same. */
static struct file_key *
take_current(struct file_store *store, const char *path, enum key_kind kind)
{
	struct file_key **link, *key;

	pthread_mutex_lock(&store->mutex);
	link = find(store, path, kind);
	key = *link;
	if (key && !file_key_is_current(key)) {
		*link = key->next;
		file_key_release(key);
		key = NULL;
	}
	if (key)
		atomic_fetch_add(&key->references, 1);
	pthread_mutex_unlock(&store->mutex);
	return key;
}

/* Two threads may both have read it; the last one's stays. */
static void
remember(struct file_store *store, struct file_key *key)
{
	struct file_key **link, *old;

	pthread_mutex_lock(&store->mutex);
	link = find(store, key->path, key->facts.kind);
	old = *link;
	if (old)
		*link = old->next;
	key->next = store->first;
	store->first = key;
	atomic_fetch_add(&key->references, 1);
	pthread_mutex_unlock(&store->mutex);
	file_key_release(old);
}

/* The key of name, to be released. */
static enum error_code
get(struct file_store *store, const struct key_name *name,
    struct file_key **ret_key, struct error *err)
{
	CLEANUP_DONE(place) struct place place = {0};
	struct file_key *key;

	if (place_of(store, name, &place, err))
		return err->code;
	key = take_current(store, place.path, name->kind);
	if (!key) {
		if (file_key_read(
			place.path, place.location, name->kind, &key, err))
			return err->code;
		key->facts.in_file = name->in_file;
		key->facts.local = name->in_file;
		remember(store, key);
	}
	*ret_key = key;
	return ERROR_NONE;
}

enum error_code
file_store_find(struct file_store *store, const struct key_name *name,
    struct key_facts *ret_facts, struct error *err)
{
	CLEANUP(file_key) struct file_key *key = NULL;

	if (get(store, name, &key, err))
		return err->code;
	*ret_facts = key->facts;
	return ERROR_NONE;
}

/* ---- use ---- */

enum error_code
file_store_sign(struct file_store *store, const struct key_name *name,
    enum key_mechanism mechanism, const struct key_input *input,
    struct key_signature *ret_signature, struct error *err)
{
	CLEANUP(file_key) struct file_key *key = NULL;

	if (get(store, name, &key, err))
		return err->code;
	return software_sign(key->pair, mechanism, input, ret_signature, err);
}

enum error_code
file_store_decrypt(struct file_store *store, const struct key_name *name,
    enum key_padding padding, const struct key_input *ciphertext,
    const struct key_input *label, struct key_plain *ret_plain,
    struct error *err)
{
	CLEANUP(file_key) struct file_key *key = NULL;

	if (get(store, name, &key, err))
		return err->code;
	return software_decrypt(
	    key->pair, padding, ciphertext, label, ret_plain, err);
}

enum error_code
file_store_agree(struct file_store *store, const struct key_name *name,
    const struct key_public *peer, struct key_plain *ret_secret,
    struct error *err)
{
	CLEANUP(file_key) struct file_key *key = NULL;

	if (get(store, name, &key, err))
		return err->code;
	return software_agree(key->pair, peer, ret_secret, err);
}

static struct key_input
secret_of(const struct file_key *key)
{
	return (struct key_input){key->secret, key->secret_length};
}

enum error_code
file_store_mac(struct file_store *store, const struct key_name *name,
    const struct key_input *message, unsigned char ret_mac[KEY_MAC_SIZE],
    struct error *err)
{
	CLEANUP(file_key) struct file_key *key = NULL;
	struct key_input secret;

	if (get(store, name, &key, err))
		return err->code;
	secret = secret_of(key);
	return software_mac(&secret, message, ret_mac, err);
}

enum error_code
file_store_seal(struct file_store *store, const struct key_name *name,
    const struct key_seal *seal, const struct key_input *plain,
    unsigned char *ret_sealed, struct error *err)
{
	CLEANUP(file_key) struct file_key *key = NULL;
	struct key_input secret;

	if (get(store, name, &key, err))
		return err->code;
	secret = secret_of(key);
	return software_seal(&secret, seal, plain, ret_sealed, err);
}

enum error_code
file_store_unseal(struct file_store *store, const struct key_name *name,
    const struct key_seal *seal, const struct key_input *sealed,
    unsigned char *ret_plain, bool *ret_genuine, struct error *err)
{
	CLEANUP(file_key) struct file_key *key = NULL;
	struct key_input secret;

	if (get(store, name, &key, err))
		return err->code;
	secret = secret_of(key);
	return software_unseal(
	    &secret, seal, sealed, ret_plain, ret_genuine, err);
}

/* ---- changes ---- */

static enum error_code
write_secret(const struct file_store *store, const char *path,
    const struct key_input *value, struct error *err)
{
	CLEANUP(string) char *folder = string_format("%s/keys", store->state);

	if (!folder)
		return error_no_memory(err);
	if (file_make_directory(folder, 0700, err))
		return err->code;
	return file_write(path, value->data, value->length, 0600, err);
}

enum error_code
file_store_make_secret(struct file_store *store, const char *label,
    const struct key_input *value, struct key_facts *ret_facts,
    struct error *err)
{
	const struct key_name name = {
	    .kind = KEY_SECRET, .label = label, .in_file = true};
	unsigned char fresh[SECRET_SIZE];
	const struct key_input made = {fresh, sizeof(fresh)};
	CLEANUP_DONE(place) struct place place = {0};
	enum error_code code;

	if (place_of(store, &name, &place, err))
		return err->code;
	if (!value && RAND_priv_bytes(fresh, sizeof(fresh)) != 1)
		return error_set_openssl(err, ERROR_INTERNAL, "RAND_bytes");
	code = write_secret(store, place.path, value ? value : &made, err);
	OPENSSL_cleanse(fresh, sizeof(fresh));
	return code ? code : file_store_find(store, &name, ret_facts, err);
}

enum error_code
file_store_destroy(
    struct file_store *store, const struct key_name *name, struct error *err)
{
	CLEANUP_DONE(place) struct place place = {0};

	if (place_of(store, name, &place, err))
		return err->code;
	return file_remove(place.path, err);
}
