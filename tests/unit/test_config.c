/* SPDX-License-Identifier: MIT */
/* Configuration: every type, every mistake with its words, drop-ins. */
#include "cmocka_wrap.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/config.h"
#include "common/file.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

struct issue {
	char *name;
	char *method;
	unsigned days;
};

struct principal {
	char *user;
	struct config_strings keys;
};

struct identity {
	char *id;
	struct issue issue;
	bool has_issue;
};

struct settings {
	char *name;
	char *source;
	char *folder;
	char *secret;
	struct {
		char *uri;
		bool present;
	} token;
	unsigned count;
	bool enabled;
	struct config_strings tags;
	struct config_map keys;
	struct config_list principals;
	struct config_list issues;
	struct identity identity;
};

static const struct config_field issue_fields[] = {
    {.key = "method",
     .type = CONFIG_STRING,
     .offset = offsetof(struct issue, method),
     .flags = CONFIG_REQUIRED},
    {.key = "expiry_days",
     .type = CONFIG_UNSIGNED,
     .offset = offsetof(struct issue,         days)         },
};
static const struct config_table issue_table = {
    issue_fields, LENGTH(issue_fields), sizeof(struct issue), 0};

static const struct config_field principal_fields[] = {
    {.key = "user",
     .type = CONFIG_STRING,
     .offset = offsetof(struct principal, user),
     .flags = CONFIG_REQUIRED},
    {.key = "keys",
     .type = CONFIG_STRINGS,
     .offset = offsetof(struct principal,              keys)       },
};
static const struct config_table principal_table = {
    principal_fields, LENGTH(principal_fields), sizeof(struct principal), 0};

static const struct config_field token_fields[] = {
    {.key = "uri",
     .type = CONFIG_URI,
     .offset = 0,
     .flags = CONFIG_REQUIRED | CONFIG_SECRET},
};
static const struct config_table token_table = {token_fields,
    LENGTH(token_fields), sizeof(((struct settings *)NULL)->token),
    offsetof(struct settings, token.present) -
	offsetof(struct settings, token) + 1};

/* A key that is an id, or a section that says how to get one. */
static const struct config_field identity_fields[] = {
    {.key = "registration_id", .type = CONFIG_IGNORED},
    { .key = "identity_cert",
     .type = CONFIG_STRING,
     .offset = offsetof(struct identity, id),
     .flags = CONFIG_REQUIRED},
    {			 .key = "identity_cert",
     .type = CONFIG_SECTION,
     .offset = offsetof(struct identity, issue),
     .table = &issue_table},
};
static const struct config_table identity_table = {
    identity_fields, LENGTH(identity_fields), sizeof(struct identity), 0};

static const char *const sources[] = {"dps", "manual", "none", NULL};

static const struct config_field fields[] = {
    {.key = "name",
     .type = CONFIG_STRING,
     .offset = offsetof(struct settings, name)},
    {.key = "source",
     .type = CONFIG_STRING,
     .offset = offsetof(struct settings, source),
     .choices = sources},
    {.key = "folder",
     .type = CONFIG_PATH,
     .offset = offsetof(struct settings, folder)},
    {.key = "secret",
     .type = CONFIG_STRING,
     .offset = offsetof(struct settings, secret),
     .flags = CONFIG_SECRET},
    {.key = "token",
     .type = CONFIG_SECTION,
     .offset = offsetof(struct settings, token),
     .table = &token_table},
    {.key = "count",
     .type = CONFIG_UNSIGNED,
     .offset = offsetof(struct settings, count)},
    {.key = "enabled",
     .type = CONFIG_BOOL,
     .offset = offsetof(struct settings, enabled)},
    {.key = "tags",
     .type = CONFIG_STRINGS,
     .offset = offsetof(struct settings, tags)},
    {.key = "preloaded_keys",
     .type = CONFIG_MAP,
     .offset = offsetof(struct settings, keys)},
    {.key = "principals",
     .type = CONFIG_LIST,
     .offset = offsetof(struct settings, principals),
     .table = &principal_table},
    {.key = "certs",
     .type = CONFIG_SECTIONS,
     .offset = offsetof(struct settings, issues),
     .table = &issue_table},
    {.key = "identity",
     .type = CONFIG_SECTION,
     .offset = offsetof(struct settings, identity),
     .table = &identity_table},
    {.key = "agent",			  .type = CONFIG_IGNORED                                },
};
static const struct config_table table = {
    fields, LENGTH(fields), sizeof(struct settings), 0};

static void
parse(const char *text, struct settings *settings)
{
	struct error err = {0};

	if (config_parse(
		"test.yaml", text, strlen(text), &table, settings, &err))
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
	config_done(&table, &settings);
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
	config_done(&table, &settings);
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
		config_done(&table, &settings);
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
	config_done(&table, &settings);
}

