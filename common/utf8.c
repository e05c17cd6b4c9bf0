/* SPDX-License-Identifier: MIT */
#include "common/utf8.h"

#include <stdlib.h>
#include <string.h>

size_t
utf8_character(const char *text, size_t length)
{
	static const struct {
		unsigned char first, last; /* of the first byte */
		unsigned char low, high;   /* of the second */
		unsigned char length;
	} forms[] = {
	    {0x00, 0x7f, 0,    0,    1},
	    {0xc2, 0xdf, 0x80, 0xbf, 2},
	    {0xe0, 0xe0, 0xa0, 0xbf, 3},
	    {0xe1, 0xec, 0x80, 0xbf, 3},
	    {0xed, 0xed, 0x80, 0x9f, 3},
	    {0xee, 0xef, 0x80, 0xbf, 3},
	    {0xf0, 0xf0, 0x90, 0xbf, 4},
	    {0xf1, 0xf3, 0x80, 0xbf, 4},
	    {0xf4, 0xf4, 0x80, 0x8f, 4},
	};
	unsigned char first = (unsigned char)text[0];
	unsigned char second = length > 1 ? (unsigned char)text[1] : 0;
	size_t form = 0, i = 2;

	while (form < sizeof(forms) / sizeof(forms[0]) &&
	       (first < forms[form].first || first > forms[form].last))
		form++;
	if (form == sizeof(forms) / sizeof(forms[0]) ||
	    forms[form].length > length)
		return 0;
	if (forms[form].length > 1 &&
	    (second < forms[form].low || second > forms[form].high))
		return 0;
	while (i < forms[form].length && (text[i] & 0xc0) == 0x80)
		i++;
	return i < forms[form].length ? 0 : forms[form].length;
}

bool
utf8_begins(const char *text)
{
	return ((unsigned char)*text & 0xc0) != 0x80;
}

bool
utf8_is_line(const char *text)
{
	size_t rest = strlen(text);

	while (rest > 0) {
		size_t used = utf8_character(text, rest);

		if (used == 0 || (unsigned char)*text < ' ' || *text == '\x7f')
			return false;
		text += used;
		rest -= used;
	}
	return true;
}

char *
utf8_repair(const char *text, size_t length)
{
	const size_t most = strlen(UTF8_REPLACEMENT);
	char *repaired = malloc(most * length + 1);
	size_t written = 0;

	for (size_t i = 0; repaired && i < length;) {
		size_t used = 0;

		if (text[i])
			used = utf8_character(text + i, length - i);
		if (used == 1) /* nearly all there is */
			repaired[written] = text[i];
		else if (used)
			memcpy(repaired + written, text + i, used);
		else
			memcpy(repaired + written, UTF8_REPLACEMENT, most);
		written += used ? used : most;
		i += used ? used : 1;
	}
	if (repaired)
		repaired[written] = '\0';
	return repaired;
}
