/* SPDX-License-Identifier: MIT */
#include "key_uri.h"

#include <string.h>

bool
key_uri_is(const char *text, enum uri_kind kind)
{
	CLEANUP(uri) struct uri *uri = NULL;
	struct error ignored;

	return text && uri_parse(text, &uri, &ignored) == ERROR_NONE &&
	       uri_kind(uri) == kind;
}

bool
key_uri_names_object(const char *text)
{
	CLEANUP(uri) struct uri *uri = NULL;
	struct error ignored;

	return text && uri_parse(text, &uri, &ignored) == ERROR_NONE &&
	       uri_kind(uri) == URI_PKCS11 &&
	       (uri_object_label(uri) ||
		   p11_kit_uri_get_attribute(uri_pkcs11(uri), CKA_ID));
}

/* True if the attribute at text says something of an object. */
static bool
is_of_object(const char *text)
{
	static const char *const names[] = {
	    "object=", "object-type=", "type=", "id="};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strncmp(text, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

char *
key_uri_token(const char *text)
{
	static const char scheme[] = "pkcs11:";
	const char *query = text + strcspn(text, "?");
	char *token = malloc(strlen(text) + 1);
	char *end = token;

	if (!token)
		return NULL;
	end = stpcpy(end, scheme);
	text += strlen(scheme);
	while (text < query) {
		size_t length = strcspn(text, ";?");

		if (length > 0 && !is_of_object(text)) {
			if (end[-1] != ':')
				*end++ = ';';
			end = mempcpy(end, text, length);
		}
		text += length;
		text += *text == ';';
	}
	(void)stpcpy(end, query);
	return token;
}