static void
refuses_bad_documents_and_says_where(void **state)
{
	static const struct {
		const char *text;
		const char *message; /* what it begins with */
	} cases[] = {
  /* Keys. */
	    {"nam: a",					    "t:1:1: unknown key 'nam'; did you mean 'name'?"   },
	    {"folder: /\ncuont: 1",
             "t:2:1: unknown key 'cuont'; did you mean 'count'?"                                                     },
	    {"preloaded-keys: {}",
             "t:1:1: unknown key 'preloaded-keys'; did you mean "
		"'preloaded_keys'?"										  },
	    {"zebra: 1",					  "t:1:1: unknown key 'zebra'"                       },
	    {"identity:\n  registation_id: a\n",
             "t:2:3: unknown key 'registation_id' in identity; did you mean "
		"'registration_id'?"										 },
	    {"identity:\n  identity_cert:\n    expiry-days: 3\n",
             "t:3:5: unknown key 'expiry-days' in identity.identity_cert; "
		"did you mean 'expiry_days'?"									},
	    {"certs:\n  a:\n    metod: x\n",
             "t:3:5: unknown key 'metod' in certs.a; did you mean "
		"'method'?"											  },
	    {"name: a\nname: b",
             "t:2:1: key 'name' stands here a second time; the first is in "
		"line 1"											     },
	    {"agent:\n  x: 1\n  x: 2",
             "t:3:3: key 'x' stands here a second time"							      },
	    {"preloaded_keys: {a: b, a: c}",
             "t:1:24: key 'a' stands here a second time"							     },
	    {"? [a]\n: b",					"t:1:3: a key must be a text"                      },
	    {"'': b",					     "t:1:1: a key must be a text"                      },
	    {"name: a\ntoken: {}\n",                              "t:2:1: 'uri' is missing in token"                 },
	    {"principals:\n- keys: []\n",
             "t:2:3: 'user' is missing in principals"								},
	    {"certs:\n  a: {}\n",                                 "t:2:3: 'method' is missing in certs.a"            },
	    {"identity: { registration_id: a }",
             "t:1:1: 'identity_cert' is missing in identity"                                                         },
 /* Values. */
	    {"name:",					     "t:1:6: 'name' has no value"                       },
	    {"name: ~",					   "t:1:7: 'name' has no value"                       },
	    {"name: ''",					  "t:1:7: 'name' is empty"                           },
	    {"name: [a]",					 "t:1:7: 'name' must be a text"                     },
	    {"name: {a: b}",				      "t:1:7: 'name' must be a text"                     },
	    {"name: \"a\\0b\"",				   "t:1:7: a line break or another control"           },
	    {"name: \"a\\nb\"",				   "t:1:7: a line break or another control"           },
	    {"name: |\n  a\n",				    "t:1:7: a line break or another control"           },
	    {"source: dsp",				       "t:1:9: 'source' must be dps, manual or none"      },
	    {"folder: a/b",				       "t:1:9: 'folder' must be an absolute path"         },
	    {"token: { uri: /a }",                                "t:1:15: 'uri': '/a' is neither a file:"           },
	    {"token: { uri: \"pkcs11:a=b?pin-value=1234\" }",
             "t:1:15: 'uri': PKCS#11 URIs have no attribute 'a'"                                                     },
	    {"token:",					    "t:1:7: 'token' has no value"                      },
	    {"token: a",					  "t:1:8: 'token' must be a section with keys of its"},
	    {"count: -1",					 "t:1:8: 'count' must be a whole number from 0 to"  },
	    {"count: 1.5",					"t:1:8: 'count' must be a whole number"            },
	    {"count: 4294967296",                                 "t:1:8: 'count' must be a whole number"            },
	    {"count: 99999999999999999999999",                    "t:1:8: 'count' must be a"                         },
	    {"count: '1'",					"t:1:8: 'count' must be a whole number"            },
	    {"count: 0x10",				       "t:1:8: 'count' must be a whole number"            },
	    {"enabled: maybe",				    "t:1:10: 'enabled' must be true or false"          },
	    {"enabled: 'true'",				   "t:1:10: 'enabled' must be true or false"          },
	    {"tags: a",					   "t:1:7: 'tags' must be a list of texts"            },
	    {"tags: [a, '']",				     "t:1:11: 'tags' is empty"                          },
	    {"tags: [a, [b]]",				    "t:1:11: 'tags' has something nested"              },
	    {"preloaded_keys: [a]",                               "t:1:17: 'preloaded_keys' must be a map"           },
	    {"preloaded_keys: {a: }",                             "t:1:21: 'a' is empty"                             },
	    {"preloaded_keys: {a: {b: c}}",                       "t:1:21: 'a' has something"                        },
	    {"preloaded_keys: {a: [[]]}",                         "t:1:22: 'a' has something nested"                 },
	    {"principals: {}",				    "t:1:13: 'principals' must be a list of sec"       },
	    {"principals: [a]",				   "t:1:14: 'principals' must be a list of sec"       },
	    {"certs: {a: b}",				     "t:1:12: 'a' must be a section with keys"          },
	    {"identity: { identity_cert: [] }",
             "t:1:28: 'identity_cert' must be a text or a section with"                                              },
 /* YAML. */
	    {"- a",					       "t:1:1: the file must be a mapping of keys"        },
	    {"a",						 "t:1:1: the file must be a mapping of keys"        },
	    {"name: &x a",					"t:1:7: anchors (&) and aliases (*) are not"       },
	    {"name: *x",					  "t:1:7: anchors (&) and aliases (*) are not"       },
	    {"agent: &x {}",				      "t:1:8: anchors (&) and aliases (*) are not"       },
	    {"agent: &x []",				      "t:1:8: anchors (&) and aliases (*) are not"       },
	    {"name: !!str a",				     "t:1:7: tags (!) are not accepted"                 },
	    {"agent: !x {}",				      "t:1:8: tags (!) are not accepted"                 },
	    {"agent: ! []",				       "t:1:8: tags (!) are not accepted"                 },
	    {"name: a\n---\nname: b\n",                           "t:3:1: a second document"                         },
	    {"name: a\n...\n---\n",                               "t:4:1: a second document"                         },
	    {"token:\n\turi: /a\n",                               "t:2:1: a tab; YAML is indented"                   },
	    {"name: [a",					  "t:2:1: while parsing a flow sequence, did not"    },
	    {"name: 'a",					  "t:1:9: while scanning a quoted scalar, found"     },
	    {"name: a\n b: c",				    "t:2:3: mapping values are not allowed"            },
	    {"name: a\nb\nc: d",				  "t:3:1: while scanning a simple key, could"        },
	    {"name: a\nb: \x80",				  "t:2:4: invalid leading UTF-8 octet"               },
	    {"name: a\x01",				       "t:1:8: control characters are not allowed"        },
	    {"agent: [[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]",
             "t:1:23: nested more than 16 levels deep"							       },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct settings settings = {0};
		struct error err = {0};

		print_message("%s\n", cases[i].text);
		assert_int_equal(
		    config_parse("t", cases[i].text, strlen(cases[i].text),
			&table, &settings, &err),
		    ERROR_INVALID);
		print_message("  %s\n", err.message);
		assert_int_equal(strncmp(err.message, cases[i].message,
				     strlen(cases[i].message)),
		    0);
		assert_null(strstr(err.message, "1234"));
		assert_null(settings.name);
	}
}

