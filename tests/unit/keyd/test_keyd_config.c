/* SPDX-License-Identifier: MIT */
/* keyd's configuration file: what it says, and what is refused. */
#include "cmocka_wrap.h"

#include <string.h>

#include "common/file.h"
#include "config.h"
#include "manual_page.h"
#include "scratch.h"

static enum error_code
load(const char *directory, const char *text, struct keyd_config *config,
    struct error *err)
{
	CLEANUP(string) char *path = string_format("%s/config.yaml", directory);

	assert_int_equal(
	    file_write(path, text, strlen(text), 0600, err), ERROR_NONE);
	return keyd_config_load(path, config, err);
}

static void
reads_what_the_manual_shows(void **state)
{
	static const char text[] =
	    "token:\n"
	    "  module: /usr/lib/softhsm/libsofthsm2.so\n"
	    "  module_args: \"configdir='sql:/nss'\"\n"
	    "  uri: 'pkcs11:token=device?pin-source=file:/etc/signet/pin'\n"
	    "preloaded_keys:\n"
	    "  web: 'file:///etc/ssl/private/web.pem'\n"
	    "principals:\n"
	    "  - { user: 1001, keys: [device-id] }\n"
	    "  - { user: 1002, keys: ['web*', other], rights: [export, manage] "
	    "}\n"
	    "sessions: 2\n"
	    "session_copies: no\n"
	    "token_timeout: 20\n"
	    "generation_timeout: 300\n"
	    "audit: best-effort\n"
	    "audit_max_size: 1000000\n"
	    "audit_files: 3\n"
	    "tpm:\n"
	    "  tcti: 'device:/dev/tpm0'\n"
	    "  auth_key_index: 300\n"
	    "  hierarchy_authorization: { owner: secret }\n"
	    "  users: [1003, root]\n";
	CLEANUP_DONE(keyd_config) struct keyd_config config = {0};
	CLEANUP(access) struct access *access = NULL;
	struct error err;

	assert_int_equal(load(*state, text, &config, &err), ERROR_NONE);
	assert_string_equal(
	    config.token.module, "/usr/lib/softhsm/libsofthsm2.so");
	assert_string_equal(config.token.module_args, "configdir='sql:/nss'");
	assert_non_null(config.token.uri);
	assert_string_equal(config_map_get(&config.preloaded_keys, "web"),
	    "file:///etc/ssl/private/web.pem");
	assert_int_equal(config.sessions, 2);
	assert_int_equal(keyd_config_copies(&config), KEY_COPIES_NO);
	assert_int_equal(config.token_timeout, 20);
	assert_int_equal(config.generation_timeout, 300);
	assert_string_equal(config.audit, "best-effort");
	assert_int_equal(config.audit_max_size, 1000000);
	assert_int_equal(config.audit_files, 3);
	assert_true(config.tpm.present);
	assert_string_equal(config.tpm.tcti, "device:/dev/tpm0");
	assert_int_equal(config.tpm.auth_key_index, 300);
	assert_string_equal(config.tpm.hierarchy_authorization.owner, "secret");
	assert_null(config.tpm.hierarchy_authorization.endorsement);
	assert_int_equal(config.tpm.users.count, 2);
	assert_int_equal(
	    keyd_config_access(&config, &access, &err), ERROR_NONE);
	assert_int_equal(access_own_rights(access, 1001, "device-id"), ACL_USE);
	assert_int_equal(access_own_rights(access, 1001, "web"), 0);
	assert_int_equal(
	    access_own_rights(access, 1002, "web-2"), ACL_EXPORT | ACL_MANAGE);
}

static void
needs_nothing(void **state)
{
	CLEANUP_DONE(keyd_config) struct keyd_config config = {0};
	CLEANUP(access) struct access *access = NULL;
	struct error err;

	assert_int_equal(load(*state, "{}", &config, &err), ERROR_NONE);
	assert_null(config.token.uri);
	assert_int_equal(keyd_config_copies(&config), KEY_COPIES_AUTO);
	assert_int_equal(
	    keyd_config_access(&config, &access, &err), ERROR_NONE);
	assert_false(access_knows(access, 1001));
}

