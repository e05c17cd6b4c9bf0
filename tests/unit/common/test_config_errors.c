/* SPDX-License-Identifier: MIT */
/* Configuration: every mistake, with the words for it and its place. */
#include "cmocka_wrap.h"

#include <string.h>

#include "config_fixture.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* clang-format off */
static const struct {
	const char *text;
	const char *message; /* what it begins with */
} refused[] = {
    /* Keys. */
    {"nam: a",
	"t:1:1: unknown key 'nam'; did you mean 'name'?"},
    {"folder: /\ncuont: 1",
	"t:2:1: unknown key 'cuont'; did you mean 'count'?"},
    {"preloaded-keys: {}",
	"t:1:1: unknown key 'preloaded-keys'; did you mean "
	"'preloaded_keys'?"},
    {"zebra: 1",
	"t:1:1: unknown key 'zebra'"},
    {"identity:\n  registation_id: a\n",
	"t:2:3: unknown key 'registation_id' in identity; did you "
	"mean 'registration_id'?"},
    {"identity:\n  identity_cert:\n    expiry-days: 3\n",
	"t:3:5: unknown key 'expiry-days' in identity.identity_cert; "
	"did you mean 'expiry_days'?"},
    {"certs:\n  a:\n    metod: x\n",
	"t:3:5: unknown key 'metod' in certs.a; did you mean "
	"'method'?"},
    {"registration_id: a",
	"t:1:1: unknown key 'registration_id'; it belongs into 'identity'"},
    {"identity:\n  folder: /a\n",
	"t:2:3: unknown key 'folder' in identity; it belongs into no "
	"section"},
    {"identity:\n  identity_cert:\n    registration_id: a\n",
	"t:3:5: unknown key 'registration_id' in identity.identity_cert; it "
	"belongs into 'identity'"},
    {"\xef\xbb\xbfnme: a",
	"t:1:1: unknown key 'nme'; did you mean 'name'?"},
    {"name: a\nname: b",
	"t:2:1: key 'name' stands here a second time; the first is "
	"in line 1"},
    {"agent:\n  x: 1\n  x: 2",
	"t:3:3: key 'x' stands here a second time"},
    {"preloaded_keys: {a: b, a: c}",
	"t:1:24: key 'a' stands here a second time"},
    {"? [a]\n: b",
	"t:1:3: a key must be a text"},
    {"'': b",
	"t:1:1: a key must be a text"},
    {"name: a\ntoken: {}\n",
	"t:2:1: 'uri' is missing in token"},
    {"principals:\n- keys: []\n",
	"t:2:3: 'user' is missing in principals"},
    {"certs:\n  a: {}\n",
	"t:2:3: 'method' is missing in certs.a"},
    {"identity: { registration_id: a }",
	"t:1:1: 'identity_cert' is missing in identity"},
    /* Values. */
    {"name:",
	"t:1:6: 'name' has no value"},
    {"name: ~",
	"t:1:7: 'name' has no value"},
    {"name: ''",
	"t:1:7: 'name' is empty"},
    {"name: [a]",
	"t:1:7: 'name' must be a text"},
    {"name: {a: b}",
	"t:1:7: 'name' must be a text"},
    {"name: \"a\\0b\"",
	"t:1:7: a line break or another control"},
    {"name: \"a\\nb\"",
	"t:1:7: a line break or another control"},
    {"name: |\n  a\n",
	"t:1:7: a line break or another control"},
    {"source: dsp",
	"t:1:9: 'source' must be dps, manual or none"},
    {"folder: a/b",
	"t:1:9: 'folder' must be an absolute path"},
    {"token: { uri: /a }",
	"t:1:15: 'uri': '/a' is neither a file:"},
    {"token: { uri: \"pkcs11:a=b?pin-value=1234\" }",
	"t:1:15: 'uri': PKCS#11 URIs have no attribute 'a'"},
    {"token:",
	"t:1:7: 'token' has no value"},
    {"token: a",
	"t:1:8: 'token' must be a section with keys of its"},
    {"count: -1",
	"t:1:8: 'count' must be a whole number from 0 to"},
    {"count: 1.5",
	"t:1:8: 'count' must be a whole number"},
    {"count: 4294967296",
	"t:1:8: 'count' must be a whole number"},
    {"count: 99999999999999999999999",
	"t:1:8: 'count' must be a"},
    {"count: '1'",
	"t:1:8: 'count' must be a whole number"},
    {"count: 0x10",
	"t:1:8: 'count' must be a whole number"},
    {"enabled: maybe",
	"t:1:10: 'enabled' must be true or false"},
    {"enabled: 'true'",
	"t:1:10: 'enabled' must be true or false"},
    {"tags: a",
	"t:1:7: 'tags' must be a list of texts"},
    {"tags: [a, '']",
	"t:1:11: 'tags' is empty"},
    {"tags: [a, [b]]",
	"t:1:11: 'tags' has something nested"},
    {"preloaded_keys: [a]",
	"t:1:17: 'preloaded_keys' must be a map"},
    {"preloaded_keys: {a: }",
	"t:1:21: 'a' is empty"},
    {"preloaded_keys: {a: {b: c}}",
	"t:1:21: 'a' has something"},
    {"preloaded_keys: {a: [[]]}",
	"t:1:22: 'a' has something nested"},
    {"principals: {}",
	"t:1:13: 'principals' must be a list of sec"},
    {"principals: [a]",
	"t:1:14: 'principals' must be a list of sec"},
    {"certs: {a: b}",
	"t:1:12: 'a' must be a section with keys"},
    {"identity: { identity_cert: [] }",
	"t:1:28: 'identity_cert' must be a text or a section with"},
    /* YAML. */
    {"- a",
	"t:1:1: the file must be a mapping of keys"},
    {"a",
	"t:1:1: the file must be a mapping of keys"},
    {"name: &x a",
	"t:1:7: anchors (&) and aliases (*) are not"},
    {"name: *x",
	"t:1:7: anchors (&) and aliases (*) are not"},
    {"agent: &x {}",
	"t:1:8: anchors (&) and aliases (*) are not"},
    {"agent: &x []",
	"t:1:8: anchors (&) and aliases (*) are not"},
    {"name: !!str a",
	"t:1:7: tags (!) are not accepted"},
    {"agent: !x {}",
	"t:1:8: tags (!) are not accepted"},
    {"agent: ! []",
	"t:1:8: tags (!) are not accepted"},
    {"name: a\n---\nname: b\n",
	"t:3:1: a second document"},
    {"name: a\n...\n---\n",
	"t:4:1: a second document"},
    {"token:\n\turi: /a\n",
	"t:2:1: a tab; YAML is indented"},
    {"name: [a",
	"t:2:1: while parsing a flow sequence, did not"},
    {"name: 'a",
	"t:1:9: while scanning a quoted scalar, found"},
    {"name: a\n b: c",
	"t:2:3: mapping values are not allowed"},
    {"name: a\nb\nc: d",
	"t:3:1: while scanning a simple key, could"},
    {"name: a\nb: \x80",
	"t:2:4: invalid leading UTF-8 octet"},
    {"name: a\x01",
	"t:1:8: control characters are not allowed"},
    {"agent: [[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]",
	"t:1:23: nested more than 16 levels deep"},
};
/* clang-format on */

