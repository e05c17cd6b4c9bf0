/* SPDX-License-Identifier: MIT */
#include "json_plain.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/json.h"

/* What is left of a text. */
struct reader {
	const char *at, *end;
};

static bool
is_plain(char c)
{
	return c >= ' ' && c <= '~' && c != '"' && c != '\\';
}

/* How many plain characters there are from at on. */
static size_t
span_plain(const char *at, const char *end)
{
	const char *start = at;

	while (at < end && is_plain(*at))
		at++;
	return (size_t)(at - start);
}

/* RFC 8259 section 2 */
static void
skip_space(struct reader *reader)
{
	while (reader->at < reader->end &&
	       (*reader->at == ' ' || *reader->at == '\n' ||
		   *reader->at == '\r' || *reader->at == '\t'))
		reader->at++;
}

/* Takes c, and the white space in front of it. */
static bool
take(struct reader *reader, char c)
{
	skip_space(reader);
	if (reader->at == reader->end || *reader->at != c)
		return false;
	reader->at++;
	return true;
}

static bool
take_string(struct reader *reader, const char **ret_text, size_t *ret_length)
{
	if (!take(reader, '"'))
		return false;
	*ret_text = reader->at;
	*ret_length = span_plain(reader->at, reader->end);
	reader->at += *ret_length;
	return reader->at < reader->end && *reader->at++ == '"';
}

/* A second member of the same name is an error, which jansson reports. */
static bool
take_member(struct reader *reader, json_t *object)
{
	const char *name, *text;
	size_t name_length, length;

	return take_string(reader, &name, &name_length) && take(reader, ':') &&
	       take_string(reader, &text, &length) &&
	       !json_object_getn(object, name, name_length) &&
	       json_object_setn_new_nocheck(object, name, name_length,
		   json_stringn_nocheck(text, length)) == 0;
}

json_t *
json_plain_parse(const char *text, size_t length)
{
	struct reader reader = {text, text + length};
	CLEANUP(json) json_t *object = NULL;

	if (!take(&reader, '{'))
		return NULL;
	object = json_object();
	do
		if (!object || !take_member(&reader, object))
			return NULL;
	while (take(&reader, ','));
	if (!take(&reader, '}'))
		return NULL;
	skip_space(&reader);
	return reader.at == reader.end ? TAKE(object) : NULL;
}

/* ---- writing ---- */

/* How long member is in the text, with a comma; 0: it is not plain. */
static size_t
member_length(const char *name, size_t name_length, const json_t *value)
{
	const char *text = json_string_value(value);
	size_t length = json_string_length(value);

	if (!text || span_plain(name, name + name_length) != name_length ||
	    span_plain(text, text + length) != length)
		return 0;
	return name_length + length + strlen("\"\":\"\",");
}

static size_t
object_length(json_t *object)
{
	size_t sum = strlen("{}");

	for (void *member = json_object_iter(object); member;
	     member = json_object_iter_next(object, member)) {
		size_t length = member_length(json_object_iter_key(member),
		    json_object_iter_key_len(member),
		    json_object_iter_value(member));

		if (length == 0)
			return 0;
		sum += length;
	}
	return sum;
}

static char *
put_string(char *at, const char *text, size_t length)
{
	*at++ = '"';
	memcpy(at, text, length);
	at[length] = '"';
	return at + length + 1;
}

char *
json_plain_text(const json_t *value)
{
	/* Jansson's iterators do not change what they iterate over. */
	json_t *object = (json_t *)(uintptr_t)value;
	size_t length = json_is_object(value) ? object_length(object) : 0;
	char *text = length > 0 ? malloc(length + 1) : NULL;
	char *at = text;

	if (!text)
		return NULL;
	*at++ = '{';
	for (void *member = json_object_iter(object); member;
	     member = json_object_iter_next(object, member)) {
		const json_t *string = json_object_iter_value(member);

		if (at > text + 1)
			*at++ = ',';
		at = put_string(at, json_object_iter_key(member),
		    json_object_iter_key_len(member));
		*at++ = ':';
		at = put_string(
		    at, json_string_value(string), json_string_length(string));
	}
	*at++ = '}';
	*at = '\0';
	return text;
}
