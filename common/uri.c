/* SPDX-License-Identifier: MIT */
#include "common/uri.h"

#include <ctype.h>
#include <openssl/crypto.h>
#include <stdint.h>
#include <string.h>

#include "common/file.h"
#include "uri_attributes.h"

#define PIN_FILE_MAX 4096

struct uri {
	enum uri_kind kind;
	char *public_text;
	char *file_path;
	P11KitUri *pkcs11;
	char *object_label;
	char *pin_value;
	char *pin_path;
};

void
uri_free(struct uri *uri)
{
	if (!uri)
		return;
	free(uri->public_text);
	free(uri->file_path);
	p11_kit_uri_free(uri->pkcs11);
	free(uri->object_label);
	secret_free(uri->pin_value);
	free(uri->pin_path);
	free(uri);
}

static bool
starts_with(const char *text, const char *prefix)
{
	return strncasecmp(text, prefix, strlen(prefix)) == 0;
}

/*
 * The path of a file URI (RFC 8089: file:/path, file:///path or
 * file://localhost/path), still encoded, in text; NULL if it is none of these.
 */
static const char *
path_of_file_uri(const char *text)
{
	const char *path = text + strlen("file:");

	if (strncmp(path, "//", 2) == 0)
		path += 2;
	if (path != text + strlen("file:") && starts_with(path, "localhost/"))
		path += strlen("localhost");
	return *path == '/' ? path : NULL;
}

static int
hex_value(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	digit = (char)tolower((unsigned char)digit);
	return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

/* Decodes %xx. False if that is broken or would yield a NUL. */
static bool
decode_percent(const char *text, char *ret_decoded)
{
	for (; *text; text++) {
		int high, low;

		if (*text != '%') {
			*ret_decoded++ = *text;
			continue;
		}
		high = hex_value(text[1]);
		low = high < 0 ? -1 : hex_value(text[2]);
		if (low < 0 || high + low == 0)
			return false;
		*ret_decoded++ = (char)(high << 4 | low);
		text += 2;
	}
	*ret_decoded = '\0';
	return true;
}

static enum error_code
parse_file(const char *text, struct uri *uri, struct error *err)
{
	const char *path = path_of_file_uri(text);

	if (!path)
		return error_set(err, ERROR_INVALID,
		    "'%s' has no absolute path on this machine; a file URI "
		    "looks like file:///path",
		    uri->public_text);
	if (strpbrk(path, "?#"))
		return error_set(err, ERROR_INVALID,
		    "a file URI has no query and no fragment; '?' and '#' in a "
		    "path are written %%3F and %%23");

	uri->file_path = malloc(strlen(path) + 1);
	if (!uri->file_path)
		return error_no_memory(err);
	if (!decode_percent(path, uri->file_path))
		return error_set(err, ERROR_INVALID,
		    "'%s' has a broken percent encoding", text);

	free(uri->public_text);
	uri->public_text = string_format("file://%s", path);
	return uri->public_text ? ERROR_NONE : error_no_memory(err);
}

static enum error_code
take_pin_source(const char *source, struct uri *uri, struct error *err)
{
	const char *path =
	    starts_with(source, "file:") ? path_of_file_uri(source) : source;

	/* RFC 7512 also knows "|command"; a URI must not start programs. */
	if (!path || *path != '/')
		return error_set(err, ERROR_INVALID,
		    "pin-source must be file:/path or /path, with an absolute "
		    "path");
	uri->pin_path = strdup(path);
	return uri->pin_path ? ERROR_NONE : error_no_memory(err);
}

/* Moves the PIN out of p11-kit's struct, which does not wipe it. */
static enum error_code
take_pin_value(const char *value, struct uri *uri, struct error *err)
{
	if (!*value)
		return error_set(err, ERROR_INVALID, "pin-value is empty");
	uri->pin_value = strdup(value);
	OPENSSL_cleanse((void *)(uintptr_t)value, strlen(value));
	p11_kit_uri_set_pin_value(uri->pkcs11, NULL);
	return uri->pin_value ? ERROR_NONE : error_no_memory(err);
}

static enum error_code
take_pin(struct uri *uri, struct error *err)
{
	const char *source = p11_kit_uri_get_pin_source(uri->pkcs11);
	const char *value = p11_kit_uri_get_pin_value(uri->pkcs11);

	if (source && value)
		return error_set(err, ERROR_INVALID,
		    "the PKCS#11 URI has both pin-source and pin-value");
	if (source)
		return take_pin_source(source, uri, err);
	return value ? take_pin_value(value, uri, err) : ERROR_NONE;
}

static enum error_code
take_label(struct uri *uri, struct error *err)
{
	const CK_ATTRIBUTE *label =
	    p11_kit_uri_get_attribute(uri->pkcs11, CKA_LABEL);

	if (!label)
		return ERROR_NONE;
	if (label->ulValueLen == 0 ||
	    memchr(label->pValue, '\0', label->ulValueLen))
		return error_set(err, ERROR_INVALID,
		    "'object' in the PKCS#11 URI is empty or has a NUL in it");
	uri->object_label = strndup(label->pValue, label->ulValueLen);
	return uri->object_label ? ERROR_NONE : error_no_memory(err);
}

static const char *
reason_of(int result)
{
	return result == P11_KIT_URI_BAD_ENCODING
		   ? "a broken percent encoding"
		   : "an attribute whose value it cannot have";
}

static enum error_code
parse_pkcs11(const char *text, struct uri *uri, struct error *err)
{
	int result;

	uri->kind = URI_PKCS11;
	uri->pkcs11 = p11_kit_uri_new();
	if (!uri->pkcs11)
		return error_no_memory(err);
	if (uri_check_attributes(text + strlen("pkcs11:"), err))
		return err->code;

	result = p11_kit_uri_parse(text, P11_KIT_URI_FOR_ANY, uri->pkcs11);
	if (result == P11_KIT_URI_NO_MEMORY)
		return error_no_memory(err);
	if (result != P11_KIT_URI_OK ||
	    p11_kit_uri_any_unrecognized(uri->pkcs11))
		return error_set(err, ERROR_INVALID, "'%s' has %s",
		    uri->public_text, reason_of(result));
	if (take_pin(uri, err))
		return err->code;
	return take_label(uri, err);
}

/* p11-kit would drop white space, so that 'my key' became 'mykey'. */
static bool
has_white_space(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text <= ' ' || *text == 127)
			return true;
	return false;
}

