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
