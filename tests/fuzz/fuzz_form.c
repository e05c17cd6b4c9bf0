/* SPDX-License-Identifier: MIT */
/*
 * A form whose media type is the first line of the input. What is read of it
 * lies inside it, in its order, and ends in NUL; as HTML it has no markup.
 */
#include "fuzz.h"

#include <stdbool.h>
#include <string.h>

#include "common/cleanup.h"
#include "form.h"
#include "html.h"

static bool
is_good(const struct form_field *field)
{
	return field->data > field->name + strlen(field->name) &&
	       field->data[field->length] == '\0' &&
	       (field->file_name || strlen(field->data) == field->length);
}

static void
check(const struct form *form)
{
	const char *behind = form->storage;

	for (size_t i = 0; i < form->count; i++) {
		const struct form_field *field = &form->fields[i];

		FUZZ_REQUIRE(field->name >= behind && is_good(field));
		behind = field->data + field->length;
	}
}

static void
check_escaped(const char *text)
{
	struct html html = {0};
	CLEANUP(string) char *escaped = NULL;

	html_print(&html, "%s", text);
	escaped = html_take(&html);
	FUZZ_REQUIRE(escaped && !strpbrk(escaped, "<>\"'"));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP_DONE(form) struct form form = {0};
	CLEANUP(string) char *type = NULL;
	const uint8_t *line = size ? memchr(data, '\n', size) : NULL;
	size_t length = line ? (size_t)(line - data) : size;
	size_t body = line ? length + 1 : size;
	struct error err;

	type = strndup((const char *)data, length);
	FUZZ_REQUIRE(type);
	if (!form_parse(
		type, (const char *)data + body, size - body, &form, &err))
		check(&form);
	check_escaped(type);
	return 0;
}
