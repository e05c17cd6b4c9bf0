/* SPDX-License-Identifier: MIT */
#include "common/config_node.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/file.h"

void
config_node_done(struct config_node *node)
{
	for (size_t i = 0; i < node->count; i++)
		config_node_done(&node->items[i]);
	free(node->items);
	secret_free(node->text);
	free(node->written);
	*node = (struct config_node){0};
}

struct config_node *
config_node_find(const struct config_node *mapping, const char *key)
{
	for (size_t i = 0; i < mapping->count; i += 2)
		if (strcmp(mapping->items[i].text, key) == 0)
			return &mapping->items[i + 1];
	return NULL;
}

const char *
config_node_name(const struct config_node *key)
{
	return key->written ? key->written : key->text;
}

bool
config_node_is_null(const struct config_node *node)
{
	return node->kind == CONFIG_SCALAR && node->plain &&
	       (!*node->text || strcmp(node->text, "~") == 0 ||
		   strcasecmp(node->text, "null") == 0);
}

enum error_code
config_node_error(
    const struct config_node *node, struct error *err, const char *format, ...)
{
	char message[ERROR_MESSAGE_MAX];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	return error_set(err, ERROR_INVALID, "%s:%u:%u: %s", node->file,
	    node->line, node->column, message);
}

/* Moves count nodes to the end of base. */
static enum error_code
append(struct config_node *base, struct config_node *items, size_t count,
    struct error *err)
{
	struct config_node *grown =
	    reallocarray(base->items, base->count + count, sizeof(*grown));

	if (!grown)
		return error_no_memory(err);
	base->items = grown;
	for (size_t i = 0; i < count; i++)
		base->items[base->count++] = TAKE_CONTENTS(items[i]);
	return ERROR_NONE;
}

static enum error_code
merge_mapping(
    struct config_node *base, struct config_node *over, struct error *err)
{
	for (size_t i = 0; i < over->count; i += 2) {
		struct config_node *pair = &over->items[i];
		struct config_node *found = config_node_find(base, pair->text);

		if (found ? config_node_merge(found, &pair[1], err)
			  : append(base, pair, 2, err))
			return err->code;
	}
	return ERROR_NONE;
}

enum error_code
config_node_merge(
    struct config_node *base, struct config_node *over, struct error *err)
{
	if (base->kind == CONFIG_MAPPING && over->kind == CONFIG_MAPPING)
		return merge_mapping(base, over, err);
	if (base->kind == CONFIG_SEQUENCE && over->kind == CONFIG_SEQUENCE)
		return append(base, over->items, over->count, err);
	config_node_done(base);
	*base = TAKE_CONTENTS(*over);
	return ERROR_NONE;
}
