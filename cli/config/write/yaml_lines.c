/* SPDX-License-Identifier: MIT */
#include "yaml_lines.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/config_node.h"
#include "common/file.h"
#include "common/utf8.h"
#include "redact.h"
#include "super_config.h"

#define HIDDEN "\"" REDACTED "\""

/* --- what is no YAML ------------------------------------------------------ */

/* False if some section has this key as a secret; else *ret says if one has it.
 */
static bool
is_harmless(const struct config_table *table, const char *key, size_t length,
    bool *ret_known)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct config_field *field = &table->fields[i];
		bool is_secret = field->type == CONFIG_IGNORED ||
				 (field->flags & CONFIG_SECRET &&
				     field->type == CONFIG_STRING);

		if (field->table &&
		    !is_harmless(field->table, key, length, ret_known))
			return false;
		if (strlen(field->key) != length ||
		    strncmp(field->key, key, length) != 0)
			continue;
		if (is_secret)
			return false;
		*ret_known = true;
	}
	return true;
}

static bool
is_shown(const char *key, size_t length)
{
	bool is_known = false;

	return is_harmless(&super_config_table, key, length, &is_known) &&
	       is_known;
}

/* The length of "key:" at the beginning of text, with a value or none; or 0. */
static size_t
key_length(const char *text)
{
	size_t end = 0;

	while (isalnum((unsigned char)text[end]) || text[end] == '_' ||
	       text[end] == '-')
		end++;
	if (end == 0 || text[end] != ':')
		return 0;
	return strchr(" \t\r\n", text[end + 1]) ? end + 1 : 0;
}

/* "gateway password=x", but not "https://host/?a=b". */
static bool
goes_on_with_assignment(const char *value, size_t length)
{
	size_t word = strcspn(value, " \t");

	return word < length && memchr(value + word, '=', length - word);
}

/* A flow that is open may go on with other keys, which nobody looks at. */
static bool
is_plain(const char *value, size_t length)
{
	return !strchr("{[|>&*!", *value) && !memchr(value, ',', length) &&
	       !memchr(value, '#', length) && !memmem(value, length, ": ", 2) &&
	       !goes_on_with_assignment(value, length);
}

/* Writes a line of what is no YAML, without its end. */
static void
write_line(FILE *stream, const char *line, size_t length)
{
	size_t indent = strspn(line, " \t-");
	size_t key = key_length(line + indent);
	size_t value = indent + key;

	value += strspn(line + value, " \t\r");
	if (value >= length || (key > 0 && is_shown(line + indent, key - 1) &&
				   is_plain(line + value, length - value)))
		(void)fwrite(line, 1, length, stream);
	else
		(void)fprintf(stream, "%.*s%s" HIDDEN, (int)(indent + key),
		    line, key > 0 ? " " : "");
}

void
yaml_lines_hide(FILE *stream, const char *text)
{
	while (*text) {
		size_t length = strcspn(text, "\n");

		write_line(stream, text, length);
		text += length;
		if (*text == '\n')
			(void)fputc(*text++, stream);
	}
}

/* --- comments ------------------------------------------------------------- */

/* A text that is copied to stream, and where in it we are. */
struct reader {
	FILE *stream;
	const char *text;
	const char *rest; /* of text */
	size_t at;        /* rest, in characters from the beginning */
	/* Comments that stand deeper belong to a value that is hidden. */
	bool is_below;
	size_t column;
};

/* What a line of a comment assigns: "key: value", "\"key\" = value". */
struct assignment {
	size_t key;
	size_t key_end;
	size_t value; /* 0: none */
};

static bool
is_key_character(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-';
}

static bool
is_quote(char c)
{
	return c == '"' || c == '\'';
}

/* The key that ends before the separator at end. */
static bool
find_key(const char *line, size_t end, struct assignment *assignment)
{
	while (end > 0 && strchr(" \t", line[end - 1]))
		end--;
	while (end > 0 && is_quote(line[end - 1]))
		end--;
	assignment->key_end = end;
	while (end > 0 && is_key_character(line[end - 1]))
		end--;
	assignment->key = end;
	return assignment->key < assignment->key_end;
}