static void
root_manages_what_it_is_not_named_for(void **state)
{
	static const struct {
		const char *text;
		unsigned rights;
	} cases[] = {
	    {"{}",						   ACL_MANAGE},
	    {"principals: [{user: 1001, keys: [web]}]",              ACL_MANAGE},
	    {"principals: [{user: 0, keys: [web]}]",                 ACL_USE   },
	    {"principals: [{user: root, keys: [x], rights: [use]}]", 0         },
	};
	struct error err;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CLEANUP_DONE(keyd_config) struct keyd_config config = {0};
		CLEANUP(access) struct access *access = NULL;

		assert_int_equal(
		    load(*state, cases[i].text, &config, &err), ERROR_NONE);
		assert_int_equal(
		    keyd_config_access(&config, &access, &err), ERROR_NONE);
		assert_int_equal(
		    access_own_rights(access, 0, "web"), cases[i].rights);
	}
}

static void
load_access(const char *directory, const char *text, struct keyd_config *config,
    struct access **ret_access)
{
	struct error err;

	assert_int_equal(load(directory, text, config, &err), ERROR_NONE);
	assert_int_equal(
	    keyd_config_access(config, ret_access, &err), ERROR_NONE);
}

static void
is_as_lenient_as_aziot_if_told(void **state)
{
	static const char text[] =
	    "compat: aziot\nprincipals: [{user: 1001, keys: [web]},"
	    "{user: 0, keys: [x], rights: [use]},"
	    "{user: 1002, keys: [web], rights: [manage]}]\n";
	static const struct key_ref shown = {.id = "other", .by_handle = true};
	CLEANUP_DONE(keyd_config) struct keyd_config config = {0};
	CLEANUP(access) struct access *access = NULL;

	load_access(*state, text, &config, &access);
	assert_true(keyd_config_allows_files(&config));
	assert_int_equal(access_own_rights(access, 0, "any"), ACL_ALL);
	assert_int_equal(access_own_rights(access, 1001, "web"), ACL_ALL);
	assert_int_equal(access_own_rights(access, 1002, "web"), ACL_MANAGE);
	assert_int_equal(access_rights(access, 1001, &shown), ACL_ALL);
	assert_int_equal(access_rights(access, 1003, &shown), 0);
}

static void
is_lenient_in_one_thing_if_told(void **state)
{
	static const struct key_ref shown = {.id = "other", .by_handle = true};
	static const char text[] =
	    "bearer: [nobody, '1001']\nsymmetric_keys: file\n";
	CLEANUP_DONE(keyd_config) struct keyd_config config = {0};
	CLEANUP(access) struct access *access = NULL;

	load_access(*state, text, &config, &access);
	assert_true(keyd_config_allows_files(&config));
	assert_int_equal(access_rights(access, 1001, &shown), ACL_USE);
	assert_int_equal(access_rights(access, 65534, &shown), ACL_USE);
	assert_int_equal(access_rights(access, 1002, &shown), 0);
	assert_int_equal(access_own_rights(access, 1001, "other"), 0);
}

