/* SPDX-License-Identifier: MIT */
#include "places.h"

#include <string.h>

#include "common/file.h"

/*
 * Finds the key of a mapping or the position of a sequence. *ret_place is the
 * node that shows where that is: of a mapping, the key.
 */
static const struct config_node *
step(const struct config_node *node, const char *key,
    const struct config_node **ret_place)
{
	if (node->kind == CONFIG_SEQUENCE) {
		size_t index = strtoul(key, NULL, 10);

		if (index >= node->count)
			return NULL;
		*ret_place = &node->items[index];
		return *ret_place;
	}
	if (node->kind != CONFIG_MAPPING)
		return NULL;
	for (size_t i = 0; i < node->count; i += 2)
		if (strcmp(node->items[i].text, key) == 0) {
			*ret_place = &node->items[i];
			return &node->items[i + 1];
		}
	return NULL;
}

/* True if all steps exist; *ret_place is where the last that exists is. */
static bool
walk(const struct config_node *node, const char *const *steps,
    const struct config_node **ret_place)
{
	for (; *steps; steps++) {
		node = step(node, *steps, ret_place);
		if (!node)
			return false;
	}
	return true;
}

char *
places_find(const struct config_node *root, const char *const *steps)
{
	const struct config_node *place = NULL;

	(void)walk(root, steps, &place);
	return place ? string_format(
			   "%s:%u:%u", place->file, place->line, place->column)
		     : strdup(root->file);
}

const char *
places_name(const struct config_node *root, const char *const *steps)
{
	const struct config_node *place = NULL;

	return walk(root, steps, &place) ? config_node_name(place) : NULL;
}

bool
places_has(const struct config_node *root, const char *const *steps)
{
	const struct config_node *place;

	return walk(root, steps, &place);
}
