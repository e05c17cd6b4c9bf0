/* SPDX-License-Identifier: MIT */
#include "common/json.h"

#include <string.h>

#include "common/base64.h"

#include "json_plain.h"

/*
 * Jansson's parser recurses per level, so depth is bounded before it runs.
 * Brackets inside strings do not count.
 */
static bool
is_too_deep(const char *text, size_t length)
{
	size_t depth = 0;
	bool in_string = false;

	for (size_t i = 0; i < length; i++) {
		char c = text[i];

		if (in_string && c == '\\')
			i++;
		else if (c == '"')
			in_string = !in_string;
		else if (!in_string && (c == '[' || c == '{') &&
			 ++depth > JSON_DEPTH_MAX)
			return true;
		else if (!in_string && (c == ']' || c == '}') && depth > 0)
			depth--;
	}
	return false;
}

/* Jansson quotes what it stopped at, and that may be a secret. */
static int
reason_length(const char *reason)
{
	const char *quote = strstr(reason, " near '");

	return quote ? (int)(quote - reason) : (int)strlen(reason);
}

enum error_code
json_parse(
    const char *text, size_t length, json_t **ret_value, struct error *err)
{
	json_error_t reason;
	json_t *value = json_plain_parse(text, length);

	if (value) {
		*ret_value = value;
		return ERROR_NONE;
	}
	if (is_too_deep(text, length))
		return error_set(err, ERROR_MALFORMED,
		    "JSON is nested more than %d levels deep", JSON_DEPTH_MAX);
	value = json_loadb(
	    text, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &reason);
	if (!value)
		return error_set(err, ERROR_MALFORMED,
		    "JSON, line %d column %d: %.*s", reason.line, reason.column,
		    reason_length(reason.text), reason.text);
	*ret_value = value;
	return ERROR_NONE;
}

char *
json_text(const json_t *value)
{
	char *text = json_plain_text(value);

	return text ? text : json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
}

static const json_t *
member_of(const json_t *object, const char *member)
{
	const json_t *value = json_object_get(object, member);

	return json_is_null(value) ? NULL : value;
}

static enum error_code
missing(const char *member, struct error *err)
{
	return error_set(err, ERROR_MALFORMED, "'%s' is missing", member);
}

static enum error_code
ill_typed(const char *member, const char *expected, struct error *err)
{
	return error_set(
	    err, ERROR_MALFORMED, "'%s' must be %s", member, expected);
}

enum error_code
json_get_optional_string(const json_t *object, const char *member,
    const char **ret_text, struct error *err)
{
	const json_t *value = member_of(object, member);

	if (value && !json_is_string(value))
		return ill_typed(member, "a string", err);
	*ret_text = json_string_value(value);
	return ERROR_NONE;
}

enum error_code
json_get_string(const json_t *object, const char *member, const char **ret_text,
    struct error *err)
{
	const char *text;

	if (json_get_optional_string(object, member, &text, err))
		return err->code;
	if (!text)
		return missing(member, err);
	*ret_text = text;
	return ERROR_NONE;
}

enum error_code
json_copy_string(const json_t *object, const char *member, char **ret_text,
    struct error *err)
{
	const char *text;
	char *copy;

	if (json_get_string(object, member, &text, err))
		return err->code;
	copy = strdup(text);
	if (!copy)
		return error_no_memory(err);
	*ret_text = copy;
	return ERROR_NONE;
}

enum error_code
json_get_integer(const json_t *object, const char *member,
    json_int_t *ret_value, struct error *err)
{
	const json_t *value = member_of(object, member);

	if (!value)
		return missing(member, err);
	if (!json_is_integer(value))
		return ill_typed(member, "an integer", err);
	*ret_value = json_integer_value(value);
	return ERROR_NONE;
}

enum error_code
json_get_bool(const json_t *object, const char *member, bool fallback,
    bool *ret_value, struct error *err)
{
	const json_t *value = member_of(object, member);

	if (value && !json_is_boolean(value))
		return ill_typed(member, "true or false", err);
	*ret_value = value ? json_is_true(value) : fallback;
	return ERROR_NONE;
}

enum error_code
json_get_object(const json_t *object, const char *member,
    const json_t **ret_value, struct error *err)
{
	const json_t *value = member_of(object, member);

	if (!value)
		return missing(member, err);
	if (!json_is_object(value))
		return ill_typed(member, "an object", err);
	*ret_value = value;
	return ERROR_NONE;
}

enum error_code
json_get_bytes(const json_t *object, const char *member,
    unsigned char **ret_data, size_t *ret_length, struct error *err)
{
	const char *text = NULL;

	if (json_get_string(object, member, &text, err))
		return err->code;
	if (base64_decode(text, ret_data, ret_length, err))
		return error_wrap(err, "'%s'", member);
	return ERROR_NONE;
}

enum error_code
json_set(json_t *object, const char *member, json_t *value, struct error *err)
{
	if (json_object_set_new(object, member, value))
		return error_no_memory(err);
	return ERROR_NONE;
}

enum error_code
json_set_bytes(json_t *object, const char *member, const void *data,
    size_t length, struct error *err)
{
	CLEANUP(string) char *text = base64_encode(data, length);

	if (!text || json_object_set_new_nocheck(
			 object, member, json_string_nocheck(text)))
		return error_no_memory(err);
	return ERROR_NONE;
}
