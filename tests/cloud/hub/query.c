/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "hub_query.h"

void
query_done(struct query *query)
{
	for (size_t i = 0; i < query->count; i++)
		json_decref(query->conditions[i].value);
	*query = (struct query){0};
}

/* ---- reading ---- */

/* What is left of a query's text. */
struct reader {
	const char *start;
	const char *position;
};

static enum error_code
unexpected(const struct reader *reader, const char *expected, struct error *err)
{
	return error_set(err, ERROR_INVALID,
	    "the query has '%.32s' at character %zu, where %s was expected",
	    reader->position, (size_t)(reader->position - reader->start) + 1,
	    expected);
}

static void
skip_blanks(struct reader *reader)
{
	while (isspace((unsigned char)*reader->position))
		reader->position++;
}

static bool
is_word_character(char c)
{
	return isalnum((unsigned char)c) || (c && strchr("._-$", c));
}

static size_t
word_length(const char *text)
{
	size_t length = 0;

	while (text[length] && is_word_character(text[length]))
		length++;
	return length;
}

/* Takes word, in whatever case; false leaves everything as it is. */
static bool
take_word(struct reader *reader, const char *word)
{
	size_t length = strlen(word);

	skip_blanks(reader);
	if (word_length(reader->position) != length ||
	    strncasecmp(reader->position, word, length) != 0)
		return false;
	reader->position += length;
	return true;
}

static enum error_code
take_path(
    struct reader *reader, char ret_path[QUERY_WORD_MAX], struct error *err)
{
	size_t length;

	skip_blanks(reader);
	length = word_length(reader->position);
	if (length == 0 || length >= QUERY_WORD_MAX)
		return unexpected(reader, "a path", err);
	memcpy(ret_path, reader->position, length);
	ret_path[length] = '\0';
	reader->position += length;
	return ERROR_NONE;
}

static enum error_code
take_relation(
    struct reader *reader, enum query_relation *ret_relation, struct error *err)
{
	static const struct {
		const char *text;
		enum query_relation relation;
	} relations[] = {
	    {"!=", QUERY_UNEQUAL         },
	    {"<>", QUERY_UNEQUAL         },
	    {"<=", QUERY_LESS_OR_EQUAL   },
	    {">=", QUERY_GREATER_OR_EQUAL},
	    {"=",  QUERY_EQUAL           },
	    {"<",  QUERY_LESS            },
	    {">",  QUERY_GREATER         },
	};

	skip_blanks(reader);
	for (size_t i = 0; i < sizeof(relations) / sizeof(relations[0]); i++) {
		size_t length = strlen(relations[i].text);

		if (strncmp(reader->position, relations[i].text, length) != 0)
			continue;
		reader->position += length;
		*ret_relation = relations[i].relation;
		return ERROR_NONE;
	}
	return unexpected(reader, "an operator", err);
}

/* Text ends at its quote; a quote within is doubled. */
static enum error_code
take_text(struct reader *reader, json_t **ret_value, struct error *err)
{
	char text[QUERY_WORD_MAX];
	size_t length = 0;
	const char *c = reader->position + 1;

	for (; *c && (*c != '\'' || c[1] == '\''); c++) {
		if (*c == '\'')
			c++;
		if (length == sizeof(text) - 1)
			return unexpected(reader, "a shorter text", err);
		text[length++] = *c;
	}
	if (!*c)
		return unexpected(reader, "a text that ends", err);
	reader->position = c + 1;
	*ret_value = json_stringn(text, length);
	return *ret_value ? ERROR_NONE
			  : unexpected(reader, "text in UTF-8", err);
}

static enum error_code
take_value(struct reader *reader, json_t **ret_value, struct error *err)
{
	char *end;

	skip_blanks(reader);
	if (*reader->position == '\'')
		return take_text(reader, ret_value, err);
	if (take_word(reader, "true"))
		*ret_value = json_true();
	else if (take_word(reader, "false"))
		*ret_value = json_false();
	else {
		double number = strtod(reader->position, &end);

		if (end == reader->position || is_word_character(*end))
			return unexpected(reader, "a value", err);
		*ret_value = json_real(number);
		if (!*ret_value) /* infinite, or none */
			return unexpected(reader, "a number", err);
		reader->position = end;
	}
	return ERROR_NONE;
}

