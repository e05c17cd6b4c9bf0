/* SPDX-License-Identifier: MIT */
#include "symmetric_key.h"

#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <string.h>

#include "common/base64.h"
#include "common/openssl.h"

#define KEY_BYTES_MIN 16
#define KEY_BYTES_MAX 64

static enum error_code
make_key(json_t *keys, const char *member, size_t length, struct error *err)
{
	unsigned char key[KEY_BYTES_MAX];
	enum error_code code;

	if (RAND_bytes(key, (int)length) != 1)
		return error_set_openssl(err, ERROR_INTERNAL, "random bytes");
	code = json_set_bytes(keys, member, key, length, err);
	OPENSSL_cleanse(key, sizeof(key));
	return code;
}

static enum error_code
check_key(const char *text, struct error *err)
{
	CLEANUP(bytes) unsigned char *key = NULL;
	size_t length;

	if (base64_decode(text, &key, &length, err))
		return error_set(err, ERROR_INVALID, "it is not base64");
	if (length < KEY_BYTES_MIN || length > KEY_BYTES_MAX)
		return error_set(err, ERROR_INVALID,
		    "it has %zu bytes; a key has %d to %d", length,
		    KEY_BYTES_MIN, KEY_BYTES_MAX);
	return ERROR_NONE;
}

enum error_code
symmetric_key_set(json_t *keys, const char *member, const json_t *given,
    const json_t *former, size_t length, struct error *err)
{
	const char *kept = json_string_value(json_object_get(former, member));
	const char *text = NULL;

	if (given && json_get_optional_string(given, member, &text, err))
		return err->code;
	if (text && *text && check_key(text, err))
		return error_wrap(err, "'%s'", member);
	if (!text || !*text)
		text = kept;
	if (!text)
		return make_key(keys, member, length, err);
	return json_set(keys, member, json_string(text), err);
}

enum error_code
symmetric_key_derive(const char *group_key, const char *registration_id,
    char **ret_key, struct error *err)
{
	CLEANUP(bytes) unsigned char *key = NULL;
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned mac_length;
	size_t length;

	if (base64_decode(group_key, &key, &length, err))
		return err->code;
	if (!HMAC(EVP_sha256(), key, (int)length,
		(const unsigned char *)registration_id, strlen(registration_id),
		mac, &mac_length))
		return error_set_openssl(err, ERROR_INTERNAL, "HMAC");
	*ret_key = base64_encode(mac, mac_length);
	return *ret_key ? ERROR_NONE : error_no_memory(err);
}
