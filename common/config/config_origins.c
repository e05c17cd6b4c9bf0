/* SPDX-License-Identifier: MIT */
#include "config_origins.h"

#include <string.h>

#include "common/file.h"

static enum error_code
add_origin(struct config_origins *origins, const char *key,
    const struct config_node *value, struct error *err)
{
	struct config_origin *grown =
	    reallocarray(origins->items, origins->count + 1, sizeof(*grown));
	struct config_origin origin = {
	    strdup(key), string_format("%s:%u", value->file, value->line)};

	if (grown)
		origins->items = grown;
	if (!grown || !origin.key || !origin.place) {
		free(origin.key);
		free(origin.place);
		return error_no_memory(err);
	}
	origins->items[origins->count++] = origin;
	return ERROR_NONE;
}

/* Mappings nest no deeper than CONFIG_DEPTH_MAX. */
static enum error_code
collect(const struct config_node *mapping, const char *prefix,
    struct config_origins *origins, struct error *err)
{
	for (size_t i = 0; i < mapping->count; i += 2) {
		const struct config_node *value = &mapping->items[i + 1];
		CLEANUP(string)
		char *key = string_format("%s%s%s", prefix, *prefix ? "." : "",
		    mapping->items[i].text);

		if (!key)
			return error_no_memory(err);
		if (value->kind == CONFIG_MAPPING
			? collect(value, key, origins, err)
			: add_origin(origins, key, value, err))
			return err->code;
	}
	return ERROR_NONE;
}

static int
compare(const void *left, const void *right)
{
	const struct config_origin *one = left;
	const struct config_origin *other = right;

	return strcmp(one->key, other->key);
}

enum error_code
config_origins_collect(const struct config_node *root,
    struct config_origins *ret_origins, struct error *err)
{
	CLEANUP_DONE(config_origins) struct config_origins origins = {0};

	if (collect(root, "", &origins, err))
		return err->code;
	if (origins.count > 0)
		qsort(origins.items, origins.count, sizeof(*origins.items),
		    compare);
	*ret_origins = TAKE_CONTENTS(origins);
	return ERROR_NONE;
}

static int
compare_key(const void *key, const void *item)
{
	const struct config_origin *origin = item;

	return strcmp(key, origin->key);
}

const char *
config_origin(const struct config_origins *origins, const char *key)
{
	const struct config_origin *found = NULL;

	if (origins->count > 0)
		found = bsearch(key, origins->items, origins->count,
		    sizeof(*origins->items), compare_key);
	return found ? found->place : NULL;
}

void
config_origins_done(struct config_origins *origins)
{
	for (size_t i = 0; i < origins->count; i++) {
		free(origins->items[i].key);
		free(origins->items[i].place);
	}
	free(origins->items);
	*origins = (struct config_origins){0};
}
