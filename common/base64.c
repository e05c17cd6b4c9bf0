/* SPDX-License-Identifier: MIT */
#include "common/base64.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *
base64_encode(const void *data, size_t length)
{
	const unsigned char *in = data;
	size_t padding = (3 - length % 3) % 3;
	char *text = malloc((length + 2) / 3 * 4 + 1);
	char *out = text;

	if (!text)
		return NULL;
	for (size_t i = 0; i < length; i += 3) {
		size_t left = length - i;
		uint32_t group = (uint32_t)in[i] << 16;

		group |= left > 1 ? (uint32_t)in[i + 1] << 8 : 0;
		group |= left > 2 ? (uint32_t)in[i + 2] : 0;
		*out++ = alphabet[group >> 18 & 63];
		*out++ = alphabet[group >> 12 & 63];
		*out++ = alphabet[group >> 6 & 63];
		*out++ = alphabet[group & 63];
	}
	memset(out - padding, '=', padding);
	*out = '\0';
	return text;
}

static int
value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

/* Decodes four characters of which the last padding ones are '='. */
static bool
decode_group(const char *text, size_t padding, unsigned char out[3])
{
	uint32_t group = 0;

	for (size_t i = 0; i < 4; i++) {
		int value = i < 4 - padding ? value_of(text[i]) : 0;

		if (value < 0)
			return false;
		group = group << 6 | (uint32_t)value;
	}
	out[0] = (unsigned char)(group >> 16);
	out[1] = (unsigned char)(group >> 8);
	out[2] = (unsigned char)group;
	/* Bits that no byte takes must be zero, or one value had many texts. */
	return (padding < 2 || !out[1]) && (padding < 1 || !out[2]);
}

static size_t
count_padding(const char *text, size_t length)
{
	if (length == 0 || text[length - 1] != '=')
		return 0;
	return text[length - 2] == '=' ? 2 : 1;
}

enum error_code
base64_decode(const char *text, unsigned char **ret_data, size_t *ret_length,
    struct error *err)
{
	size_t length = strlen(text);
	size_t padding = length % 4 ? 0 : count_padding(text, length);
	size_t size = length / 4 * 3 - padding;
	unsigned char *data;

	if (length % 4)
		return error_set(err, ERROR_MALFORMED,
		    "base64 must be padded to a multiple of 4 characters");
	data = malloc(length / 4 * 3 + 1);
	if (!data)
		return error_no_memory(err);

	for (size_t i = 0; i < length; i += 4)
		if (!decode_group(text + i, i + 4 == length ? padding : 0,
			data + i / 4 * 3)) {
			free(data);
			return error_set(err, ERROR_MALFORMED,
			    "not base64 near character %zu", i + 1);
		}
	data[size] = '\0';
	*ret_data = data;
	*ret_length = size;
	return ERROR_NONE;
}
