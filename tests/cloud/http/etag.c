/* SPDX-License-Identifier: MIT */
#include "etag.h"

#include <stddef.h>
#include <string.h>

/* The part of text inside its outer quotes, if it has them. */
static const char *
strip_quotes(const char *text, size_t *ret_length)
{
	size_t length = strlen(text);
	bool quoted = length >= 2 && text[0] == '"' && text[length - 1] == '"';

	*ret_length = quoted ? length - 2 : length;
	return quoted ? text + 1 : text;
}

bool
etag_matches(const char *if_match, const char *etag)
{
	size_t wanted_length, length;
	const char *wanted = strip_quotes(if_match, &wanted_length);
	const char *actual = strip_quotes(etag, &length);

	if (wanted_length == 1 && *wanted == '*')
		return true;
	return wanted_length == length && memcmp(wanted, actual, length) == 0;
}
