/* SPDX-License-Identifier: MIT */
#include "key_id.h"

#include <ctype.h>
#include <string.h>

enum error_code
key_id_check(const char *id, struct error *err)
{
	size_t length = strlen(id);

	if (length == 0 || length > KEY_ID_MAX)
		return error_set(err, ERROR_INVALID,
		    "a key id has 1 to %d bytes, not %zu", KEY_ID_MAX, length);
	for (const char *c = id; *c; c++)
		if (iscntrl((unsigned char)*c))
			return error_set(err, ERROR_INVALID,
			    "a key id has no control characters");
	return ERROR_NONE;
}

bool
key_id_is_reserved(const char *id)
{
	return strcmp(id, KEY_ID_RESERVED) == 0;
}
