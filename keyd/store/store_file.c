/* SPDX-License-Identifier: MIT */
#include "store_file.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "common/file.h"
#include "common/uri.h"
#include "software.h"

#define PEM_MAX (64 * 1024)

struct file_key {
	struct file_key *next;
	char *uri;
	EVP_PKEY *key;
	struct key_facts facts;
};

struct file_store {
	pthread_mutex_t mutex;
	struct file_key *first;
};

static void
file_key_free(struct file_key *key)
{
	EVP_PKEY_free(key->key);
	free(key->uri);
	free(key);
}
DEFINE_CLEANUP(file_key, struct file_key, file_key_free)

enum error_code
file_store_open(struct file_store **ret_store, struct error *err)
{
	struct file_store *store = calloc(1, sizeof(*store));

	if (!store)
		return error_no_memory(err);
	pthread_mutex_init(&store->mutex, NULL);
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
		file_key_free(key);
	}
	pthread_mutex_destroy(&store->mutex);
	free(store);
}

static enum error_code
read_pem(const char *path, EVP_PKEY **ret_key, struct error *err)
{
	CLEANUP(secret) char *pem = NULL;

	if (file_read(path, PEM_MAX, &pem, NULL, err))
		return err->code;
	if (strstr(pem, "BEGIN TSS2 PRIVATE KEY"))
		return error_set(err, ERROR_INVALID,
		    "'%s' is a key file of a TPM engine; name the key by a "
		    "pkcs11: URI of tpm2-pkcs11 instead",
		    path);
	if (private_key_from_pem(pem, ret_key, err))
		return error_wrap(err, "'%s'", path);
	return ERROR_NONE;
}

static enum error_code
load(const char *text, struct file_key **ret_key, struct error *err)
{
	CLEANUP(file_key) struct file_key *key = calloc(1, sizeof(*key));
	CLEANUP(string) char *location = NULL;
	CLEANUP(uri) struct uri *uri = NULL;

	if (!key)
		return error_no_memory(err);
	if (uri_parse(text, &uri, err) ||
	    read_pem(uri_file_path(uri), &key->key, err) ||
	    key_public_from_pkey(key->key, &key->facts.public, err))
		return err->code;

	key->uri = strdup(text);
	location = uri_public_text(uri);
	if (!key->uri || !location)
		return error_no_memory(err);
	if (strlen(location) >= sizeof(key->facts.location))
		return error_set(err, ERROR_INVALID, "the path is too long");
	(void)snprintf(
	    key->facts.location, sizeof(key->facts.location), "%s", location);
	key->facts.usage = KEY_SIGNS | KEY_DECRYPTS | KEY_DERIVES;
	key->facts.extractable = true; /* whoever reads the file has the key */
	*ret_key = TAKE(key);
	return ERROR_NONE;
}

/* Keys stay until the store is closed, so that they need no lock. */
static enum error_code
get(struct file_store *store, const struct key_name *name,
    const struct file_key **ret_key, struct error *err)
{
	enum error_code code = ERROR_NONE;
	struct file_key *key;

	pthread_mutex_lock(&store->mutex);
	for (key = store->first; key; key = key->next)
		if (strcmp(key->uri, name->uri) == 0)
			break;
	if (!key) {
		code = load(name->uri, &key, err);
		if (code == ERROR_NONE) {
			key->next = store->first;
			store->first = key;
		}
	}
	pthread_mutex_unlock(&store->mutex);
	if (code)
		return code;
	*ret_key = key;
	return ERROR_NONE;
}

enum error_code
file_store_find(struct file_store *store, const struct key_name *name,
    struct key_facts *ret_facts, struct error *err)
{
	const struct file_key *key;

	if (get(store, name, &key, err))
		return err->code;
	*ret_facts = key->facts;
	return ERROR_NONE;
}

enum error_code
file_store_sign(struct file_store *store, const struct key_name *name,
    enum key_mechanism mechanism, const struct key_input *input,
    struct key_signature *ret_signature, struct error *err)
{
	const struct file_key *key;

	if (get(store, name, &key, err))
		return err->code;
	return software_sign(key->key, mechanism, input, ret_signature, err);
}
