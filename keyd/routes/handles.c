/* SPDX-License-Identifier: MIT */
#include "handles.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <string.h>

#include "common/base64.h"
#include "common/file.h"
#include "common/json.h"
#include "common/openssl.h"
#include "handle_payload.h"

#define MAC_LENGTH 32
#define KEY_FILE_MODE 0600

struct handles {
	unsigned char key[HANDLES_KEY_LENGTH];
	bool has_nonce; /* for tests */
	unsigned char nonce[HANDLES_NONCE_LENGTH];
};

void
handles_free(struct handles *handles)
{
	OPENSSL_clear_free(handles, sizeof(*handles));
}

enum error_code
handles_create(const unsigned char key[static HANDLES_KEY_LENGTH],
    const unsigned char *nonce, struct handles **ret_handles, struct error *err)
{
	struct handles *handles = OPENSSL_zalloc(sizeof(*handles));

	if (!handles)
		return error_no_memory(err);
	memcpy(handles->key, key, HANDLES_KEY_LENGTH);
	handles->has_nonce = nonce;
	if (nonce)
		memcpy(handles->nonce, nonce, HANDLES_NONCE_LENGTH);
	*ret_handles = handles;
	return ERROR_NONE;
}

static enum error_code
make_key_file(
    const char *path, unsigned char key[HANDLES_KEY_LENGTH], struct error *err)
{
	if (RAND_bytes(key, HANDLES_KEY_LENGTH) != 1)
		return error_set_openssl(err, ERROR_INTERNAL, "RAND_bytes");
	return file_write(path, key, HANDLES_KEY_LENGTH, KEY_FILE_MODE, err);
}

static enum error_code
read_key_file(
    const char *path, unsigned char key[HANDLES_KEY_LENGTH], struct error *err)
{
	size_t length;
	char *data;

	if (file_read(path, HANDLES_KEY_LENGTH, &data, &length, err))
		return err->code;
	if (length == HANDLES_KEY_LENGTH)
		memcpy(key, data, HANDLES_KEY_LENGTH);
	OPENSSL_cleanse(data, length);
	free(data);
	if (length != HANDLES_KEY_LENGTH)
		return error_set(err, ERROR_INVALID,
		    "'%s' has %zu bytes instead of %d; restore it, or remove "
		    "it to make every handle in use invalid",
		    path, length, HANDLES_KEY_LENGTH);
	return ERROR_NONE;
}

enum error_code
handles_open(const char *path, struct handles **ret_handles, struct error *err)
{
	unsigned char key[HANDLES_KEY_LENGTH];
	enum error_code code = file_exists(path)
				   ? read_key_file(path, key, err)
				   : make_key_file(path, key, err);

	if (code == ERROR_NONE)
		code = handles_create(key, NULL, ret_handles, err);
	OPENSSL_cleanse(key, sizeof(key));
	return code;
}

static enum error_code
compute_mac(const struct handles *handles, const void *data, size_t length,
    unsigned char ret_mac[static MAC_LENGTH], struct error *err)
{
	unsigned got = MAC_LENGTH;

	if (!HMAC(EVP_sha256(), handles->key, HANDLES_KEY_LENGTH, data, length,
		ret_mac, &got))
		return error_set_openssl(err, ERROR_INTERNAL, "HMAC");
	return ERROR_NONE;
}

/* ---- issuing ---- */

/* The base64 of a nonce; the caller frees it. */
static enum error_code
make_nonce(const struct handles *handles, char **ret_text, struct error *err)
{
	unsigned char random[HANDLES_NONCE_LENGTH];
	const unsigned char *nonce = handles->nonce;

	if (!handles->has_nonce) {
		if (RAND_bytes(random, sizeof(random)) != 1)
			return error_set_openssl(
			    err, ERROR_INTERNAL, "RAND_bytes");
		nonce = random;
	}
	*ret_text = base64_encode(nonce, HANDLES_NONCE_LENGTH);
	return *ret_text ? ERROR_NONE : error_no_memory(err);
}

