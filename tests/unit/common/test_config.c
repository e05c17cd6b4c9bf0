/* SPDX-License-Identifier: MIT */
/* Configuration: every type, defaults, drop-ins. */
#include "cmocka_wrap.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/config_node.h"
#include "common/file.h"
#include "config_fixture.h"
#include "scratch.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static void
parse(const char *text, struct settings *settings)
{
	struct error err = {0};

	if (config_parse("test.yaml", text, strlen(text), &settings_table,
		settings, &err))
		fail_msg("%s", err.message);
}

static void
reads_every_type(void **state)
{
	static const char text[] =
	    "---\n"
	    "name: a b # a comment\n"
	    "source: 'dps'\n"
	    "folder: /var/lib\n"
	    "token: { uri: \"pkcs11:token=a?pin-value=1234\" }\n"
	    "count: 4294967295\n"
	    "enabled: Yes\n"
	    "tags: [one, \"*\", 'null']\n"
	    "preloaded_keys:\n"
	    "  web: file:///a\n"
	    "  bundle: [web, other]\n"
	    "principals:\n"
	    "- user: www-data\n"
	    "  keys: [\"web*\"]\n"
	    "- { user: '33' }\n"
	    "certs:\n"
	    "  device-id: { method: local_ca, expiry_days: 30 }\n"
	    "identity: { identity_cert: device-id }\n"
	    "agent: { env: [{}, ~] }\n";
	struct settings settings = {0};
	const struct principal *principals;
	const struct issue *issues;

	(void)state;
	parse(text, &settings);
	assert_string_equal(settings.name, "a b");
	assert_string_equal(settings.source, "dps");
	assert_string_equal(settings.folder, "/var/lib");
	assert_string_equal(
	    settings.token.uri, "pkcs11:token=a?pin-value=1234");
	assert_true(settings.token.present);
	assert_int_equal(settings.count, 4294967295);
	assert_true(settings.enabled);
	assert_int_equal(settings.tags.count, 3);
	assert_string_equal(settings.tags.items[1], "*");
	assert_string_equal(settings.tags.items[2], "null");

	assert_int_equal(settings.keys.count, 2);
	assert_string_equal(config_map_get(&settings.keys, "web"), "file:///a");
	assert_null(config_map_get(&settings.keys, "bundle"));
	assert_null(config_map_get(&settings.keys, "nothing"));
	assert_int_equal(settings.keys.items[1].line, 11);
	assert_string_equal(settings.keys.items[1].list.items[1], "other");

	assert_int_equal(settings.principals.count, 2);
	principals = settings.principals.items;
	assert_string_equal(principals[0].keys.items[0], "web*");
	assert_string_equal(principals[1].user, "33");
	assert_int_equal(principals[1].keys.count, 0);

	assert_int_equal(settings.issues.count, 1);
	issues = settings.issues.items;
	assert_string_equal(issues[0].name, "device-id");
	assert_int_equal(issues[0].days, 30);
	assert_string_equal(settings.identity.id, "device-id");
	config_done(&settings_table, &settings);
	assert_null(settings.name);
	assert_int_equal(settings.principals.count, 0);
}

static void
keeps_defaults_that_the_file_does_not_name(void **state)
{
	struct settings settings = {.count = 7, .enabled = true};

	(void)state;
	settings.name = strdup("default");
	settings.source = strdup("none");
	parse("source: dps\n", &settings);
	assert_string_equal(settings.name, "default");
	assert_string_equal(settings.source, "dps");
	assert_int_equal(settings.count, 7);
	assert_true(settings.enabled);
	assert_false(settings.token.present);
	config_done(&settings_table, &settings);
}

static void
takes_an_empty_file_for_an_empty_mapping(void **state)
{
	static const char *const texts[] = {
	    "", "\n", "# nothing\n", "---\n", "---\n...\n", "{}", "~"};
	struct settings settings = {0};

	(void)state;
	for (size_t i = 0; i < LENGTH(texts); i++) {
		parse(texts[i], &settings);
		config_done(&settings_table, &settings);
	}
}

static void
lets_the_kind_of_the_value_decide_between_two_forms(void **state)
{
	struct settings settings = {0};

	(void)state;
	parse("identity: { identity_cert: { method: self } }", &settings);
	assert_null(settings.identity.id);
	assert_string_equal(settings.identity.issue.method, "self");
	config_done(&settings_table, &settings);
}

static void
write_file(const char *folder, const char *name, const char *text)
{
	CLEANUP(string) char *path = string_format("%s/%s", folder, name);
	struct error err;

	assert_int_equal(
	    file_write(path, text, strlen(text), 0600, &err), ERROR_NONE);
}

