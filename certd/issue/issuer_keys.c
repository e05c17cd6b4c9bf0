/* SPDX-License-Identifier: MIT */
#include "issuer_keys.h"

#include <pthread.h>
#include <string.h>

#include "keys.h"

struct issuer_key {
	char *id;
	EVP_PKEY *key;
};

struct issuer_keys {
	pthread_mutex_t lock;
	size_t count;
	size_t next; /* whose place the next one takes when all are taken */
	struct issuer_key items[ISSUER_KEYS_MAX];
};

enum error_code
issuer_keys_create(struct issuer_keys **ret_keys, struct error *err)
{
	struct issuer_keys *keys = calloc(1, sizeof(*keys));

	if (!keys)
		return error_no_memory(err);
	(void)pthread_mutex_init(&keys->lock, NULL);
	*ret_keys = keys;
	return ERROR_NONE;
}

static void
issuer_key_done(struct issuer_key *item)
{
	free(item->id);
	EVP_PKEY_free(item->key);
	*item = (struct issuer_key){NULL, NULL};
}

void
issuer_keys_free(struct issuer_keys *keys)
{
	if (!keys)
		return;
	for (size_t i = 0; i < keys->count; i++)
		issuer_key_done(&keys->items[i]);
	(void)pthread_mutex_destroy(&keys->lock);
	free(keys);
}

/* A reference to the key of id, or NULL. */
static EVP_PKEY *
find(struct issuer_keys *keys, const char *id)
{
	EVP_PKEY *found = NULL;

	(void)pthread_mutex_lock(&keys->lock);
	for (size_t i = 0; i < keys->count && !found; i++)
		if (strcmp(keys->items[i].id, id) == 0)
			found = keys->items[i].key;
	if (found)
		(void)EVP_PKEY_up_ref(found);
	(void)pthread_mutex_unlock(&keys->lock);
	return found;
}

/* Keeps a reference to key. Without memory it is loaded again next time. */
static void
keep(struct issuer_keys *keys, const char *id, EVP_PKEY *key)
{
	char *copy = strdup(id);

	if (!copy)
		return;
	(void)EVP_PKEY_up_ref(key);
	(void)pthread_mutex_lock(&keys->lock);
	if (keys->count < ISSUER_KEYS_MAX)
		keys->next = keys->count++;
	else
		keys->next = (keys->next + 1) % ISSUER_KEYS_MAX;
	issuer_key_done(&keys->items[keys->next]);
	keys->items[keys->next] = (struct issuer_key){copy, key};
	(void)pthread_mutex_unlock(&keys->lock);
}

enum error_code
issuer_keys_get(struct issuer_keys *keys, const char *key_id,
    EVP_PKEY **ret_key, struct error *err)
{
	*ret_key = find(keys, key_id);
	if (*ret_key)
		return ERROR_NONE;
	if (keys_load(key_id, ret_key, err))
		return err->code;
	keep(keys, key_id, *ret_key);
	return ERROR_NONE;
}

bool
issuer_keys_forget(struct issuer_keys *keys)
{
	bool had_some;

	(void)pthread_mutex_lock(&keys->lock);
	had_some = keys->count > 0;
	while (keys->count > 0)
		issuer_key_done(&keys->items[--keys->count]);
	(void)pthread_mutex_unlock(&keys->lock);
	return had_some;
}
