/* SPDX-License-Identifier: MIT */
#include "hostname.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#define NAME_MAX_LENGTH 64 /* a common name has no more (RFC 5280) */
#define LABEL_MAX_LENGTH 63

/* RFC 1035 section 2.3.1, and a digit may come first (RFC 1123). */
static bool
is_label(const char *text, size_t length)
{
	if (length == 0 || length > LABEL_MAX_LENGTH || text[0] == '-' ||
	    text[length - 1] == '-')
		return false;
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)text[i]) && text[i] != '-')
			return false;
	return true;
}

static bool
has_good_labels(const char *name)
{
	for (;;) {
		size_t length = strcspn(name, ".");

		if (!is_label(name, length))
			return false;
		if (name[length] == '\0')
			return true;
		name += length + 1;
	}
}

const char *
hostname_problem(const char *name, const char *machine)
{
	size_t first = strcspn(machine, ".");

	if (strlen(name) > NAME_MAX_LENGTH)
		return "it has more than 64 characters, so no certificate can "
		       "have it as its common name";
	if (!has_good_labels(name))
		return "it is no name of RFC 1035: labels of letters, digits "
		       "and '-', with dots between them";
	if (strcasecmp(name, machine) != 0 &&
	    (strncasecmp(name, machine, first) != 0 || name[first] != '.'))
		return "it is not the machine's name, and does not begin with "
		       "it";
	return NULL;
}
