/* SPDX-License-Identifier: MIT */
#include "check_secret.h"

#include <string.h>

#include "common/base64.h"
#include "common/file.h"
#include "key_uri.h"

#define KEY_BYTES_MAX 4096

bool
secret_is_given(const struct super_secret *secret)
{
	return secret->value || secret->uri;
}

enum error_code
secret_decode(const char *text, unsigned char **ret_key, size_t *ret_length,
    struct error *err)
{
	static const char *const paddings[] = {"", "", "==", "="};
	CLEANUP(secret)
	char *padded = string_format("%s%s", text, paddings[strlen(text) % 4]);

	if (!padded)
		return error_no_memory(err);
	if (base64_decode(padded, ret_key, ret_length, err) || !*ret_length)
		return error_set(
		    err, ERROR_INVALID, "the key is not in base64");
	return ERROR_NONE;
}

static void
check_value(const char *value, char *place, struct findings *findings)
{
	unsigned char *key = NULL;
	size_t length = 0;
	struct error err;

	if (secret_decode(value, &key, &length, &err))
		findings_error(findings, place, "%s", err.message);
	else
		free(place);
	if (key)
		explicit_bzero(key, length);
	free(key);
}

enum error_code
secret_check_bytes(const char *bytes, size_t length, struct error *err)
{
	static const char pem[] = "-----BEGIN ";

	if (length == 0)
		return error_set(err, ERROR_INVALID, "the file is empty");
	if (length > KEY_BYTES_MAX)
		return error_set(err, ERROR_INVALID,
		    "the file has more than %d bytes", KEY_BYTES_MAX);
	if (strncmp(bytes, pem, sizeof(pem) - 1) == 0)
		return error_set(err, ERROR_INVALID, "this is a PEM text");
	return ERROR_NONE;
}

static void
check_uri(const char *text, char *place, struct findings *findings)
{
	CLEANUP(string) char *owned = place;
	CLEANUP(uri) struct uri *uri = NULL;
	CLEANUP(secret) char *key = NULL;
	size_t length;
	struct error err;

	if (uri_parse(text, &uri, &err))
		return; /* the table has said so */
	if (uri_kind(uri) == URI_PKCS11) {
		if (!key_uri_names_object(text))
			findings_error(findings, TAKE(owned),
			    "the URI names a token and no key in it; add "
			    "'object=' or 'id='");
	} else if (file_read(uri_file_path(uri), KEY_BYTES_MAX, &key, &length,
		       &err)) {
		findings_error(findings, TAKE(owned), "%s", err.message);
	} else if (secret_check_bytes(key, length, &err)) {
		findings_error(findings, TAKE(owned),
		    "'%s' is no symmetric key: %s", uri_file_path(uri),
		    err.message);
	}
}

void
check_secret(
    const struct super_secret *secret, char *place, struct findings *findings)
{
	if (secret->value && secret->uri)
		findings_error(findings, place,
		    "'value' and 'uri' are both given; one of them says what "
		    "the key is");
	else if (secret->value)
		check_value(secret->value, place, findings);
	else if (secret->uri)
		check_uri(secret->uri, place, findings);
	else
		free(place);
}