static void
refuses_bad_documents_and_says_where(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(refused); i++) {
		struct settings settings = {0};
		struct error err = {0};

		print_message("%s\n", refused[i].text);
		assert_int_equal(
		    config_parse("t", refused[i].text, strlen(refused[i].text),
			&settings_table, &settings, &err),
		    ERROR_INVALID);
		print_message("  %s\n", err.message);
		assert_int_equal(strncmp(err.message, refused[i].message,
				     strlen(refused[i].message)),
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
	    config_parse("t", "a: b\0c", 6, &settings_table, &settings, &err),
	    ERROR_INVALID);
	assert_string_equal(
	    err.message, "t:1:5: control characters are not allowed");
}

static void
bounds_the_number_of_values(void **state)
{
	static char text[100000] = "agent: [";
	struct settings settings = {0};
	struct error err;

	(void)state;
	for (size_t i = strlen(text); i < sizeof(text); i++)
		text[i] = i % 2 ? ',' : 'a';
	text[sizeof(text) - 1] = ']';
	assert_int_equal(config_parse("t", text, sizeof(text), &settings_table,
			     &settings, &err),
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
	assert_int_equal(config_parse("t", text, strlen(text), &settings_table,
			     &settings, &err),
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
		const char *suggestion =
		    config_suggest(&settings_table, cases[i].key);

		print_message("%s\n", cases[i].key);
		if (cases[i].suggestion)
			assert_string_equal(suggestion, cases[i].suggestion);
		else
			assert_null(suggestion);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refuses_bad_documents_and_says_where),
	    cmocka_unit_test(refuses_a_nul_in_the_text),
	    cmocka_unit_test(bounds_the_number_of_values),
	    cmocka_unit_test(releases_everything_when_a_late_key_is_wrong),
	    cmocka_unit_test(suggests_only_what_is_near),
	};

	return cmocka_run_group_tests_name("config errors", tests, NULL, NULL);
}