static struct assignment
find_assignment(const char *line, size_t length)
{
	struct assignment found;

	for (size_t i = 1; i < length; i++) {
		bool ends_key = line[i] == '=' ||
				(line[i] == ':' &&
				    (i + 1 == length || is_quote(line[i - 1]) ||
					strchr(" \t\r", line[i + 1])));

		if (!ends_key || !find_key(line, i, &found))
			continue;
		found.value = i + 1;
		while (
		    found.value < length && strchr(" \t\r", line[found.value]))
			found.value++;
		return found;
	}
	return (struct assignment){0};
}

/* True if the line is "key: value" of what may be shown. */
static bool
may_stay(const char *line, size_t length, const struct assignment *assignment,
    bool is_empty)
{
	return strspn(line, "- \"'") >= assignment->key &&
	       is_shown(line + assignment->key,
		   assignment->key_end - assignment->key) &&
	       (is_empty || is_plain(line + assignment->value,
				length - assignment->value));
}

/*
 * Writes what a comment says at column, behind its '#' and blanks. What stands
 * below a value that is hidden is hidden as well.
 */
static void
write_comment(
    struct reader *reader, const char *line, size_t length, size_t column)
{
	const struct assignment found = find_assignment(line, length);
	bool is_below =
	    reader->is_below && (column > reader->column ||
				    (column == reader->column && *line == '-'));
	bool is_empty = found.value > 0 && found.value >= length;
	bool is_harmless =
	    found.value == 0 || may_stay(line, length, &found, is_empty);

	if (!is_below)
		reader->column = column;
	reader->is_below = is_below || !is_harmless;
	if (reader->is_below && !is_empty && length > 0)
		(void)fprintf(
		    reader->stream, "%.*s" HIDDEN, (int)found.value, line);
	else
		(void)fwrite(line, 1, length, reader->stream);
}

static size_t
column_of(const struct reader *reader)
{
	const char *start = reader->rest;

	while (start > reader->text && start[-1] != '\n')
		start--;
	return (size_t)(reader->rest - start);
}

/* Copies a comment, from its '#' up to the end of its line. */
static void
copy_comment(struct reader *reader)
{
	size_t length = strcspn(reader->rest, "\n");
	size_t mark = strspn(reader->rest, "# \t");

	(void)fwrite(reader->rest, 1, mark, reader->stream);
	write_comment(reader, reader->rest + mark, length - mark,
	    column_of(reader) + mark);
	for (size_t i = 0; i < length; i++)
		reader->at += utf8_begins(&reader->rest[i]);
	reader->rest += length;
}

static void
copy_character(struct reader *reader)
{
	do {
		(void)fputc(*reader->rest++, reader->stream);
	} while (*reader->rest && !utf8_begins(reader->rest));
	reader->at++;
}

/* What is between two scalars: marks, blanks and comments. */
static void
copy_between(struct reader *reader, size_t end)
{
	while (*reader->rest && reader->at < end)
		if (*reader->rest == '#')
			copy_comment(reader);
		else
			copy_character(reader);
}

/* The first line of a block may have a comment, too. */
static void
copy_scalar(struct reader *reader, const struct config_node *scalar)
{
	copy_between(reader, scalar->start);
	if (scalar->start == scalar->end)
		return;
	reader->is_below = false;
	if (*reader->rest == '|' || *reader->rest == '>')
		copy_between(
		    reader, reader->at + strcspn(reader->rest, "#\n") + 1);
	while (*reader->rest && reader->at < scalar->end)
		copy_character(reader);
}

static void
copy_node(struct reader *reader, const struct config_node *node)
{
	if (node->kind == CONFIG_SCALAR)
		copy_scalar(reader, node);
	for (size_t i = 0; i < node->count; i++)
		copy_node(reader, &node->items[i]);
}

enum error_code
yaml_comments_hide(const char *text, char **ret_text, struct error *err)
{
	CLEANUP_DONE(config_node) struct config_node root = {0};
	CLEANUP(secret) char *hidden = NULL;
	size_t length;
	struct error ignored;
	FILE *stream = open_memstream(&hidden, &length);
	struct reader reader = {.stream = stream, .text = text, .rest = text};

	if (!stream)
		return error_no_memory(err);
	if (config_node_parse("", text, strlen(text), &root, &ignored)) {
		yaml_lines_hide(stream, text);
	} else {
		copy_node(&reader, &root);
		copy_between(&reader, SIZE_MAX);
	}
	if (fclose(stream) != 0)
		return error_no_memory(err);
	*ret_text = TAKE(hidden);
	return ERROR_NONE;
}
