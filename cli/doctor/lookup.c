/* SPDX-License-Identifier: MIT */
#include "lookup.h"

#include <string.h>

#include "output.h"

const json_t *
lookup_id(const json_t *array, const char *id)
{
	for (size_t i = 0; i < json_array_size(array); i++) {
		const json_t *object = json_array_get(array, i);

		if (strcmp(output_member(object, "id"), id) == 0)
			return object;
	}
	return NULL;
}

bool
is_first(json_t *seen, const char *key)
{
	return !json_object_get(seen, key) &&
	       json_object_set_new(seen, key, json_true()) == 0;
}
