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

#define MAC_LENGTH 32
#define KEY_FILE_MODE 0600

struct handles {
	unsigned char key[HANDLES_KEY_LENGTH];
};

void
handles_free(struct handles *handles)
{
	OPENSSL_clear_free(handles, sizeof(*handles));
}

enum error_code
handles_create(const unsigned char key[static HANDLES_KEY_LENGTH],
    struct handles **ret_handles, struct error *err)
{
	struct handles *handles = OPENSSL_malloc(sizeof(*handles));

	if (!handles)
		return error_no_memory(err);
	memcpy(handles->key, key, HANDLES_KEY_LENGTH);
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
		code = handles_create(key, ret_handles, err);
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

/* The JSON of a handle; the caller frees it. NULL: no memory. */
static char *
payload_text(const char *id, const unsigned char *nonce)
{
	CLEANUP(string)
	char *encoded = base64_encode(nonce, HANDLES_NONCE_LENGTH);
	CLEANUP(json) json_t *payload = NULL;

	if (!encoded)
		return NULL;
	payload = json_pack(
	    "{s:{s:s}, s:s}", "key_id", "KeyPair", id, "nonce", encoded);
	return payload ? json_text(payload) : NULL;
}

enum error_code
handles_issue_with(const struct handles *handles, const char *id,
    const unsigned char nonce[static HANDLES_NONCE_LENGTH], char **ret_handle,
    struct error *err)
{
	CLEANUP(string) char *payload = payload_text(id, nonce);
	CLEANUP(string) char *sr = NULL;
	CLEANUP(string) char *sig = NULL;
	unsigned char mac[MAC_LENGTH];

	if (!payload)
		return error_no_memory(err);
	if (compute_mac(handles, payload, strlen(payload), mac, err))
		return err->code;
	sr = base64_encode(payload, strlen(payload));
	sig = base64_encode(mac, sizeof(mac));
	*ret_handle = sr && sig ? string_format("sr=%s&sig=%s", sr, sig) : NULL;
	return *ret_handle ? ERROR_NONE : error_no_memory(err);
}

enum error_code
handles_issue(const struct handles *handles, const char *id, char **ret_handle,
    struct error *err)
{
	unsigned char nonce[HANDLES_NONCE_LENGTH];

	if (RAND_bytes(nonce, sizeof(nonce)) != 1)
		return error_set_openssl(err, ERROR_INTERNAL, "RAND_bytes");
	return handles_issue_with(handles, id, nonce, ret_handle, err);
}

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

enum error_code
handles_verify(const struct handles *handles, const char *handle, char **ret_id,
    struct error *err)
{
	unsigned char *data = NULL;
	CLEANUP(string) char *text = NULL;
	CLEANUP(json) json_t *payload = NULL;
	const json_t *key;
	const char *id;
	size_t length;

	if (open_handle(handles, handle, &data, &length, err))
		return err->code;
	text = (char *)data;
	if (json_parse(text, length, &payload, err) ||
	    json_get_object(payload, "key_id", &key, err))
		return not_ours(err);
	if (json_get_string(key, "KeyPair", &id, err))
		return error_set(err, ERROR_INVALID,
		    "the key handle is not one of a key pair");
	*ret_id = strdup(id);
	return *ret_id ? ERROR_NONE : error_no_memory(err);
}
