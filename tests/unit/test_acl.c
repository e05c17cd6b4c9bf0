/* SPDX-License-Identifier: MIT */
/* Who may: patterns, uids, and uid 0. */
#include "cmocka_wrap.h"

#include "common/acl.h"

static void
matches_patterns_as_documented(void **state)
{
	static const struct {
		const char *pattern;
		const char *id;
		bool matches;
	} cases[] = {
	    {"device-id",  "device-id",    true },
	    {"device-id",  "device-id2",   false},
	    {"device-id",  "device-i",     false},
	    {"",           "",             true },
	    {"*",          "",             true },
	    {"*",          "a/b",          true },
	    {"device-*",   "device-",      true },
	    {"*-id",       "est-id-id",    true },
	    {"a*b*c",      "axbxbxc",      true },
	    {"a*b*c",      "axbxbxd",      false},
	    {"a?c",        "abc",          true },
	    {"a?c",        "ac",           false},
	    {"aziot/*/x?", "aziot/m/n/x1", true },
	    {"[a-z]",      "b",            false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("%s ~ %s\n", cases[i].pattern, cases[i].id);
		assert_int_equal(
		    acl_pattern_matches(cases[i].pattern, cases[i].id),
		    cases[i].matches);
	}
}

static void
allows_only_what_a_principal_names(void **state)
{
	CLEANUP(acl) struct acl *acl = NULL;
	struct error err;

	(void)state;
	assert_int_equal(acl_create(&acl, &err), ERROR_NONE);
	assert_int_equal(acl_add(acl, "1234", "device-*", &err), ERROR_NONE);
	assert_int_equal(acl_add(acl, "nobody", "web", &err), ERROR_NONE);

	assert_true(acl_allows(acl, 1234, "device-id"));
	assert_false(acl_allows(acl, 1234, "web"));
	assert_true(acl_allows(acl, 65534, "web"));
	assert_false(acl_allows(acl, 4321, "device-id"));
	assert_true(acl_allows(acl, 0, "anything"));
	assert_true(acl_knows(acl, 1234));
	assert_false(acl_knows(acl, 4321));
}

static void
refuses_users_that_do_not_exist(void **state)
{
	static const char *const users[] = {
	    "no-such-user-here", "", "12x", "4294967295", "-1"};
	CLEANUP(acl) struct acl *acl = NULL;
	struct error err;

	(void)state;
	assert_int_equal(acl_create(&acl, &err), ERROR_NONE);
	for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++)
		assert_int_equal(
		    acl_add(acl, users[i], "*", &err), ERROR_INVALID);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(matches_patterns_as_documented),
	    cmocka_unit_test(allows_only_what_a_principal_names),
	    cmocka_unit_test(refuses_users_that_do_not_exist),
	};

	return cmocka_run_group_tests_name("acl", tests, NULL, NULL);
}
