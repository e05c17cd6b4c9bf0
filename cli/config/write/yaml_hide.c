/* SPDX-License-Identifier: MIT */
#include "yaml_hide.h"

#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/config_node.h"
#include "common/file.h"
#include "common/utf8.h"
#include "redact.h"
#include "super_config.h"
#include "yaml_lines.h"

#define HIDDEN "\"" REDACTED "\""

/* --- what is known -------------------------------------------------------- */

static bool
fits(const struct config_field *field, const struct config_node *value)
{
	switch (field->type) {
	case CONFIG_SECTION:
	case CONFIG_SECTIONS:
	case CONFIG_MAP:
		return value->kind == CONFIG_MAPPING;
	case CONFIG_LIST:
	case CONFIG_STRINGS:
		return value->kind == CONFIG_SEQUENCE;
	case CONFIG_STRING:
	case CONFIG_PATH:
	case CONFIG_URI:
	case CONFIG_UNSIGNED:
	case CONFIG_BOOL:
		return value->kind == CONFIG_SCALAR;
	case CONFIG_IGNORED:
		break;
	}
	return false;
}

/* True if value says where a key is, and is none. */
static bool
refers(const struct config_field *field, const struct config_node *value)
{
	static const char *const keys[] = {
	    "symmetric_key", "group_key", "device_id_pk"};

	if (value->kind != CONFIG_SCALAR ||
	    !redact_is_reference(value->text, strlen(value->text)))
		return false;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(field->key, keys[i]) == 0)
			return true;
	return field->type == CONFIG_URI;
}

/* The field of a key that may be shown with such a value, or NULL. */
static const struct config_field *
find_field(const struct config_table *table, const char *key,
    const struct config_node *value)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct config_field *field = &table->fields[i];

		if (strcmp(field->key, key) == 0 && fits(field, value))
			return field->flags & CONFIG_SECRET &&
				       !refers(field, value)
				   ? NULL
				   : field;
	}
	return NULL;
}

/*
 * The daemons' files have the operator's keys, some in another section: keyd's
 * stand at the top, and what was at the top may be of a section.
 */
static const struct config_field *
look_up(const struct config_table *table, const char *key,
    const struct config_node *value)
{
	const struct config_table *const tables[] = {
	    table, &super_config_table, super_keyd_table};
	const struct config_field *field = NULL;

	for (size_t i = 0; !field && i < sizeof(tables) / sizeof(tables[0]);
	     i++)
		field = find_field(tables[i], key, value);
	return field;
}

/* --- a document ----------------------------------------------------------- */

/* A text that is copied to stream but for what is hidden. */
struct hider {
	FILE *stream;
	const char *rest;
	size_t at; /* rest, in characters from the beginning */
};

/* Goes on to the character number end, with or without what is between. */
static void
go_on(struct hider *hider, size_t end, bool is_hidden)
{
	while (*hider->rest && hider->at < end) {
		/* Messages name lines: they stay. */
		if (!is_hidden || *hider->rest == '\n')
			(void)fputc(*hider->rest, hider->stream);
		hider->rest++;
		hider->at += utf8_begins(hider->rest);
	}
}

static bool
is_empty(const struct config_node *node)
{
	return node->kind == CONFIG_SCALAR && node->start == node->end;
}

static void
hide_scalar(struct hider *hider, const struct config_node *scalar)
{
	if (is_empty(scalar))
		return;
	go_on(hider, scalar->start, false);
	(void)fputs(HIDDEN, hider->stream);
	go_on(hider, scalar->end, true);
}

/* Hides all values below node, and keys that have none. */
static void
hide(struct hider *hider, const struct config_node *node)
{
	if (node->kind == CONFIG_SCALAR)
		hide_scalar(hider, node);
	for (size_t i = 0; i < node->count; i++) {
		bool is_key = node->kind == CONFIG_MAPPING && i % 2 == 0;

		if (!is_key || is_empty(&node->items[i + 1]))
			hide(hider, &node->items[i]);
	}
}

static void hide_in_mapping(struct hider *hider,
    const struct config_node *mapping, const struct config_table *table);

/* An item of what is known: a mapping with a table, or texts without. */
static void
hide_in_item(struct hider *hider, const struct config_node *item,
    const struct config_table *table)
{
	bool is_mapping = item->kind == CONFIG_MAPPING;

	if (table && is_mapping)
		hide_in_mapping(hider, item, table);
	else if (table || is_mapping)
		hide(hider, item);
	else
		for (size_t i = 0; i < item->count; i++)
			hide_in_item(hider, &item->items[i], NULL);
}

static void
hide_in_value(struct hider *hider, const struct config_node *value,
    const struct config_field *field)
{
	size_t step = value->kind == CONFIG_MAPPING ? 2 : 1;

	if (field->type == CONFIG_SECTION) {
		hide_in_mapping(hider, value, field->table);
		return;
	}
	for (size_t i = step - 1; i < value->count; i += step)
		hide_in_item(hider, &value->items[i], field->table);
}

static void
hide_in_mapping(struct hider *hider, const struct config_node *mapping,
    const struct config_table *table)
{
	for (size_t i = 0; i < mapping->count; i += 2) {
		const struct config_node *value = &mapping->items[i + 1];
		const struct config_field *field =
		    look_up(table, mapping->items[i].text, value);

		if (field)
			hide_in_value(hider, value, field);
		else
			hide(hider, value);
	}
}

/* -------------------------------------------------------------------------- */

/* All but what stands in comments. */
static enum error_code
hide_values(const char *text, char **ret_text, struct error *err)
{
	CLEANUP_DONE(config_node) struct config_node root = {0};
	CLEANUP(secret) char *hidden = NULL;
	size_t length;
	struct error ignored;
	FILE *stream = open_memstream(&hidden, &length);
	struct hider hider = {.stream = stream, .rest = text};

	if (!stream)
		return error_no_memory(err);
	if (config_node_parse("", text, strlen(text), &root, &ignored)) {
		yaml_lines_hide(stream, text);
	} else {
		hide_in_mapping(&hider, &root, &super_config_table);
		(void)fputs(hider.rest, stream);
	}
	if (fclose(stream) != 0)
		return error_no_memory(err);
	*ret_text = TAKE(hidden);
	return ERROR_NONE;
}

enum error_code
yaml_hide(const char *text, char **ret_text, struct error *err)
{
	static const struct redact_secrets none = {0};
	CLEANUP(secret) char *values = NULL;
	CLEANUP(secret) char *comments = NULL;

	if (hide_values(text, &values, err) ||
	    yaml_comments_hide(values, &comments, err))
		return err->code;
	return redact_text(&none, comments, ret_text, err);
}