static enum error_code
sign_text(const struct handles *handles, const char *text, char **ret_handle,
    struct error *err)
{
	CLEANUP(string) char *sr = base64_encode(text, strlen(text));
	CLEANUP(string) char *sig = NULL;
	CLEANUP(string) char *handle = NULL;
	unsigned char mac[MAC_LENGTH];

	if (compute_mac(handles, text, strlen(text), mac, err))
		return err->code;
	sig = base64_encode(mac, sizeof(mac));
	handle = sr && sig ? string_format("sr=%s&sig=%s", sr, sig) : NULL;
	if (!handle)
		return error_no_memory(err);
	if (strlen(handle) >= HANDLE_MAX)
		return error_set(err, ERROR_INVALID,
		    "the key handle would have %zu characters, more than %zu",
		    strlen(handle), HANDLE_MAX - 1);
	*ret_handle = TAKE(handle);
	return ERROR_NONE;
}

/* Takes key and delegated, which may be NULL if it is to be left out. */
static enum error_code
issue(const struct handles *handles, json_t *key, json_t *delegated,
    char **ret_handle, struct error *err)
{
	CLEANUP(string) char *nonce = NULL;
	CLEANUP(string) char *text = NULL;
	CLEANUP(json) json_t *payload = NULL;

	if (make_nonce(handles, &nonce, err)) {
		json_decref(key);
		json_decref(delegated);
		return err->code;
	}
	payload = json_pack("{s:o, s:s, s:o*}", "key_id", key, "nonce", nonce,
	    "delegated", delegated);
	text = payload ? json_text(payload) : NULL;
	return text ? sign_text(handles, text, ret_handle, err)
		    : error_no_memory(err);
}

enum error_code
handles_issue(const struct handles *handles, enum key_kind kind, const char *id,
    char **ret_handle, struct error *err)
{
	return issue(handles, payload_of_key(kind, id), NULL, ret_handle, err);
}

enum error_code
handles_derive(const struct handles *handles, const char *base,
    const struct key_input *data, char **ret_handle, struct error *err)
{
	return issue(
	    handles, payload_of_derived(base, data), NULL, ret_handle, err);
}

/* ---- verifying ---- */

static enum error_code
not_ours(struct error *err)
{
	return error_set(
	    err, ERROR_INVALID, "the key handle is not one of this keyd");
}

/* The decoded value of the last part that begins with prefix. */
static enum error_code
find_part(const char *handle, const char *prefix, unsigned char **ret_data,
    size_t *ret_length, struct error *err)
{
	const char *found = NULL;
	CLEANUP(string) char *value = NULL;

	for (const char *part = handle; part;
	     part = strchr(part, '&') ? strchr(part, '&') + 1 : NULL)
		if (strncmp(part, prefix, strlen(prefix)) == 0)
			found = part + strlen(prefix);
	if (!found)
		return not_ours(err);
	value = strndup(found, strcspn(found, "&"));
	if (!value)
		return error_no_memory(err);
	if (base64_decode(value, ret_data, ret_length, err))
		return not_ours(err);
	return ERROR_NONE;
}

/* Checks the MAC and gives what it covers; the caller frees *ret_payload. */
static enum error_code
open_handle(const struct handles *handles, const char *handle,
    unsigned char **ret_payload, size_t *ret_length, struct error *err)
{
	unsigned char *payload = NULL, *claimed = NULL;
	unsigned char mac[MAC_LENGTH];
	size_t length, claimed_length;
	enum error_code code;

	if (strnlen(handle, HANDLE_MAX) == HANDLE_MAX)
		return not_ours(err);
	code = find_part(handle, "sr=", &payload, &length, err);
	if (code == ERROR_NONE)
		code =
		    find_part(handle, "sig=", &claimed, &claimed_length, err);
	if (code == ERROR_NONE)
		code = compute_mac(handles, payload, length, mac, err);
	if (code == ERROR_NONE &&
	    (claimed_length != MAC_LENGTH ||
		CRYPTO_memcmp(mac, claimed, MAC_LENGTH) != 0))
		code = not_ours(err);
	free(claimed);
	if (code == ERROR_NONE) {
		*ret_payload = payload;
		*ret_length = length;
	} else {
		free(payload);
	}
	return code;
}

