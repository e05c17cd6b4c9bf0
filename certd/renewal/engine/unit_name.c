/* SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include <string.h>

#include "unit.h"

static bool
ends_with(const char *text, const char *end)
{
	size_t length = strlen(text);
	size_t end_length = strlen(end);

	return length > end_length &&
	       strcmp(text + length - end_length, end) == 0;
}

enum error_code
unit_check_name(const char *name, struct error *err)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789:-_.\\@";

	if (strlen(name) <= UNIT_NAME_MAX && *name != '.' && *name != '-' &&
	    name[strspn(name, allowed)] == '\0' &&
	    (ends_with(name, ".service") || ends_with(name, ".target")))
		return ERROR_NONE;
	return error_set(err, ERROR_INVALID,
	    "'%.80s' is no name of a unit of systemd, as "
	    "reload-nginx.service; commands belong into a unit",
	    name);
}
