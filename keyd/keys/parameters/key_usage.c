/* SPDX-License-Identifier: MIT */
#include "key_usage.h"

#include <string.h>

static const struct {
	const char *name;
	unsigned usage;
} names[] = {
    {"sign",    KEY_SIGNS   },
    {"decrypt", KEY_DECRYPTS},
    {"derive",  KEY_DERIVES },
    {"encrypt", KEY_ENCRYPTS},
};
#define NAMES (sizeof(names) / sizeof(names[0]))

/* All that a key of kind can be for. */
static unsigned
all_of_kind(enum key_kind kind)
{
	return kind == KEY_PAIR ? KEY_SIGNS | KEY_DECRYPTS | KEY_DERIVES
				: KEY_SIGNS | KEY_DERIVES | KEY_ENCRYPTS;
}

static unsigned
usage_of(const char *name, size_t length)
{
	for (size_t i = 0; i < NAMES; i++)
		if (strlen(names[i].name) == length &&
		    strncmp(names[i].name, name, length) == 0)
			return names[i].usage;
	return 0;
}

enum error_code
key_usage_parse(const char *text, enum key_kind kind, unsigned *ret_usage,
    struct error *err)
{
	unsigned usage = 0;

	for (;;) {
		size_t length = strcspn(text, ",");
		unsigned one = usage_of(text, length);

		if (!(one & all_of_kind(kind)))
			return error_set(err, ERROR_MALFORMED,
			    "'usage' is a list of %s, like 'derive,sign'",
			    kind == KEY_PAIR ? "sign, decrypt and derive"
					     : "derive, sign and encrypt");
		usage |= one;
		text += length;
		if (!*text)
			break;
		text++;
	}
	/* To derive from a secret is to sign with it. */
	if (kind == KEY_SECRET && usage & (KEY_SIGNS | KEY_DERIVES))
		usage |= KEY_SIGNS | KEY_DERIVES;
	*ret_usage = usage;
	return ERROR_NONE;
}

const char *
key_usage_next(unsigned *usage)
{
	for (size_t i = 0; i < NAMES; i++)
		if (*usage & names[i].usage) {
			*usage &= ~names[i].usage;
			return names[i].name;
		}
	return NULL;
}

void
key_usage_format(unsigned usage, char ret_text[KEY_USAGE_TEXT_MAX])
{
	char *end = ret_text;
	const char *name;

	*end = '\0';
	while ((name = key_usage_next(&usage))) {
		size_t length = strlen(name);

		if (end != ret_text)
			*end++ = ',';
		memcpy(end, name, length + 1);
		end += length;
	}
}
