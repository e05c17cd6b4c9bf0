/* SPDX-License-Identifier: MIT */
#include "http_target.h"

#include <jansson.h>
#include <stdint.h>
#include <string.h>

#include "common/http.h"

#define QUERY_NAME_MAX 64

static const char hex_digits[] = "0123456789ABCDEF";

/* The value of a hexadecimal digit, or -1. */
static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Jansson refuses strings that are not UTF-8, so it knows. */
static bool
is_utf8(const char *text, size_t length)
{
	json_t *string;

	for (size_t i = 0; i < length; i++)
		if ((unsigned char)text[i] >= 0x80) {
			string = json_stringn(text, length);
			json_decref(string);
			return string != NULL;
		}
	return true;
}

/* Reads one character of at least one byte at text, and moves *position. */
static char
decode_one(
    const char *text, size_t length, enum http_plus plus, size_t *position)
{
	size_t i = *position;
	int high = -1, low = -1;

	if (text[i] == '%' && length - i > 2) {
		high = hex_value(text[i + 1]);
		low = hex_value(text[i + 2]);
	}
	if (high >= 0 && low >= 0) {
		*position = i + 3;
		return (char)(high << 4 | low);
	}
	*position = i + 1;
	if (text[i] == '+' && plus == HTTP_PLUS_IS_SPACE)
		return ' ';
	return text[i];
}

bool
http_decode(const char *text, size_t length, enum http_plus plus, char *value,
    size_t size)
{
	size_t used = 0;

	for (size_t i = 0; i < length;) {
		char c = decode_one(text, length, plus, &i);

		if (c == '\0' || used + 1 >= size)
			return false;
		value[used++] = c;
	}
	value[used] = '\0';
	return is_utf8(value, used);
}

/* True if the length bytes at text are name, encoded. */
static bool
is_name(const char *text, size_t length, const char *name)
{
	char decoded[QUERY_NAME_MAX];

	return http_decode(text, length, HTTP_PLUS_IS_SPACE, decoded,
		   sizeof(decoded)) &&
	       strcmp(decoded, name) == 0;
}

enum error_code
http_query_find(const char *query, const char *name, char *value, size_t size,
    struct error *err)
{
	value[0] = '\0';
	while (*query) {
		size_t pair = strcspn(query, "&");
		size_t key = strcspn(query, "=&");
		size_t start = key < pair ? key + 1 : pair;

		if (is_name(query, key, name) &&
		    !http_decode(query + start, pair - start,
			HTTP_PLUS_IS_SPACE, value, size))
			return error_set(err, ERROR_INVALID,
			    "'%s' in the query is too long or not UTF-8", name);
		query += pair + (query[pair] == '&');
	}
	return ERROR_NONE;
}

enum error_code
http_query(const struct http_request *request, const char *name, char *value,
    size_t size, struct error *err)
{
	return http_query_find(request->query, name, value, size, err);
}

/* The characters of a path segment that need no encoding (RFC 3986, 2.3). */
static bool
is_unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || (c && strchr("-._~", c));
}

char *
http_encode_segment(const char *text)
{
	char *encoded = malloc(3 * strlen(text) + 1);
	char *end = encoded;

	if (!encoded)
		return NULL;
	for (; *text; text++) {
		unsigned char byte = (unsigned char)*text;

		if (is_unreserved(*text)) {
			*end++ = *text;
			continue;
		}
		*end++ = '%';
		*end++ = hex_digits[byte >> 4];
		*end++ = hex_digits[byte & 15];
	}
	*end = '\0';
	return encoded;
}
