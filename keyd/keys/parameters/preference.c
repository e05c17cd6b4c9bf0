/* SPDX-License-Identifier: MIT */
#include "preference.h"

#include <string.h>

static const struct {
	const char *name;
	enum key_spec spec;
} names[] = {
    {"ec-p256",  KEY_SPEC_P256   },
    {"ec-p384",  KEY_SPEC_P384   },
    {"ec-p521",  KEY_SPEC_P521   },
    {"ed25519",  KEY_SPEC_ED25519},
    {"rsa-2048", KEY_SPEC_RSA2048},
    {"rsa-3072", KEY_SPEC_RSA3072},
    {"rsa-4096", KEY_SPEC_RSA4096},
};

static void
add(struct preference *preference, enum key_spec spec)
{
	for (size_t i = 0; i < preference->count; i++)
		if (preference->specs[i] == spec)
			return;
	preference->specs[preference->count++] = spec;
}

static void
add_named(struct preference *preference, const char *name, size_t length)
{
	if (length == 1 && *name == '*') {
		add(preference, KEY_SPEC_P256);
		add(preference, KEY_SPEC_RSA2048);
		return;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i].name) == length &&
		    strncmp(names[i].name, name, length) == 0)
			add(preference, names[i].spec);
}

enum error_code
preference_parse(
    const char *text, struct preference *ret_preference, struct error *err)
{
	struct preference preference = {0};

	if (!text)
		text = "*";
	for (;;) {
		size_t length = strcspn(text, ":");

		add_named(&preference, text, length);
		text += length;
		if (!*text)
			break;
		text++;
	}
	if (preference.count == 0)
		return error_set(err, ERROR_INVALID,
		    "'preferredAlgorithms' names no algorithm of ec-p256, "
		    "ec-p384, ec-p521, ed25519, rsa-2048, rsa-3072, rsa-4096 "
		    "and *");
	*ret_preference = preference;
	return ERROR_NONE;
}
