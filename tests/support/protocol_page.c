/* SPDX-License-Identifier: MIT */
#include "protocol_page.h"

#include <stdio.h>
#include <string.h>

#include "cmocka_wrap.h"
#include "common/file.h"

#define PAGE_MAX ((size_t)256 * 1024)
#define LINE_MAX_LENGTH 256

static const char *
audience_of(const struct protocol_audience *audiences, unsigned allow)
{
	for (; audiences->text; audiences++)
		if (audiences->allow == allow)
			return audiences->text;
	fail_msg("no words for the classes %#x", allow);
	return NULL;
}

void
page_drop_names(char *call)
{
	char *to = call;

	for (const char *from = call; *from; from++) {
		*to++ = *from;
		if (*from == '{')
			from += strcspn(from, "}") - 1;
	}
	*to = '\0';
}

static bool
is_route_heading(const char *line)
{
	return strncmp(line, "## ", 3) == 0 && strstr(line, " /");
}

/* The next line of *text, without its end; false: there is none. */
static bool
next_line(const char **text, char line[LINE_MAX_LENGTH])
{
	size_t length = strcspn(*text, "\n");

	if (!**text)
		return false;
	(void)snprintf(line, LINE_MAX_LENGTH, "%.*s", (int)length, *text);
	*text += length + ((*text)[length] == '\n');
	return true;
}

static bool
next_route(const char **text, char heading[LINE_MAX_LENGTH],
    char terms[LINE_MAX_LENGTH])
{
	while (next_line(text, heading)) {
		if (!is_route_heading(heading))
			continue;
		memmove(heading, heading + 3, strlen(heading + 3) + 1);
		page_drop_names(heading);
		while (next_line(text, terms) && !*terms)
			;
		return true;
	}
	return false;
}

void
assert_page_describes(const char *page, const struct http_route *routes,
    size_t count, const struct protocol_audience *audiences)
{
	CLEANUP(string) char *all = NULL;
	const char *text;
	char heading[LINE_MAX_LENGTH];
	char terms[LINE_MAX_LENGTH];
	struct error err;

	if (file_read(page, PAGE_MAX, &all, NULL, &err))
		fail_msg("%s", err.message);
	text = all;
	for (size_t i = 0; i < count; i++) {
		const struct http_route *route = &routes[i];
		CLEANUP(string)
		char *name =
		    string_format("%s %s", route->method, route->pattern);
		CLEANUP(string)
		char *expected = string_format("Since %04u-%02u-%02u; for %s.",
		    route->since / 10000, route->since / 100 % 100,
		    route->since % 100, audience_of(audiences, route->allow));

		print_message("%s\n", name);
		assert_true(next_route(&text, heading, terms));
		assert_string_equal(heading, name);
		assert_string_equal(terms, expected);
	}
	if (next_route(&text, heading, terms))
		fail_msg("there is no route '%s'", heading);
}