static enum error_code
parse_scheme(const char *text, struct uri *uri, struct error *err)
{
	if (starts_with(text, "file:"))
		return parse_file(text, uri, err);
	if (starts_with(text, "pkcs11:"))
		return parse_pkcs11(text, uri, err);
	return error_set(err, ERROR_INVALID,
	    "'%s' is neither a file: nor a pkcs11: URI", uri->public_text);
}

/* Whatever stands behind '?' may be a PIN, and is not shown. */
static struct uri *
uri_create(const char *text)
{
	struct uri *uri = calloc(1, sizeof(*uri));
	char *public_text = strndup(text, strcspn(text, "?"));

	if (!uri || !public_text) {
		free(uri);
		free(public_text);
		return NULL;
	}
	uri->public_text = public_text;
	return uri;
}

enum error_code
uri_parse(const char *text, struct uri **ret_uri, struct error *err)
{
	CLEANUP(uri) struct uri *uri = uri_create(text);

	if (!uri)
		return error_no_memory(err);
	if (has_white_space(text))
		return error_set(err, ERROR_INVALID,
		    "a URI has no white space; a space is written %%20");
	if (parse_scheme(text, uri, err))
		return err->code;
	*ret_uri = TAKE(uri);
	return ERROR_NONE;
}

enum uri_kind
uri_kind(const struct uri *uri)
{
	return uri->kind;
}

const char *
uri_file_path(const struct uri *uri)
{
	return uri->file_path;
}

P11KitUri *
uri_pkcs11(const struct uri *uri)
{
	return uri->pkcs11;
}

const char *
uri_object_label(const struct uri *uri)
{
	return uri->object_label;
}

bool
uri_has_pin(const struct uri *uri)
{
	return uri->pin_path || uri->pin_value;
}

/* The first line, so that a file may end in a newline, as editors write it. */
static enum error_code
read_pin_file(const char *path, char **ret_pin, struct error *err)
{
	CLEANUP(secret) char *text = NULL;
	size_t length;

	if (file_read(path, PIN_FILE_MAX, &text, NULL, err))
		return error_wrap(err, "cannot read the PIN");
	length = strcspn(text, "\r\n");
	if (length == 0)
		return error_set(err, ERROR_INVALID,
		    "'%s' must have the PIN in its first line", path);
	*ret_pin = strndup(text, length);
	return *ret_pin ? ERROR_NONE : error_no_memory(err);
}

enum error_code
uri_read_pin(const struct uri *uri, char **ret_pin, struct error *err)
{
	char *copy = NULL;

	if (uri->pin_path)
		return read_pin_file(uri->pin_path, ret_pin, err);
	if (uri->pin_value) {
		copy = strdup(uri->pin_value);
		if (!copy)
			return error_no_memory(err);
	}
	*ret_pin = copy;
	return ERROR_NONE;
}

char *
uri_public_text(const struct uri *uri)
{
	return strdup(uri->public_text);
}
