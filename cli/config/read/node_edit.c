/* SPDX-License-Identifier: MIT */
#include "node_edit.h"

#include <string.h>

#include "common/file.h"

struct config_node *
node_mapping(const struct config_node *mapping, const char *key)
{
	struct config_node *found = config_node_find(mapping, key);

	return found && found->kind == CONFIG_MAPPING ? found : NULL;
}

const char *
node_text(const struct config_node *mapping, const char *key)
{
	const struct config_node *found = config_node_find(mapping, key);

	return found && found->kind == CONFIG_SCALAR ? found->text : NULL;
}

static enum error_code
make_text(const char *text, const struct config_node *place,
    struct config_node *ret_node, struct error *err)
{
	*ret_node = (struct config_node){
	    .kind = CONFIG_SCALAR,
	    .text = strdup(text),
	    .file = place->file,
	    .line = place->line,
	    .column = place->column,
	};
	return ret_node->text ? ERROR_NONE : error_no_memory(err);
}

/* Adds a pair at the end; takes both nodes, also if it fails. */
static enum error_code
append(struct config_node *mapping, struct config_node *key,
    struct config_node *value, struct error *err)
{
	struct config_node *items = reallocarray(
	    mapping->items, mapping->count + 2, sizeof(*mapping->items));

	if (!items) {
		config_node_done(key);
		config_node_done(value);
		return error_no_memory(err);
	}
	mapping->items = items;
	items[mapping->count++] = TAKE_CONTENTS(*key);
	items[mapping->count++] = TAKE_CONTENTS(*value);
	return ERROR_NONE;
}

/* Adds an empty mapping or list called key, unless there is something. */
static enum error_code
make(struct config_node *mapping, const char *key, enum config_node_kind kind,
    const struct config_node *place, struct error *err)
{
	struct config_node name;
	struct config_node value = {.kind = kind,
	    .file = place->file,
	    .line = place->line,
	    .column = place->column};

	if (config_node_find(mapping, key))
		return ERROR_NONE;
	if (make_text(key, place, &name, err))
		return err->code;
	return append(mapping, &name, &value, err);
}

enum error_code
node_make_mapping(struct config_node *mapping, const char *key,
    const struct config_node *place, struct config_node **ret_node,
    struct error *err)
{
	if (make(mapping, key, CONFIG_MAPPING, place, err))
		return err->code;
	*ret_node = node_mapping(mapping, key);
	if (!*ret_node)
		return config_node_error(config_node_find(mapping, key), err,
		    "'%s' must be a section with keys of its own", key);
	return ERROR_NONE;
}

enum error_code
node_make_path(struct config_node *root, const char *const *path,
    const struct config_node *place, struct config_node **ret_node,
    struct error *err)
{
	for (; *path; path++)
		if (node_make_mapping(root, *path, place, &root, err))
			return err->code;
	*ret_node = root;
	return ERROR_NONE;
}

struct config_node *
node_find_path(struct config_node *root, const char *const *path)
{
	for (; root && *path; path++)
		root = node_mapping(root, *path);
	return root;
}

enum error_code
node_change(struct config_node *scalar, const char *text, struct error *err)
{
	char *copy = strdup(text);

	if (!copy)
		return error_no_memory(err);
	secret_free(scalar->text);
	scalar->text = copy;
	scalar->plain = false;
	return ERROR_NONE;
}

enum error_code
node_set_text(struct config_node *mapping, const char *key,
    const struct config_node *place, const char *text, struct error *err)
{
	node_remove(mapping, key);
	return node_add_text(mapping, key, place, text, err);
}

enum error_code
node_add_text(struct config_node *mapping, const char *key,
    const struct config_node *place, const char *text, struct error *err)
{
	struct config_node name;
	struct config_node value;

	if (config_node_find(mapping, key))
		return ERROR_NONE;
	if (make_text(key, place, &name, err))
		return err->code;
	if (make_text(text, place, &value, err)) {
		config_node_done(&name);
		return err->code;
	}
	return append(mapping, &name, &value, err);
}

static enum error_code
copy_node(const struct config_node *from, struct config_node *ret_node,
    struct error *err)
{
	CLEANUP_DONE(config_node) struct config_node node = *from;

