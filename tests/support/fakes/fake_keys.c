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
static bool is_broken;

void
fake_keys_reset(void)
{
	while (count > 0)
		EVP_PKEY_free(keys[--count].key);
	is_unplugged = false;
	is_broken = false;
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

void
fake_keys_break(void)
{
	is_broken = true;
}

enum error_code
keys_load(const char *key_id, EVP_PKEY **ret_key, struct error *err)
{
	if (is_broken)
		return error_set(err, ERROR_INVALID, "it is there twice");
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
keys_make(const char *key_id, const char *kind, struct error *err)
{
	EVP_PKEY *key;

	(void)kind;
	if (keys_load(key_id, &key, err) == ERROR_NONE) {
		EVP_PKEY_free(key);
		return ERROR_NONE;
	}
	return err->code == ERROR_NOT_FOUND
		   ? error_set(err, ERROR_DENIED, "the fake makes no keys")
		   : err->code;
}

enum error_code
keys_drop(const char *key_id, struct error *err)
{
	(void)key_id;
	return error_set(err, ERROR_DENIED, "the fake removes no keys");
}

enum error_code
keys_move(const char *from, const char *to, struct error *err)
{
	(void)from;
	(void)to;
	return error_set(err, ERROR_DENIED, "the fake renames no keys");
}

enum error_code
keys_is_preloaded(const char *key_id, bool *ret_is, struct error *err)
{
	(void)key_id;
	if (is_unplugged)
		return error_set(
		    err, ERROR_UNAVAILABLE, "keyd does not answer");
	*ret_is = false;
	return ERROR_NONE;
}

enum error_code
keys_digest(const char *key_id, char ret_digest[static 65], struct error *err)
{
	CLEANUP(pkey) EVP_PKEY *key = NULL;
	unsigned char *der = NULL;
	enum error_code code;
	int length;

	if (keys_load(key_id, &key, err))
		return err->code;
	length = i2d_PUBKEY(key, &der);
	code = sha256_hex(der, (size_t)length, ret_digest, err);
	OPENSSL_free(der);
	return code;
}

enum error_code
keys_known_digest(
    const char *key_id, char ret_digest[static 65], struct error *err)
{
	return keys_digest(key_id, ret_digest, err);
}

enum error_code
keys_glance(const char *key_id, char ret_digest[static 65], struct error *err)
{
	return keys_digest(key_id, ret_digest, err);
}

bool
keys_is_gone(const char *key_id)
{
	char digest[65];
	struct error ignored;

	return keys_digest(key_id, digest, &ignored) == ERROR_NOT_FOUND;
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