static void
refuses_a_nul_in_the_text(void **state)
{
	struct settings settings = {0};
	struct error err;

	(void)state;
	assert_int_equal(
	    config_parse("t", "a: b\0c", 6, &table, &settings, &err),
	    ERROR_INVALID);
	assert_string_equal(
	    err.message, "t:1:5: control characters are not allowed");
}

static void
bounds_the_number_of_values(void **state)
{
	static char text[100000];
	struct settings settings = {0};
	struct error err;

	(void)state;
	memset(text, ',', sizeof(text));
	for (size_t i = 8; i < sizeof(text); i += 2)
		text[i] = 'a';
	memcpy(text, "agent: [", 8);
	text[sizeof(text) - 1] = ']';
	assert_int_equal(
	    config_parse("t", text, sizeof(text), &table, &settings, &err),
	    ERROR_INVALID);
	assert_non_null(strstr(err.message, "the file has more than 20000"));
}

static void
releases_everything_when_a_late_key_is_wrong(void **state)
{
	static const char text[] = "name: a\n"
				   "tags: [a, b]\n"
				   "preloaded_keys: {a: b, c: [d]}\n"
				   "principals: [{user: a, keys: [b]}]\n"
				   "certs: {a: {method: x}}\n"
				   "nonsense: 1\n";
	struct settings settings = {.count = 1};
	const struct settings zero = {0};
	struct error err;

	(void)state;
	assert_int_equal(
	    config_parse("t", text, strlen(text), &table, &settings, &err),
	    ERROR_INVALID);
	assert_memory_equal(&settings, &zero, sizeof(zero));
}

