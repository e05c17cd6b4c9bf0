/* SPDX-License-Identifier: MIT */
#include "apparmor_variables.h"

#include <stdio.h>
#include <string.h>

#include "apparmor_pattern.h"

#define DEPTH_MAX 8

void
apparmor_set(json_t *variables, const char *name, bool adds,
    const char *const values[], size_t count)
{
	json_t *list = json_object_get(variables, name);

	if (!list || !adds) {
		list = json_array();
		(void)json_object_set_new(variables, name, list);
	}
	for (size_t i = 0; i < count; i++)
		(void)json_array_append_new(list, json_string(values[i]));
}

/* Values end with a slash where another one follows: it counts once. */
static void
join_slashes(char *pattern)
{
	char *end = pattern;

	for (const char *at = pattern; *at; at++)
		if (at[0] != '/' || at[1] != '/')
			*end++ = *at;
	*end = '\0';
}

static enum apparmor_match compare(const json_t *variables, const char *pattern,
    const char *path, unsigned depth);

/* With each value of the variable from start to end, which is in pattern. */
static enum apparmor_match
compare_each(const json_t *variables, const char *pattern, const char *start,
    const char *end, const char *path, unsigned depth)
{
	CLEANUP(string)
	char *name = strndup(start, (size_t)(end - start));
	const json_t *values = name ? json_object_get(variables, name) : NULL;
	enum apparmor_match best = APPARMOR_NO;

	if (!values || depth == 0)
		return APPARMOR_PERHAPS;
	for (size_t i = 0; i < json_array_size(values); i++) {
		char text[APPARMOR_PATTERN_MAX];
		enum apparmor_match match = APPARMOR_PERHAPS;
		int length = snprintf(text, sizeof(text), "%.*s%s%s",
		    (int)(start - pattern), pattern,
		    json_string_value(json_array_get(values, i)), end);

		if (length >= 0 && (size_t)length < sizeof(text))
			match = compare(variables, text, path, depth - 1);
		if (match > best)
			best = match;
	}
	return best;
}

static enum apparmor_match
compare(const json_t *variables, const char *pattern, const char *path,
    unsigned depth)
{
	char text[APPARMOR_PATTERN_MAX];
	const char *start;
	const char *end;

	if (strlen(pattern) >= sizeof(text))
		return APPARMOR_PERHAPS;
	(void)snprintf(text, sizeof(text), "%s", pattern);
	join_slashes(text);
	if (!apparmor_may_match(text, path))
		return APPARMOR_NO;
	start = strstr(text, "@{");
	end = start ? strchr(start, '}') : NULL;
	if (end)
		return compare_each(
		    variables, text, start, end + 1, path, depth);
	return apparmor_matches(text, path) ? APPARMOR_YES : APPARMOR_NO;
}

enum apparmor_match
apparmor_compare(const json_t *variables, const char *pattern, const char *path)
{
	return compare(variables, pattern, path, DEPTH_MAX);
}