static void
keeps_secrets_in_tokens_unless_told(void **state)
{
	static const struct {
		const char *text;
		bool allows;
	} cases[] = {
	    {"{}",				     false},
	    {"symmetric_keys: token",                  false},
	    {"{symmetric_keys: token, compat: aziot}", false},
	    {"symmetric_keys: file",                   true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CLEANUP_DONE(keyd_config) struct keyd_config config = {0};
		struct error err;

		assert_int_equal(
		    load(*state, cases[i].text, &config, &err), ERROR_NONE);
		assert_int_equal(
		    keyd_config_allows_files(&config), cases[i].allows);
	}
}

static void
refuses_a_right_that_does_not_exist(void **state)
{
	CLEANUP_DONE(keyd_config) struct keyd_config config = {0};
	CLEANUP(access) struct access *access = NULL;
	struct error err;

	assert_int_equal(
	    load(*state, "principals: [{user: 0, keys: [a], rights: [sign]}]",
		&config, &err),
	    ERROR_NONE);
	assert_int_equal(
	    keyd_config_access(&config, &access, &err), ERROR_INVALID);
	assert_non_null(strstr(err.message, "sign"));
}

static void
refuses_mistakes(void **state)
{
	static const struct {
		const char *text;
		const char *complaint;
	} cases[] = {
	    {"tokn: {}",					     "tokn"       },
	    {"token: {module: /m.so}",                               "uri"        },
	    {"token: {uri: 'pkcs11:token=a', module: m.so}",         "absolute"   },
	    {"token: {uri: 'http://token'}",                         "neither"    },
	    {"token: {uri: 'pkcs11:token=a', module_args: x}",
             "x-init-reserved"						    },
	    {"preloaded_keys: {a: [b, c]}",                          "one URI"    },
	    {"preloaded_keys: {a: '/etc/a.pem'}",                    "neither"    },
	    {"preloaded_keys: {a: 'file://host/a.pem'}",             "file URI"   },
	    {"preloaded_keys: {handle-validation-key: 'file:///a'}",
             "reserved"							   },
	    {"principals: [{user: root}]",                           "keys"       },
	    {"principals: {user: root, keys: [a]}",                  "principal"  },
	    {"compat: iotedge",				      "aziot"      },
	    {"symmetric_keys: nowhere",                              "token"      },
	    {"sessions: 33",					 "at most"    },
	    {"sessions: many",				       "sessions"   },
	    {"token_timeout: 3601",                                  "at most"    },
	    {"generation_timeout: 3601",                             "at most"    },
	    {"audit: on",					    "best-effort"},
	    {"audit_max_size: 1000",                                 "at least"   },
	    {"audit_files: 10001",				   "at most"    },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct keyd_config config;
		struct error err;

		assert_int_equal(
		    load(*state, cases[i].text, &config, &err), ERROR_INVALID);
		print_message("%s\n", err.message);
		assert_non_null(strstr(err.message, "config.yaml"));
		assert_non_null(strstr(err.message, cases[i].complaint));
	}
}

static void
refuses_a_user_that_does_not_exist(void **state)
{
	CLEANUP_DONE(keyd_config) struct keyd_config config = {0};
	CLEANUP(access) struct access *access = NULL;
	struct error err;

	assert_int_equal(
	    load(*state, "principals: [{user: nobody-of-that-name, keys: [a]}]",
		&config, &err),
	    ERROR_NONE);
	assert_int_equal(
	    keyd_config_access(&config, &access, &err), ERROR_INVALID);
	assert_non_null(strstr(err.message, "nobody-of-that-name"));
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, scratch_create, scratch_remove)

static void
has_a_manual_of_every_key_and_no_other(void **state)
{
	(void)state;
	assert_manual_describes(
	    DOCS_DIRECTORY "/man/signet-keyd.8", NULL, &keyd_config_table);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(reads_what_the_manual_shows),
	    TEST(needs_nothing),
	    TEST(root_manages_what_it_is_not_named_for),
	    TEST(is_as_lenient_as_aziot_if_told),
	    TEST(is_lenient_in_one_thing_if_told),
	    TEST(keeps_secrets_in_tokens_unless_told),
	    TEST(refuses_a_right_that_does_not_exist),
	    TEST(refuses_mistakes),
	    TEST(refuses_a_user_that_does_not_exist),
	    TEST(has_a_manual_of_every_key_and_no_other),
	};

	return cmocka_run_group_tests_name("keyd config", tests, NULL, NULL);
}
