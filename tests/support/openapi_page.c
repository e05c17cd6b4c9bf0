/* SPDX-License-Identifier: MIT */
#include "openapi_page.h"

#include "cmocka_wrap.h"

#include <stdio.h>
#include <string.h>

#include "common/file.h"
#include "protocol_page.h"

#define FILE_MAX ((size_t)1024 * 1024)
#define TEXT_MAX 128
#define OPERATIONS_MAX 128

/* One operation of the file, as the table would have it. */
struct operation {
	char name[TEXT_MAX];     /* "POST /keys/{}/sign" */
	char since[TEXT_MAX];    /* "2026-12-01" */
	char audience[TEXT_MAX]; /* "anyone" or "principals" */
};

static struct operation operations[OPERATIONS_MAX];
static size_t count;

/* What stands in line behind prefix; false: it does not begin so. */
static bool
after(const char *line, const char *prefix, char text[TEXT_MAX])
{
	size_t length = strlen(prefix);

	if (strncmp(line, prefix, length) != 0)
		return false;
	(void)snprintf(text, TEXT_MAX, "%.*s",
	    (int)strcspn(line + length, "\":"), line + length);
	return true;
}

static void
start_operation(const char *method, const char *path)
{
	assert_true(count < OPERATIONS_MAX);
	(void)snprintf(operations[count].name, TEXT_MAX, "%s %s",
	    strcmp(method, "get") == 0      ? "GET"
	    : strcmp(method, "post") == 0   ? "POST"
	    : strcmp(method, "delete") == 0 ? "DELETE"
					    : "PUT",
	    path);
	count++;
}

/* Paths are indented by two spaces, methods by four, what is theirs by six. */
static void
read_file(const char *file)
{
	CLEANUP(string) char *text = NULL;
	char path[TEXT_MAX] = "", word[TEXT_MAX], *rest = NULL;
	struct error err;

	count = 0;
	if (file_read(file, FILE_MAX, &text, NULL, &err))
		fail_msg("%s", err.message);
	for (char *line = strtok_r(text, "\n", &rest);
	     line && strcmp(line, "components:") != 0;
	     line = strtok_r(NULL, "\n", &rest)) {
		if (after(line, "  /", word)) {
			(void)snprintf(path, sizeof(path), "/%.*s",
			    (int)sizeof(path) - 2, word);
			page_drop_names(path);
		} else if (*path && after(line, "    ", word) && *word != ' ') {
			start_operation(word, path);
		} else if (after(line, "      x-since: \"", word)) {
			memcpy(operations[count - 1].since, word, TEXT_MAX);
		} else if (after(line, "      x-for: ", word)) {
			memcpy(operations[count - 1].audience, word, TEXT_MAX);
		}
	}
}

static const struct operation *
find(const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(operations[i].name, name) == 0)
			return &operations[i];
	return NULL;
}

void
assert_openapi_describes(
    const char *file, const struct http_route *routes, size_t route_count)
{
	read_file(file);
	for (size_t i = 0; i < route_count; i++) {
		const struct http_route *route = &routes[i];
		CLEANUP(string)
		char *name =
		    string_format("%s %s", route->method, route->pattern);
		CLEANUP(string)
		char *since =
		    string_format("%04u-%02u-%02u", route->since / 10000,
			route->since / 100 % 100, route->since % 100);
		const struct operation *operation = find(name);

		print_message("%s\n", name);
		assert_non_null(operation);
		assert_string_equal(operation->since, since);
		assert_string_equal(operation->audience,
		    route->allow & HTTP_ANYONE ? "anyone" : "principals");
	}
	/* Each was found once, so that one more is one too many. */
	assert_int_equal(count, route_count);
}
