/* SPDX-License-Identifier: MIT */
#include "fake_keys.h"

#include <assert.h>
#include <string.h>

#define KEYS_MAX 8

static struct {
	const char *id;
	EVP_PKEY *key;
} keys[KEYS_MAX];
static size_t count;
static bool is_unplugged;

void
fake_keys_reset(void)
{
	while (count > 0)
		EVP_PKEY_free(keys[--count].key);
	is_unplugged = false;
}

void
fake_keys_add(const char *id, EVP_PKEY *key)
{
	assert(count < KEYS_MAX);
	(void)EVP_PKEY_up_ref(key);
	keys[count].id = id;
	keys[count++].key = key;
}

void
fake_keys_unplug(void)
{
	is_unplugged = true;
}

enum error_code
keys_load(const char *key_id, EVP_PKEY **ret_key, struct error *err)
{
	if (is_unplugged)
		return error_set(
		    err, ERROR_UNAVAILABLE, "keyd does not answer");
	for (size_t i = 0; i < count; i++)
		if (strcmp(keys[i].id, key_id) == 0) {
			(void)EVP_PKEY_up_ref(keys[i].key);
			*ret_key = keys[i].key;
			return ERROR_NONE;
		}
	return error_set(err, ERROR_NOT_FOUND, "no key '%s'", key_id);
}

enum error_code
keys_id_of_handle(const char *handle, char **ret_key_id, struct error *err)
{
	if (is_unplugged)
		return error_set(
		    err, ERROR_UNAVAILABLE, "keyd does not answer");
	if (strncmp(handle, FAKE_HANDLE, strlen(FAKE_HANDLE)) != 0)
		return error_set(
		    err, ERROR_INVALID, "keyd does not know the handle");
	*ret_key_id = strdup(handle + strlen(FAKE_HANDLE));
	return *ret_key_id ? ERROR_NONE : error_no_memory(err);
}
