/* SPDX-License-Identifier: MIT */
#include "yaml_document.h"

#include <stdio.h>
#include <string.h>

#include "common/file.h"
#include "yaml_writer.h"

#define PIN "pin-value="

/* --- hiding --------------------------------------------------------------- */

/* The PIN of a URI ends where its next attribute begins. */
static bool
ends_pin(char c)
{
	return c == '\0' || c == '&' || c == '"' || c == '\n';
}

/* Copies text without the PINs in it. */
static char *
hide_pins(const char *text)
{
	char *hidden = NULL;
	size_t length;
	FILE *stream = open_memstream(&hidden, &length);
	const char *pin;

	if (!stream)
		return NULL;
	while ((pin = strstr(text, PIN))) {
		pin += strlen(PIN);
		(void)fwrite(text, 1, (size_t)(pin - text), stream);
		(void)fputs(YAML_HIDDEN, stream);
		while (!ends_pin(*pin))
			pin++;
		text = pin;
	}
	(void)fputs(text, stream);
	if (fclose(stream) != 0) {
		free(hidden);
		return NULL;
	}
	return hidden;
}

/* True if the line is a key that the daemons' tables call a secret. */
static const char *
secret_in(const char *line)
{
	static const char *const keys[] = {
	    "password: ", "endorsement: ", "owner: "};

	line += strspn(line, " -");
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strncmp(line, keys[i], strlen(keys[i])) == 0)
			return line + strlen(keys[i]);
	return NULL;
}

char *
yaml_hide(const char *text)
{
	CLEANUP(secret) char *hidden = NULL;
	size_t length;
	FILE *stream = open_memstream(&hidden, &length);

	if (!stream)
		return NULL;
	while (*text) {
		size_t end = strcspn(text, "\n");
		const char *secret = secret_in(text);

		if (secret && secret < text + end)
			(void)fprintf(stream, "%.*s\"" YAML_HIDDEN "\"",
			    (int)(secret - text), text);
		else
			(void)fwrite(text, 1, end, stream);
		text += end;
		if (*text == '\n')
			(void)fputc(*text++, stream);
	}
	if (fclose(stream) != 0)
		return NULL;
	return hide_pins(hidden);
}

/* --- writing -------------------------------------------------------------- */

struct scribe {
	struct yaml_writer *writer;
	bool is_hidden;
	bool failed;
};

static void write_mapping(struct scribe *scribe,
    const struct config_node *mapping, const struct config_table *table);

static void
write_scalar(struct scribe *scribe, const char *key,
    const struct config_node *scalar, unsigned flags)
{
	CLEANUP(secret) char *hidden = NULL;

	if (scalar->plain) {
		yaml_plain(scribe->writer, key, scalar->text);
	} else if (scribe->is_hidden && (flags & CONFIG_SECRET)) {
		yaml_text(scribe->writer, key, YAML_HIDDEN);
	} else if (scribe->is_hidden) {
		hidden = hide_pins(scalar->text);
		scribe->failed = scribe->failed || !hidden;
		yaml_text(scribe->writer, key, hidden ? hidden : "");
	} else {
		yaml_text(scribe->writer, key, scalar->text);
	}
}

static void write_node(struct scribe *scribe, const char *key,
    const struct config_node *node, const struct config_field *field);

/* The items of a sequence; field is NULL where no table says more of them. */
static void
write_sequence(struct scribe *scribe, const struct config_node *sequence,
    const struct config_field *field)
{
	for (size_t i = 0; i < sequence->count; i++)
		write_node(scribe, NULL, &sequence->items[i],
		    field && field->table ? field : NULL);
}

/* Any keys, each of which has what inner says, or anything. */
static void
write_pairs(struct scribe *scribe, const struct config_node *mapping,
    const struct config_field *inner)
{
	for (size_t i = 0; i < mapping->count; i += 2)
		write_node(scribe, mapping->items[i].text,
		    &mapping->items[i + 1], inner);
}

/* Anything, as it stands; field is NULL where no table says more of it. */
static void
write_node(struct scribe *scribe, const char *key,
    const struct config_node *node, const struct config_field *field)
{
	const struct config_table *table = field ? field->table : NULL;
	const struct config_field section = {
	    .type = CONFIG_SECTION, .table = table};

	if (node->kind == CONFIG_SCALAR) {
		write_scalar(scribe, key, node, field ? field->flags : 0);
	} else if (node->kind == CONFIG_SEQUENCE) {
		yaml_sequence(scribe->writer, key);
		write_sequence(scribe, node, field);
		yaml_sequence_end(scribe->writer);
	} else {
		yaml_mapping(scribe->writer, key);
		if (!table)
			write_pairs(scribe, node, NULL);
		else if (field->type == CONFIG_SECTIONS)
			write_pairs(scribe, node, &section);
		else
			write_mapping(scribe, node, table);
		yaml_mapping_end(scribe->writer);
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
write_mapping(struct scribe *scribe, const struct config_node *mapping,
    const struct config_table *table)
{
	for (size_t i = 0; i < mapping->count; i += 2) {
		const struct config_node *value = &mapping->items[i + 1];
		const struct config_field *field =
		    field_of(table, mapping->items[i].text, value);

		if (field && field->type != CONFIG_IGNORED)
			write_node(
			    scribe, mapping->items[i].text, value, field);
	}
}

enum error_code
yaml_document(const struct config_node *root, const struct config_table *table,
    const char *comment, bool is_hidden, char **ret_text, struct error *err)
{
	CLEANUP(yaml_writer) struct yaml_writer *writer = NULL;
	struct scribe scribe = {.is_hidden = is_hidden};

	if (yaml_writer_create(comment, &writer, err))
		return err->code;
	scribe.writer = writer;
	write_mapping(&scribe, root, table);
	if (scribe.failed)
		return error_no_memory(err);
	return yaml_writer_finish(writer, ret_text, err);
}
