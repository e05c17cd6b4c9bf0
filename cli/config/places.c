/* SPDX-License-Identifier: MIT */
#include "places.h"

#include <string.h>
#include <yaml.h>

#include "common/file.h"

#define FILES_MAX 2

struct place_file {
	char *path;
	yaml_document_t document;
};

struct places {
	size_t count;
	struct place_file files[FILES_MAX];
};

enum error_code
places_create(struct places **ret_places, struct error *err)
{
	*ret_places = calloc(1, sizeof(**ret_places));
	return *ret_places ? ERROR_NONE : error_no_memory(err);
}

void
places_free(struct places *places)
{
	if (!places)
		return;
	for (size_t i = 0; i < places->count; i++) {
		free(places->files[i].path);
		yaml_document_delete(&places->files[i].document);
	}
	free(places);
}

enum error_code
places_add(struct places *places, const char *path, const char *text,
    size_t length, struct error *err)
{
	struct place_file *file = &places->files[places->count];
	yaml_parser_t parser;
	int loaded;

	if (places->count == FILES_MAX || !yaml_parser_initialize(&parser))
		return error_no_memory(err);
	yaml_parser_set_input_string(
	    &parser, (const unsigned char *)text, length);
	loaded = yaml_parser_load(&parser, &file->document);
	yaml_parser_delete(&parser);
	if (!loaded)
		return error_set(err, ERROR_INVALID, "%s: not YAML", path);

	file->path = strdup(path);
	if (!file->path) {
		yaml_document_delete(&file->document);
		return error_no_memory(err);
	}
	places->count++;
	return ERROR_NONE;
}

static yaml_node_t *
root_of(const struct place_file *file)
{
	/* libyaml only reads, but does not say so. */
	union {
		const yaml_document_t *constant;
		yaml_document_t *plain;
	} document = {.constant = &file->document};

	return yaml_document_get_root_node(document.plain);
}

static yaml_node_t *
node_at(const struct place_file *file, int index)
{
	return &file->document.nodes.start[index - 1];
}

/*
 * Finds the key of a mapping or the position of a sequence. *ret_place is the
 * node that shows where that is: of a mapping, the key.
 */
static yaml_node_t *
step(const struct place_file *file, const yaml_node_t *node, const char *key,
    const yaml_node_t **ret_place)
{
	if (node->type == YAML_SEQUENCE_NODE) {
		size_t index = strtoul(key, NULL, 10);
		const yaml_node_item_t *items = node->data.sequence.items.start;

		if (index >= (size_t)(node->data.sequence.items.top - items))
			return NULL;
		*ret_place = node_at(file, items[index]);
		return node_at(file, items[index]);
	}
	if (node->type != YAML_MAPPING_NODE)
		return NULL;
	for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
	     pair < node->data.mapping.pairs.top; pair++) {
		const yaml_node_t *name = node_at(file, pair->key);

		if (name->type == YAML_SCALAR_NODE &&
		    strcmp((const char *)name->data.scalar.value, key) == 0) {
			*ret_place = name;
			return node_at(file, pair->value);
		}
	}
	return NULL;
}

/* True if all steps exist; *ret_place is where the last that exists is. */
static bool
walk(const struct place_file *file, const char *const *steps,
    const yaml_node_t **ret_place)
{
	const yaml_node_t *node = root_of(file);

	for (; *steps; steps++) {
		node = node ? step(file, node, *steps, ret_place) : NULL;
		if (!node)
			return false;
	}
	return true;
}

static bool
has_section(const struct place_file *file, const char *section)
{
	const yaml_node_t *root = root_of(file);
	const yaml_node_t *place;

	return root && step(file, root, section, &place);
}

/* The file whose section counts: the last that has it, else the last. */
static const struct place_file *
file_of(const struct places *places, const char *section)
{
	for (size_t i = places->count; i-- > 0;)
		if (has_section(&places->files[i], section))
			return &places->files[i];
	return places->count ? &places->files[places->count - 1] : NULL;
}

bool
places_last_has(const struct places *places, const char *section)
{
	return places->count &&
	       has_section(&places->files[places->count - 1], section);
}

char *
places_find(const struct places *places, const char *const *steps)
{
	const struct place_file *file = file_of(places, steps[0]);
	const yaml_node_t *place = NULL;

	if (!file)
		return NULL;
	(void)walk(file, steps, &place);
	return place ? string_format("%s:%zu:%zu", file->path,
			   place->start_mark.line + 1,
			   place->start_mark.column + 1)
		     : strdup(file->path);
}

bool
places_has(const struct places *places, const char *const *steps)
{
	const struct place_file *file = file_of(places, steps[0]);
	const yaml_node_t *place;

	return file && walk(file, steps, &place);
}