static enum error_code
load(const char *folder, struct settings *settings, struct error *err)
{
	CLEANUP(string) char *path = string_format("%s/config.yaml", folder);

	return config_load_with_dropins(path, &settings_table, settings, err);
}

static void
make_dropin_folder(const char *folder)
{
	CLEANUP(string) char *path = string_format("%s/config.d", folder);

	assert_int_equal(mkdir(path, 0700), 0);
}

static void
lays_dropins_over_the_file(void **state)
{
	const char *folder = *state;
	struct settings settings = {0};
	const struct principal *principals;
	struct error err;

	make_dropin_folder(folder);
	write_file(folder, "config.yaml",
	    "name: base\n"
	    "tags: [a]\n"
	    "token: {}\n"
	    "preloaded_keys: {x: file:///x, y: file:///y}\n"
	    "principals: [{user: a}]\n"
	    "identity: { identity_cert: id }\n");
	write_file(folder, "config.d/20-b.yaml", "name: second\n");
	write_file(folder, "config.d/10-a.yaml",
	    "name: first\n"
	    "tags: [b]\n"
	    "token: { uri: file:///a }\n"
	    "preloaded_keys: {y: file:///new, z: file:///z}\n"
	    "principals: [{user: b}]\n"
	    "identity: { identity_cert: { method: self } }\n");
	write_file(folder, "config.d/.hidden.yaml", "nonsense: 1\n");
	write_file(folder, "config.d/30.yaml.bak", "nonsense: 1\n");

	assert_int_equal(load(folder, &settings, &err), ERROR_NONE);
	assert_string_equal(settings.name, "second");
	assert_int_equal(settings.tags.count, 2);
	assert_string_equal(settings.token.uri, "file:///a");
	assert_int_equal(settings.keys.count, 3);
	assert_string_equal(config_map_get(&settings.keys, "y"), "file:///new");
	assert_int_equal(settings.principals.count, 2);
	principals = settings.principals.items;
	assert_string_equal(principals[1].user, "b");
	assert_null(settings.identity.id);
	assert_string_equal(settings.identity.issue.method, "self");
	config_done(&settings_table, &settings);
}

static void
reads_the_file_alone_when_asked(void **state)
{
	CLEANUP(string)
	char *path = string_format("%s/config.yaml", (const char *)*state);
	CLEANUP(string)
	char *expected =
	    string_format("%s:2:1: 'uri' is missing in token", path);
	struct settings settings = {0};
	struct error err;

	make_dropin_folder(*state);
	write_file(*state, "config.yaml", "name: a\ntoken: {}\n");
	write_file(*state, "config.d/a.yaml", "token: { uri: file:///a }\n");
	assert_int_equal(
	    config_load(path, &settings_table, &settings, &err), ERROR_INVALID);
	assert_string_equal(err.message, expected);
}

static void
names_the_dropin_that_is_wrong(void **state)
{
	CLEANUP(string)
	char *expected = string_format(
	    "%s/config.d/a.yaml:2:1: unknown key 'x'", (const char *)*state);
	struct settings settings = {0};
	struct error err;

	make_dropin_folder(*state);
	write_file(*state, "config.yaml", "name: base\n");
	write_file(*state, "config.d/a.yaml", "name: a\nx: y\n");
	assert_int_equal(load(*state, &settings, &err), ERROR_INVALID);
	assert_string_equal(err.message, expected);
}

static void
says_where_each_value_stands(void **state)
{
	CLEANUP(string)
	char *path = string_format("%s/config.yaml", (char *)*state);
	CLEANUP(string)
	char *base = string_format("%s:1", path);
	CLEANUP(string)
	char *dropin = string_format("%s/config.d/10-a.yaml:2", (char *)*state);
	struct settings settings = {0};
	struct config_origins origins = {0};
	struct error err;

	make_dropin_folder(*state);
	write_file(*state, "config.yaml",
	    "name: base\n"
	    "tags: [a]\n"
	    "token: {uri: file:///a}\n"
	    "preloaded_keys: {x.y: file:///x}\n");
	write_file(*state, "config.d/10-a.yaml",
	    "preloaded_keys:\n"
	    "  x.y: file:///z\n");
	assert_int_equal(config_load_with_origins(
			     path, &settings_table, &settings, &origins, &err),
	    ERROR_NONE);
	assert_string_equal(config_origin(&origins, "name"), base);
	assert_string_equal(
	    config_origin(&origins, "preloaded_keys.x.y"), dropin);
	assert_non_null(config_origin(&origins, "token.uri"));
	assert_non_null(config_origin(&origins, "tags"));
	assert_null(config_origin(&origins, "token"));
	assert_null(config_origin(&origins, "count"));
	config_origins_done(&origins);
	config_done(&settings_table, &settings);
}