static enum error_code
open_document(const struct handles *handles, const char *handle,
    json_t **ret_document, struct error *err)
{
	CLEANUP(bytes) unsigned char *data = NULL;
	size_t length;

	if (open_handle(handles, handle, &data, &length, err))
		return err->code;
	if (json_parse((const char *)data, length, ret_document, err))
		return not_ours(err);
	return ERROR_NONE;
}

void
handle_done(struct handle *handle)
{
	free(handle->id);
	for (size_t i = 0; i < KEY_LEVELS_MAX; i++)
		free(handle->data[i]);
	*handle = (struct handle){0};
}

/* What a later delegation says, which is further outside, goes before. */
static void
note_delegation(const struct payload *payload, struct key_ref *key)
{
	if (key->is_delegated || !payload->is_delegated)
		return;
	key->is_delegated = true;
	key->delegator = payload->delegator;
	key->delegate = payload->delegate;
}

/* Puts a level in front of those that are known. */
static enum error_code
note_level(
    const struct payload *payload, struct handle *handle, struct error *err)
{
	struct key_ref *key = &handle->key;
	unsigned char *data;
	size_t length;

	if (key->level_count == KEY_LEVELS_MAX)
		return error_set(err, ERROR_INVALID,
		    "the key is derived %d times over, more is not supported",
		    KEY_LEVELS_MAX + 1);
	if (payload_data(payload->data, &data, &length, err))
		return err->code;
	memmove(key->levels + 1, key->levels,
	    key->level_count * sizeof(*key->levels));
	key->levels[0] = (struct key_input){data, length};
	handle->data[key->level_count++] = data;
	return ERROR_NONE;
}

/* One handle of the chain; *ret_base is the next one's text, or NULL. */
static enum error_code
note_payload(const json_t *document, struct handle *handle, char **ret_base,
    struct error *err)
{
	struct payload payload;

	if (payload_read(document, &payload, err))
		return err->code;
	note_delegation(&payload, &handle->key);
	*ret_base = NULL;
	if (payload.id) {
		handle->key.kind = payload.kind;
		handle->id = strdup(payload.id);
		return handle->id ? ERROR_NONE : error_no_memory(err);
	}
	if (note_level(&payload, handle, err))
		return err->code;
	*ret_base = strdup(payload.base);
	return *ret_base ? ERROR_NONE : error_no_memory(err);
}

enum error_code
handles_verify(const struct handles *handles, const char *text,
    struct handle *ret_handle, struct error *err)
{
	CLEANUP_DONE(handle) struct handle handle = {.key.by_handle = true};
	CLEANUP(string) char *base = NULL;

	do {
		CLEANUP(string) char *owned = TAKE(base);
		CLEANUP(json) json_t *document = NULL;

		if (open_document(
			handles, owned ? owned : text, &document, err) ||
		    note_payload(document, &handle, &base, err))
			return err->code;
	} while (base);
	if (handle.key.kind != KEY_SECRET && handle.key.level_count > 0)
		return not_ours(err);
	handle.key.id = handle.id;
	*ret_handle = TAKE_CONTENTS(handle);
	return ERROR_NONE;
}

enum error_code
handles_delegate(const struct handles *handles, const char *handle, uid_t by,
    uid_t to, char **ret_handle, struct error *err)
{
	CLEANUP(json) json_t *document = NULL;
	json_t *delegated;

	if (open_document(handles, handle, &document, err))
		return err->code;
	delegated =
	    json_pack("{s:I, s:I}", "by", (json_int_t)by, "to", (json_int_t)to);
	if (!delegated)
		return error_no_memory(err);
	return issue(handles, json_incref(json_object_get(document, "key_id")),
	    delegated, ret_handle, err);
}
