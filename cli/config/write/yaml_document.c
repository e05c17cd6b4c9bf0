/* SPDX-License-Identifier: MIT */
#include "yaml_document.h"

#include <string.h>

#include "common/file.h"
#include "yaml_writer.h"

static void write_mapping(struct yaml_writer *writer,
    const struct config_node *mapping, const struct config_table *table);

static void
write_scalar(struct yaml_writer *writer, const char *key,
    const struct config_node *scalar)
{
	if (scalar->plain)
		yaml_plain(writer, key, scalar->text);
	else
		yaml_text(writer, key, scalar->text);
}

static void write_node(struct yaml_writer *writer, const char *key,
    const struct config_node *node, const struct config_field *field);

/* The items of a sequence; field is NULL where no table says more of them. */
static void
write_sequence(struct yaml_writer *writer, const struct config_node *sequence,
    const struct config_field *field)
{
	for (size_t i = 0; i < sequence->count; i++)
		write_node(writer, NULL, &sequence->items[i],
		    field && field->table ? field : NULL);
}

/* Any keys, each of which has what inner says, or anything. */
static void
write_pairs(struct yaml_writer *writer, const struct config_node *mapping,
    const struct config_field *inner)
{
	for (size_t i = 0; i < mapping->count; i += 2)
		write_node(writer, mapping->items[i].text,
		    &mapping->items[i + 1], inner);
}

/* Anything, as it stands; field is NULL where no table says more of it. */
static void
write_node(struct yaml_writer *writer, const char *key,
    const struct config_node *node, const struct config_field *field)
{
	const struct config_table *table = field ? field->table : NULL;
	const struct config_field section = {
	    .type = CONFIG_SECTION, .table = table};

	if (node->kind == CONFIG_SCALAR) {
		write_scalar(writer, key, node);
	} else if (node->kind == CONFIG_SEQUENCE) {
		yaml_sequence(writer, key);
		write_sequence(writer, node, field);
		yaml_sequence_end(writer);
	} else {
		yaml_mapping(writer, key);
		if (!table)
			write_pairs(writer, node, NULL);
		else if (field->type == CONFIG_SECTIONS)
			write_pairs(writer, node, &section);
		else
			write_mapping(writer, node, table);
		yaml_mapping_end(writer);
	}
}

/* The field of a key that fits the kind of its value. */
static const struct config_field *
field_of(const struct config_table *table, const char *key,
    const struct config_node *value)
{
	const struct config_field *found = NULL;

	for (size_t i = 0; i < table->count; i++) {
		const struct config_field *field = &table->fields[i];
		bool is_scalar = !field->table && field->type != CONFIG_MAP &&
				 field->type != CONFIG_STRINGS;

		if (strcmp(field->key, key) == 0 &&
		    (!found || is_scalar == (value->kind == CONFIG_SCALAR)))
			found = field;
	}
	return found;
}

static void
write_mapping(struct yaml_writer *writer, const struct config_node *mapping,
    const struct config_table *table)
{
	for (size_t i = 0; i < mapping->count; i += 2) {
		const struct config_node *value = &mapping->items[i + 1];
		const struct config_field *field =
		    field_of(table, mapping->items[i].text, value);

		if (field && field->type != CONFIG_IGNORED)
			write_node(
			    writer, mapping->items[i].text, value, field);
	}
}

enum error_code
yaml_document(const struct config_node *root, const struct config_table *table,
    const char *comment, char **ret_text, struct error *err)
{
	CLEANUP(yaml_writer) struct yaml_writer *writer = NULL;

	if (yaml_writer_create(comment, &writer, err))
		return err->code;
	write_mapping(writer, root, table);
	return yaml_writer_finish(writer, ret_text, err);
}
