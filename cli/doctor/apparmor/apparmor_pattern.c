/* SPDX-License-Identifier: MIT */
#include "apparmor_pattern.h"

#include <stdio.h>
#include <string.h>

/* Behind the brace that closes the one at pattern; NULL: none does. */
static const char *
behind_braces(const char *pattern)
{
	unsigned depth = 0;

	for (; *pattern; pattern++) {
		if (*pattern == '{')
			depth++;
		else if (*pattern == '}' && --depth == 0)
			return pattern + 1;
	}
	return NULL;
}

/* The end of an alternative that begins at text: a comma, or the brace. */
static const char *
end_of_alternative(const char *text)
{
	unsigned depth = 0;

	for (;; text++) {
		if (*text == '{')
			depth++;
		else if (depth == 0 && (*text == ',' || *text == '}'))
			return text;
		else if (*text == '}')
			depth--;
	}
}

static bool
matches_braces(const char *pattern, const char *path)
{
	const char *behind = behind_braces(pattern);
	const char *end = pattern;
	char alternative[APPARMOR_PATTERN_MAX];

	if (!behind)
		return false;
	do {
		const char *start = end + 1;

		end = end_of_alternative(start);
		(void)snprintf(alternative, sizeof(alternative), "%.*s%s",
		    (int)(end - start), start, behind);
		if (apparmor_matches(alternative, path))
			return true;
	} while (*end == ',');
	return false;
}

static bool
matches_star(const char *pattern, const char *path)
{
	bool crosses = pattern[1] == '*';
	const char *rest = pattern + (crosses ? 2 : 1);

	for (;; path++) {
		if (apparmor_matches(rest, path))
			return true;
		if (!*path || (*path == '/' && !crosses))
			return false;
	}
}

static bool
matches_class(const char *pattern, const char *path)
{
	const char *end = strchr(pattern, ']');
	bool is_inverse = pattern[1] == '^';
	bool is_in = false;

	if (!end || !*path || *path == '/')
		return false;
	for (const char *at = pattern + 1 + is_inverse; at < end; at++) {
		if (at[1] == '-' && at + 2 < end) {
			is_in = is_in || (*path >= at[0] && *path <= at[2]);
			at += 2;
		} else {
			is_in = is_in || *path == *at;
		}
	}
	return is_in != is_inverse && apparmor_matches(end + 1, path + 1);
}

bool
apparmor_matches(const char *pattern, const char *path)
{
	for (; *pattern; pattern++, path++) {
		switch (*pattern) {
		case '{':
			return matches_braces(pattern, path);
		case '*':
			return matches_star(pattern, path);
		case '[':
			return matches_class(pattern, path);
		case '?':
			if (!*path || *path == '/')
				return false;
			continue;
		case '\\':
			if (pattern[1])
				pattern++;
			break;
		default:
			break;
		}
		if (*pattern != *path)
			return false;
	}
	return !*path;
}

bool
apparmor_may_match(const char *pattern, const char *path)
{
	size_t plain = strcspn(pattern, "@{*?[\\");

	return strncmp(pattern, path, plain) == 0;
}
