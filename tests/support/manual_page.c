/* SPDX-License-Identifier: MIT */
#include "manual_page.h"

#include <string.h>

#include "cmocka_wrap.h"
#include "common/file.h"

#define PAGE_MAX ((size_t)100 * 1024)
#define SECTION "\n.Sh CONFIGURATION\n"
#define ENTRY "\n.It Cm "

/* Whether key is one of the parts of which a line of words consists. */
static bool
has_part(const char *line, const char *key)
{
	size_t length = strlen(key);

	while (*line && *line != '\n') {
		size_t part = strcspn(line, " .\n");

		if (part == length && strncmp(line, key, length) == 0)
			return true;
		line += part;
		line += *line == ' ' || *line == '.';
	}
	return false;
}

static bool
is_named(const char *page, const char *key)
{
	for (const char *at = page; (at = strstr(at, "Cm ")); at++) {
		bool is_macro =
		    at >= page + 5 && (strncmp(at - 2, "\n.", 2) == 0 ||
					  strncmp(at - 5, "\n.It ", 5) == 0);

		if (is_macro && has_part(at + strlen("Cm "), key))
			return true;
	}
	return false;
}

static void
assert_named(
    const char *page, const char *other, const struct config_table *table)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct config_field *field = &table->fields[i];

		if (!is_named(page, field->key) &&
		    !(other && is_named(other, field->key)))
			fail_msg("'%s' is not described", field->key);
		if (field->table)
			assert_named(page, other, field->table);
	}
}

static bool
is_key(const struct config_table *table, const char *key, size_t length)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct config_field *field = &table->fields[i];

		if (strlen(field->key) == length &&
		    strncmp(field->key, key, length) == 0)
			return true;
		if (field->table && is_key(field->table, key, length))
			return true;
	}
	return false;
}

/* An entry is "section.key", or several of them, as "a.b , a.c". */
static void
assert_keys(const char *entry, const struct config_table *table)
{
	while (*entry && *entry != '\n') {
		size_t length = strcspn(entry, " .\n");

		if (length > 0 && *entry != ',' &&
		    !is_key(table, entry, length))
			fail_msg("there is no key '%.*s'", (int)length, entry);
		entry += length;
		entry += *entry == ' ' || *entry == '.';
	}
}

static void
assert_entries(const char *page, const struct config_table *table)
{
	const char *entry = strstr(page, SECTION);
	const char *end;

	assert_non_null(entry);
	end = strstr(entry + strlen(SECTION) - 1, "\n.Sh ");
	while ((entry = strstr(entry, ENTRY)) && entry < end) {
		entry += strlen(ENTRY);
		assert_keys(entry, table);
	}
}

void
assert_manual_describes(
    const char *page, const char *other, const struct config_table *table)
{
	CLEANUP(string) char *text = NULL;
	CLEANUP(string) char *other_text = NULL;
	struct error err;

	if (file_read(page, PAGE_MAX, &text, NULL, &err) ||
	    (other && file_read(other, PAGE_MAX, &other_text, NULL, &err)))
		fail_msg("%s", err.message);
	assert_named(text, other_text, table);
	assert_entries(text, table);
}