static void
suggests_only_what_is_near(void **state)
{
	static const struct {
		const char *key;
		const char *suggestion;
	} cases[] = {
	    {"naem",            "name"          },
	    {"Name",            "name"          },
	    {"tokenn",          "token"         },
	    {"folderx",         "folder"        },
	    {"princpials",      "principals"    },
	    {"preloadedKeys",   "preloaded_keys"},
	    {"n",               NULL            },
	    {"",                NULL            },
	    {"x",               NULL            },
	    {"watchdog",        NULL            },
	    {"provisioning_id", NULL            },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		const char *suggestion = config_suggest(&table, cases[i].key);

		print_message("%s\n", cases[i].key);
		if (cases[i].suggestion)
			assert_string_equal(suggestion, cases[i].suggestion);
		else
			assert_null(suggestion);
	}
}

/* A folder with a config.yaml and drop-ins, which go with it. */
struct folder {
	char path[32];
	char file[64];
};

static void
write_file(const struct folder *folder, const char *name, const char *text)
{
	CLEANUP(string) char *path = string_format("%s/%s", folder->path, name);
	struct error err;

	assert_int_equal(
	    file_write(path, text, strlen(text), 0600, &err), ERROR_NONE);
}

static int
make_folder(void **state)
{
	struct folder *folder = calloc(1, sizeof(*folder));
	CLEANUP(string) char *dropins = NULL;

	assert_non_null(folder);
	*folder = (struct folder){.path = "/tmp/config.XXXXXX"};
	assert_non_null(mkdtemp(folder->path));
	(void)snprintf(
	    folder->file, sizeof(folder->file), "%s/config.yaml", folder->path);
	dropins = string_format("%s/config.d", folder->path);
	assert_int_equal(mkdir(dropins, 0700), 0);
	*state = folder;
	return 0;
}

static int
remove_folder(void **state)
{
	struct folder *folder = *state;
	CLEANUP(string)
	char *command = string_format("rm -r '%s'", folder->path);

	assert_int_equal(system(command), 0);
	free(folder);
	return 0;
}

static void
lays_dropins_over_the_file(void **state)
{
	struct folder *folder = *state;
	struct settings settings = {0};
	const struct principal *principals;
	struct error err;

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

	assert_int_equal(
	    config_load_with_dropins(folder->file, &table, &settings, &err),
	    ERROR_NONE);
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
	config_done(&table, &settings);

	assert_int_equal(
	    config_load(folder->file, &table, &settings, &err), ERROR_INVALID);
	assert_non_null(strstr(err.message, ":3:1: 'uri' is missing in token"));
}

static void
names_the_dropin_that_is_wrong(void **state)
{
	struct folder *folder = *state;
	CLEANUP(string)
	char *expected = string_format(
	    "%s/config.d/a.yaml:2:1: unknown key 'x'", folder->path);
	struct settings settings = {0};
	struct error err;

	write_file(folder, "config.yaml", "name: base\n");
	write_file(folder, "config.d/a.yaml", "name: a\nx: y\n");
	assert_int_equal(
	    config_load_with_dropins(folder->file, &table, &settings, &err),
	    ERROR_INVALID);
	assert_string_equal(err.message, expected);
}

static void
needs_the_file_but_no_dropins(void **state)
{
	struct folder *folder = *state;
	CLEANUP(string)
	char *dropins = string_format("%s/config.d", folder->path);
	struct settings settings = {0};
	struct error err;

	assert_int_equal(
	    config_load_with_dropins(folder->file, &table, &settings, &err),
	    ERROR_NOT_FOUND);
	write_file(folder, "config.yaml", "name: base\n");
	assert_int_equal(rmdir(dropins), 0);
	assert_int_equal(
	    config_load_with_dropins(folder->file, &table, &settings, &err),
	    ERROR_NONE);
	config_done(&table, &settings);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_every_type),
	    cmocka_unit_test(keeps_defaults_that_the_file_does_not_name),
	    cmocka_unit_test(takes_an_empty_file_for_an_empty_mapping),
	    cmocka_unit_test(
		lets_the_kind_of_the_value_decide_between_two_forms),
	    cmocka_unit_test(refuses_bad_documents_and_says_where),
	    cmocka_unit_test(refuses_a_nul_in_the_text),
	    cmocka_unit_test(bounds_the_number_of_values),
	    cmocka_unit_test(releases_everything_when_a_late_key_is_wrong),
	    cmocka_unit_test(suggests_only_what_is_near),
	    cmocka_unit_test_setup_teardown(
		lays_dropins_over_the_file, make_folder, remove_folder),
	    cmocka_unit_test_setup_teardown(
		names_the_dropin_that_is_wrong, make_folder, remove_folder),
	    cmocka_unit_test_setup_teardown(
		needs_the_file_but_no_dropins, make_folder, remove_folder),
	};

	return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