static enum error_code
take_condition(struct reader *reader, struct query *query, struct error *err)
{
	struct query_condition *condition = &query->conditions[query->count];

	if (query->count == QUERY_CONDITIONS_MAX)
		return unexpected(reader, "no further condition", err);
	if (take_path(reader, condition->path, err) ||
	    take_relation(reader, &condition->relation, err) ||
	    take_value(reader, &condition->value, err))
		return err->code;
	query->count++;
	return ERROR_NONE;
}

static enum error_code
take_source(struct reader *reader, struct query *query, struct error *err)
{
	if (!take_word(reader, "SELECT"))
		return unexpected(reader, "SELECT", err);
	skip_blanks(reader);
	if (*reader->position != '*')
		return unexpected(reader, "*", err);
	reader->position++;
	if (!take_word(reader, "FROM"))
		return unexpected(reader, "FROM", err);
	if (take_word(reader, "devices.modules"))
		query->of_modules = true;
	else if (!take_word(reader, "devices"))
		return unexpected(reader, "devices or devices.modules", err);
	return ERROR_NONE;
}

enum error_code
query_parse(const char *text, struct query *ret_query, struct error *err)
{
	struct reader reader = {text, text};
	CLEANUP_DONE(query) struct query query = {0};

	if (take_source(&reader, &query, err))
		return err->code;
	if (take_word(&reader, "WHERE")) {
		do
			if (take_condition(&reader, &query, err))
				return err->code;
		while (take_word(&reader, "AND"));
	}
	skip_blanks(&reader);
	if (*reader.position)
		return unexpected(&reader, "the end", err);
	*ret_query = TAKE_CONTENTS(query);
	return ERROR_NONE;
}

/* ---- matching ---- */

static const json_t *
look_up(const json_t *twin, const char *path)
{
	char name[QUERY_WORD_MAX];

	while (twin && *path) {
		size_t length = strcspn(path, ".");

		memcpy(name, path, length);
		name[length] = '\0';
		twin = json_object_get(twin, name);
		path += length + (path[length] == '.');
	}
	return twin;
}

/* Below, equal or above 0, as strcmp() says; both are of the same kind. */
static int
order_of(const json_t *a, const json_t *b)
{
	double x = json_number_value(a), y = json_number_value(b);

	if (json_is_string(a))
		return strcmp(json_string_value(a), json_string_value(b));
	if (json_is_boolean(a))
		return json_is_true(a) - json_is_true(b);
	return (x > y) - (x < y);
}

enum kind { KIND_NUMBER, KIND_TEXT, KIND_BOOLEAN, KIND_OTHER };

static enum kind
kind_of(const json_t *value)
{
	if (json_is_number(value))
		return KIND_NUMBER;
	if (json_is_string(value))
		return KIND_TEXT;
	return json_is_boolean(value) ? KIND_BOOLEAN : KIND_OTHER;
}

static bool
meets(const struct query_condition *condition, const json_t *twin)
{
	const json_t *value = look_up(twin, condition->path);
	int order;

	if (kind_of(value) != kind_of(condition->value))
		return condition->relation == QUERY_UNEQUAL;
	order = order_of(value, condition->value);
	switch (condition->relation) {
	case QUERY_EQUAL:
		return order == 0;
	case QUERY_UNEQUAL:
		return order != 0;
	case QUERY_LESS:
		return order < 0;
	case QUERY_LESS_OR_EQUAL:
		return order <= 0;
	case QUERY_GREATER:
		return order > 0;
	case QUERY_GREATER_OR_EQUAL:
		break;
	}
	return order >= 0;
}

bool
query_matches(const struct query *query, const json_t *twin)
{
	for (size_t i = 0; i < query->count; i++)
		if (!meets(&query->conditions[i], twin))
			return false;
	return true;
}
