/* SPDX-License-Identifier: MIT */
/* Who may: patterns, uids, and uid 0. */
#include "cmocka_wrap.h"

#include <string.h>

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
gives_the_rights_of_the_entries_that_match(void **state)
{
	CLEANUP(acl) struct acl *acl = NULL;
	struct error err;

	(void)state;
	assert_int_equal(acl_create(&acl, &err), ERROR_NONE);
	assert_false(acl_knows(acl, 0));
	assert_int_equal(
	    acl_add(acl, "1234", "device-*", ACL_USE, &err), ERROR_NONE);
	assert_int_equal(
	    acl_add(acl, "1234", "*-id", ACL_MANAGE, &err), ERROR_NONE);
	assert_int_equal(
	    acl_add(acl, "nobody", "web", ACL_EXPORT, &err), ERROR_NONE);

	assert_int_equal(acl_rights(acl, 1234, "device-1"), ACL_USE);
	assert_int_equal(
	    acl_rights(acl, 1234, "device-id"), ACL_USE | ACL_MANAGE);
	assert_int_equal(acl_rights(acl, 1234, "web"), 0);
	assert_int_equal(acl_rights(acl, 65534, "web"), ACL_EXPORT);
	assert_int_equal(acl_rights(acl, 4321, "device-id"), 0);
	assert_int_equal(acl_rights(acl, 0, "device-id"), 0);
	assert_true(acl_knows(acl, 1234));
	assert_false(acl_knows(acl, 4321));
}

static void
names_rights(void **state)
{
	static char use[] = "use", manage[] = "manage", other[] = "write";
	char *const names[] = {manage, use, other};
	unsigned right;
	struct error err;

	(void)state;
	for (unsigned i = ACL_USE; i & ACL_ALL; i <<= 1) {
		assert_int_equal(
		    acl_right_parse(acl_right_name(i), &right, &err),
		    ERROR_NONE);
		assert_int_equal(right, i);
	}
	assert_int_equal(acl_right_parse("write", &right, &err), ERROR_INVALID);
	assert_non_null(strstr(err.message, "use, export and manage"));
	assert_int_equal(acl_rights_parse(names, 2, &right, &err), ERROR_NONE);
	assert_int_equal(right, ACL_USE | ACL_MANAGE);
	assert_int_equal(acl_rights_parse(names, 0, &right, &err), ERROR_NONE);
	assert_int_equal(right, 0);
	assert_int_equal(
	    acl_rights_parse(names, 3, &right, &err), ERROR_INVALID);
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
		    acl_add(acl, users[i], "*", ACL_USE, &err), ERROR_INVALID);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(matches_patterns_as_documented),
	    cmocka_unit_test(gives_the_rights_of_the_entries_that_match),
	    cmocka_unit_test(names_rights),
	    cmocka_unit_test(refuses_users_that_do_not_exist),
	};

	return cmocka_run_group_tests_name("acl", tests, NULL, NULL);
}
