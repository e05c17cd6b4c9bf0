/* SPDX-License-Identifier: MIT */
/* signet-config(5) and the template, held against the table. */
#include "cmocka_wrap.h"

#include <string.h>

#include "common/file.h"
#include "super_config.h"

#define MANUAL DOCS_DIRECTORY "/man/signet-config.5"
#define TEMPLATE DOCS_DIRECTORY "/../conf/config.yaml.template"
#define ENTRY ".It Cm "

/* The keys of a manual page or a table, each in a line of its own. */
struct keys {
	char *text;
};

static void
keys_done(struct keys *keys)
{
	free(keys->text);
}

static bool
has_key(const struct keys *keys, const char *key, size_t length)
{
	CLEANUP(string)
	char *line = string_format("\n%.*s\n", (int)length, key);

	return strstr(keys->text, line);
}

/* Adds a key once: two rows of a table may be two forms of the same. */
static void
add_key(struct keys *keys, const char *key, size_t length)
{
	char *longer;

	if (has_key(keys, key, length))
		return;
	longer = string_format("%s%.*s\n", keys->text, (int)length, key);
	free(keys->text);
	keys->text = longer;
}

static void
add_table(
    struct keys *keys, const char *prefix, const struct config_table *table)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct config_field *field = &table->fields[i];
		bool is_named = field->type == CONFIG_SECTIONS;
		CLEANUP(string)
		char *key = string_format(
		    "%s%s%s", prefix, field->key, is_named ? ".ID" : "");
		CLEANUP(string) char *inner = string_format("%s.", key);

		if (field->table)
			add_table(keys, inner, field->table);
		else
			add_key(keys, key, strlen(key));
	}
}

/* The entries of the page. */
static void
add_manual(struct keys *keys, const char *page)
{
	const char *entry = page;

	while ((entry = strstr(entry, "\n" ENTRY))) {
		entry += strlen("\n" ENTRY);
		add_key(keys, entry, strcspn(entry, "\n"));
	}
}

static void
assert_in(const struct keys *keys, const struct keys *others, const char *where)
{
	const char *key = keys->text + 1;

	while (*key) {
		size_t length = strcspn(key, "\n");

		if (!has_key(others, key, length))
			fail_msg(
			    "'%.*s' is not in %s", (int)length, key, where);
		key += length + 1;
	}
}

static void
describes_every_key_and_no_other(void **state)
{
	CLEANUP(string) char *page = NULL;
	CLEANUP_DONE(keys) struct keys table = {strdup("\n")};
	CLEANUP_DONE(keys) struct keys manual = {strdup("\n")};
	struct error err;

	(void)state;
	assert_int_equal(
	    file_read(MANUAL, 100000, &page, NULL, &err), ERROR_NONE);
	add_table(&table, "", &super_config_table);
	add_manual(&manual, page);
	assert_in(&table, &manual, MANUAL);
	assert_in(&manual, &table, "the table of super_config.c");
}

static void
starts_from_a_template_that_can_be_read(void **state)
{
	CLEANUP_DONE(document) struct document document = {0};
	CLEANUP_DONE(super_config) struct super_config config = {0};
	struct error err;

	(void)state;
	assert_int_equal(
	    document_load(TEMPLATE, NULL, &document, &err), ERROR_NONE);
	assert_int_equal(
	    super_config_read(&document, NULL, &config, &err), ERROR_NONE);
	assert_true(config.provisioning.attestation.present);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(describes_every_key_and_no_other),
	    cmocka_unit_test(starts_from_a_template_that_can_be_read),
	};

	return cmocka_run_group_tests_name("config manual", tests, NULL, NULL);
}
