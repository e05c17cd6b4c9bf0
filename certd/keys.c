/* SPDX-License-Identifier: MIT */
#include "keys.h"

#include <string.h>

#include "common/openssl_key.h"
#include "common/public_key.h"
#include "common/time.h"
#include "common/unix_http_pool.h"
#include "glances.h"
#include "keyd/client.h"

/* An issuance asks keyd more than once, and a connection costs as much. */
static struct unix_http_pool idle;

static void
give_back(struct unix_http *keyd)
{
	unix_http_pool_put(&idle, keyd);
}

DEFINE_CLEANUP(keyd, struct unix_http, give_back)

static enum error_code
open_keyd(struct unix_http **ret_keyd, struct error *err)
{
	*ret_keyd = unix_http_pool_take(&idle);
	return *ret_keyd ? ERROR_NONE : keyd_client_create(0, ret_keyd, err);
}

/* For TLS and for signing; P-256 first, as tokens are fast with it. */
#define PREFERRED "ec-p256:rsa-2048:*"

enum error_code
keys_load(const char *key_id, EVP_PKEY **ret_key, struct error *err)
{
	return openssl_key_load(key_id, ret_key, err);
}

enum error_code
keys_id_of_handle(const char *handle, char **ret_key_id, struct error *err)
{
	CLEANUP(keyd) struct unix_http *client = NULL;

	if (open_keyd(&client, err))
		return err->code;
	return keyd_verify_handle(client, handle, ret_key_id, err);
}

enum error_code
keys_make(const char *key_id, const char *kind, struct error *err)
{
	CLEANUP(keyd) struct unix_http *client = NULL;

	if (open_keyd(&client, err))
		return err->code;
	return keyd_create_key_pair_for(
	    client, key_id, kind ? kind : PREFERRED, "sign", err);
}

enum error_code
keys_drop(const char *key_id, struct error *err)
{
	CLEANUP(keyd) struct unix_http *client = NULL;

	if (open_keyd(&client, err))
		return err->code;
	return keyd_delete_key(client, key_id, "pair", err);
}

enum error_code
keys_move(const char *from, const char *to, struct error *err)
{
	CLEANUP(keyd) struct unix_http *client = NULL;

	if (open_keyd(&client, err))
		return err->code;
	return keyd_move_key_pair(client, from, to, err);
}

/* Of one that is not there the list of all keys alone tells. */
static enum error_code
is_preloaded_and_away(struct unix_http *client, const char *key_id,
    bool *ret_is, struct error *err)
{
	CLEANUP(json) json_t *keys = NULL;
	const json_t *key;
	size_t i;

	if (keyd_list_keys(client, &keys, err))
		return err->code;
	*ret_is = false;
	json_array_foreach(keys, i, key)
	{
		const char *id = json_string_value(json_object_get(key, "id"));

		if (id && strcmp(id, key_id) == 0 &&
		    json_is_true(json_object_get(key, "preloaded")))
			*ret_is = true;
	}
	return ERROR_NONE;
}

enum error_code
keys_is_preloaded(const char *key_id, bool *ret_is, struct error *err)
{
	CLEANUP(keyd) struct unix_http *client = NULL;
	CLEANUP(json) json_t *key = NULL;

	if (open_keyd(&client, err))
		return err->code;
	if (keyd_show_key(client, key_id, "pair", &key, err))
		return err->code == ERROR_NOT_FOUND
			   ? is_preloaded_and_away(client, key_id, ret_is, err)
			   : err->code;
	*ret_is = json_is_true(json_object_get(key, "preloaded"));
	return ERROR_NONE;
}

enum error_code
keys_digest(const char *key_id, char ret_digest[static 65], struct error *err)
{
	CLEANUP(keyd) struct unix_http *client = NULL;
	CLEANUP(string) char *pem = NULL;

	if (open_keyd(&client, err) ||
	    keyd_public_key(client, key_id, &pem, err) ||
	    public_key_pem_digest(pem, ret_digest, err))
		return error_wrap(err, "key '%s'", key_id);
	return ERROR_NONE;
}

enum error_code
keys_known_digest(
    const char *key_id, char ret_digest[static 65], struct error *err)
{
	CLEANUP(keyd) struct unix_http *client = NULL;
	CLEANUP(string) char *pem = NULL;

	if (open_keyd(&client, err) ||
	    keyd_known_public_key(client, key_id, &pem, err) ||
	    public_key_pem_digest(pem, ret_digest, err))
		return error_wrap(err, "key '%s'", key_id);
	return ERROR_NONE;
}

/* keyd_public_key() or keyd_known_public_key(). */
typedef enum error_code read_public(struct unix_http *client, const char *id,
    char **ret_pem, struct error *err);

static enum error_code
glance(const char *key_id, read_public *read, char ret_digest[static 65],
    struct error *err)
{
	CLEANUP(unix_http) struct unix_http *client = NULL;
	CLEANUP(string) char *pem = NULL;

	if (keyd_client_create(KEYS_GLANCE_MS, &client, err) ||
	    read(client, key_id, &pem, err) ||
	    public_key_pem_digest(pem, ret_digest, err))
		return error_wrap(err, "key '%s'", key_id);
	return ERROR_NONE;
}

enum error_code
keys_glance(const char *key_id, char ret_digest[static 65], struct error *err)
{
	/* One for all threads. */
	static struct glances glances = {.lock = PTHREAD_MUTEX_INITIALIZER};
	enum error_code code;

	if (glances_is_away(&glances, time_monotonic_ms()))
		return error_set(
		    err, ERROR_UNAVAILABLE, "keyd did not answer a moment ago");
	code = glance(key_id, keyd_known_public_key, ret_digest, err);
	if (code == ERROR_TIMEOUT)
		glances_note(&glances, key_id, code, time_monotonic_ms());
	return code;
}

bool
keys_is_gone(const char *key_id)
{
	static struct glances glances = {.lock = PTHREAD_MUTEX_INITIALIZER};
	const int64_t now = time_monotonic_ms();
	char digest[65];
	enum error_code code;
	struct error ignored;

	if (glances_is_away(&glances, now) ||
	    glances_is_not_lost(&glances, key_id, now))
		return false;
	code = glance(key_id, keyd_public_key, digest, &ignored);
	glances_note(&glances, key_id, code, time_monotonic_ms());
	return code == ERROR_NOT_FOUND;
}
