/* SPDX-License-Identifier: MIT */
#include "mistakes.h"

#include <stdlib.h>

void
mistakes_done(struct mistakes *mistakes)
{
	free(mistakes->items);
	*mistakes = (struct mistakes){0};
}

enum error_code
mistakes_pass(
    struct mistakes *mistakes, enum error_code code, struct error *err)
{
	struct error *items;

	if (code != ERROR_INVALID)
		return code;
	items =
	    reallocarray(mistakes->items, mistakes->count + 1, sizeof(*items));
	if (!items)
		return error_no_memory(err);
	mistakes->items = items;
	items[mistakes->count++] = *err;
	return ERROR_NONE;
}