	node.text = from->text ? strdup(from->text) : NULL;
	node.written = from->written ? strdup(from->written) : NULL;
	node.items = calloc(from->count + 1, sizeof(*node.items));
	node.count = 0;
	if (!node.items || (from->text && !node.text) ||
	    (from->written && !node.written))
		return error_no_memory(err);
	for (; node.count < from->count; node.count++)
		if (copy_node(
			&from->items[node.count], &node.items[node.count], err))
			return err->code;
	*ret_node = TAKE_CONTENTS(node);
	return ERROR_NONE;
}

enum error_code
node_add_copy(struct config_node *mapping, const char *key,
    const struct config_node *value, struct error *err)
{
	struct config_node name;
	struct config_node copy;

	if (config_node_find(mapping, key))
		return ERROR_NONE;
	if (copy_node(value, &copy, err))
		return err->code;
	if (make_text(key, value, &name, err)) {
		config_node_done(&copy);
		return err->code;
	}
	return append(mapping, &name, &copy, err);
}

/* The list called key, which is made if there is none. */
static enum error_code
make_list(struct config_node *mapping, const char *key,
    const struct config_node *place, struct config_node **ret_list,
    struct error *err)
{
	if (make(mapping, key, CONFIG_SEQUENCE, place, err))
		return err->code;
	*ret_list = config_node_find(mapping, key);
	if ((*ret_list)->kind != CONFIG_SEQUENCE)
		return config_node_error(
		    *ret_list, err, "'%s' must be a list", key);
	return ERROR_NONE;
}

enum error_code
node_append(struct config_node *mapping, const char *key,
    struct config_node *item, struct error *err)
{
	CLEANUP_DONE(config_node) struct config_node owned = *item;
	struct config_node *items;
	struct config_node *list;

	*item = (struct config_node){0};
	if (make_list(mapping, key, &owned, &list, err))
		return err->code;
	items =
	    reallocarray(list->items, list->count + 1, sizeof(*list->items));
	if (!items)
		return error_no_memory(err);
	list->items = items;
	items[list->count++] = TAKE_CONTENTS(owned);
	return ERROR_NONE;
}

/* Where the pair of key begins; count if there is none. */
static size_t
position(const struct config_node *mapping, const char *key)
{
	size_t i = 0;

	while (i < mapping->count && strcmp(mapping->items[i].text, key) != 0)
		i += 2;
	return i;
}

enum error_code
node_call(struct config_node *mapping, const char *key, const char *written,
    struct error *err)
{
	struct config_node *name = &mapping->items[position(mapping, key)];

	free(name->written);
	name->written = strdup(written);
	return name->written ? ERROR_NONE : error_no_memory(err);
}

/* Takes the pair that begins at i out of mapping. */
static void
take(struct config_node *mapping, size_t i, struct config_node pair[static 2])
{
	pair[0] = mapping->items[i];
	pair[1] = mapping->items[i + 1];
	mapping->count -= 2;
	memmove(&mapping->items[i], &mapping->items[i + 2],
	    (mapping->count - i) * sizeof(*mapping->items));
}

void
node_remove(struct config_node *mapping, const char *key)
{
	size_t i = position(mapping, key);
	struct config_node pair[2];

	if (i == mapping->count)
		return;
	take(mapping, i, pair);
	config_node_done(&pair[0]);
	config_node_done(&pair[1]);
}

/* It stays known by what it was called first, in the file. */
static enum error_code
rename_key(struct config_node *key, const char *name, struct error *err)
{
	char *copy = strdup(name);

	if (!copy)
		return error_no_memory(err);
	if (key->written || strcmp(key->text, name) == 0)
		secret_free(key->text);
	else
		key->written = key->text;
	key->text = copy;
	return ERROR_NONE;
}

enum error_code
node_move(struct config_node *from, const char *key, struct config_node *to,
    const char *name, struct error *err)
{
	size_t i = position(from, key);
	struct config_node pair[2];

	if (i == from->count)
		return ERROR_NONE;
	if (config_node_find(to, name))
		return config_node_error(&from->items[i], err,
		    "'%s' is the same as '%s', and both are given", key, name);
	if (rename_key(&from->items[i], name, err))
		return err->code;
	take(from, i, pair);
	return append(to, &pair[0], &pair[1], err);
}