static void
needs_the_file_but_no_dropins(void **state)
{
	struct settings settings = {0};
	struct error err;

	assert_int_equal(load(*state, &settings, &err), ERROR_NOT_FOUND);
	write_file(*state, "config.yaml", "name: base\n");
	assert_int_equal(load(*state, &settings, &err), ERROR_NONE);
	config_done(&settings_table, &settings);
}

struct little {
	char *name;
};

static void
passes_over_what_a_table_leaves_open(void **state)
{
	static const struct config_field fields[] = {
	    {.key = "name", .type = CONFIG_STRING },
	    {.key = "*",    .type = CONFIG_IGNORED},
	};
	static const struct config_table open = {
	    .fields = fields, .count = 2, .size = sizeof(struct little)};
	static const char text[] =
	    "other: 1\nname: a\nmore: { x: [1] }\n\"*\": 2\n";
	struct little little = {NULL};
	struct error err;

	(void)state;
	assert_int_equal(
	    config_parse("test.yaml", text, strlen(text), &open, &little, &err),
	    ERROR_NONE);
	assert_string_equal(little.name, "a");
	config_done(&open, &little);
}

static void
passes_over_a_byte_order_mark(void **state)
{
	static const char text[] = "\xef\xbb\xbf"
				   "name: a\n"
				   "count: 2\n";
	struct settings settings = {0};
	struct error err;

	(void)state;
	assert_int_equal(config_parse("t", text, strlen(text), &settings_table,
			     &settings, &err),
	    ERROR_NONE);
	assert_string_equal(settings.name, "a");
	assert_int_equal(settings.count, 2);
	config_done(&settings_table, &settings);
}

struct heard {
	size_t count;
	size_t unknown;
	struct error mistakes[8];
};

static void
hear_mistake(void *context, const struct error *mistake)
{
	struct heard *heard = context;

	assert_true(heard->count < 8);
	heard->mistakes[heard->count++] = *mistake;
}

static void
hear_unknown(void *context, const struct config_node *key, const char *message)
{
	struct heard *heard = context;

	(void)key;
	(void)message;
	heard->unknown++;
}

static void
tells_of_every_mistake_and_fails_with_the_first(void **state)
{
	static const char text[] = "name: [a]\n"
				   "what: 1\n"
				   "count: -1\n"
				   "principals:\n"
				   "- { keys: a }\n"
				   "- b\n"
				   "folder: /right\n"
				   "token: {}\n";
	static const char *const expected[] = {
	    "t:1:7: 'name' must be a text",
	    "t:3:8: 'count' must be a whole number",
	    "t:5:11: 'keys' must be a list of texts",
	    "t:5:3: 'user' is missing in principals",
	    "t:6:3: 'principals' must be a list of sections",
	    "t:8:1: 'uri' is missing in token",
	};
	CLEANUP_DONE(config_node) struct config_node root = {0};
	struct settings settings = {0};
	struct heard heard = {0};
	const struct config_listener listener = {
	    hear_unknown, hear_mistake, &heard};
	struct error err;

	(void)state;
	assert_int_equal(
	    config_node_parse("t", text, strlen(text), &root, &err),
	    ERROR_NONE);
	assert_int_equal(
	    config_read(&root, &settings_table, &listener, &settings, &err),
	    ERROR_INVALID);
	assert_string_equal(err.message, heard.mistakes[0].message);
	assert_null(settings.folder);
	assert_int_equal(heard.unknown, 1);
	assert_int_equal(heard.count, sizeof(expected) / sizeof(expected[0]));
	for (size_t i = 0; i < heard.count; i++)
		assert_ptr_equal(strstr(heard.mistakes[i].message, expected[i]),
		    heard.mistakes[i].message);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_every_type),
	    cmocka_unit_test(passes_over_what_a_table_leaves_open),
	    cmocka_unit_test(tells_of_every_mistake_and_fails_with_the_first),
	    cmocka_unit_test(keeps_defaults_that_the_file_does_not_name),
	    cmocka_unit_test(takes_an_empty_file_for_an_empty_mapping),
	    cmocka_unit_test(passes_over_a_byte_order_mark),
	    cmocka_unit_test(
		lets_the_kind_of_the_value_decide_between_two_forms),
	    cmocka_unit_test_setup_teardown(
		lays_dropins_over_the_file, scratch_create, scratch_remove),
	    cmocka_unit_test_setup_teardown(
		says_where_each_value_stands, scratch_create, scratch_remove),
	    cmocka_unit_test_setup_teardown(reads_the_file_alone_when_asked,
		scratch_create, scratch_remove),
	    cmocka_unit_test_setup_teardown(
		names_the_dropin_that_is_wrong, scratch_create, scratch_remove),
	    cmocka_unit_test_setup_teardown(
		needs_the_file_but_no_dropins, scratch_create, scratch_remove),
	};

	return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
