/* SPDX-License-Identifier: MIT */
/* Key pairs that are destroyed through the module. */
#include "cmocka_wrap.h"

#include "fake_remote.h"
#include "pkcs11_calls.h"

static int
setup(void **state)
{
	(void)state;
	fake_remote_reset();
	return 0;
}

static void
destroys_a_pair_by_its_private_half(void **state)
{
	CK_SESSION_HANDLE session = token_open_read_write();
	CK_OBJECT_HANDLE private, other;

	(void)state;
	fake_remote_add_ec("ec", "P-256", 1);
	private = token_find(session, CKO_PRIVATE_KEY, "ec");
	other = token_find(session, CKO_PUBLIC_KEY, "ec");
	assert_int_equal(
	    token()->C_DestroyObject(session, other), CKR_ACTION_PROHIBITED);
	assert_int_equal(token()->C_DestroyObject(session, private), CKR_OK);
	assert_int_equal(token()->C_DestroyObject(session, private),
	    CKR_OBJECT_HANDLE_INVALID);
	assert_int_equal(token()->C_DestroyObject(session, other),
	    CKR_OBJECT_HANDLE_INVALID);
	assert_int_equal(token_search(session, NULL, 0, NULL, 0), 0);
	token_close();
}

static void
destroys_no_key_without_the_right_to(void **state)
{
	static const char *const use[] = {"use", NULL};
	CK_SESSION_HANDLE session = token_open_read_write();

	(void)state;
	fake_remote_add_ec("ec", "P-256", 1);
	fake_remote_set_rights(use);
	assert_int_equal(token()->C_DestroyObject(session,
			     token_find(session, CKO_PRIVATE_KEY, "ec")),
	    CKR_ACTION_PROHIBITED);
	token_close();
}

static void
destroys_no_other_key_that_took_the_id(void **state)
{
	CK_SESSION_HANDLE session = token_open_read_write();
	CK_OBJECT_HANDLE old;

	(void)state;
	fake_remote_add_ec("ec", "P-256", 1);
	old = token_find(session, CKO_PRIVATE_KEY, "ec");
	fake_remote_remove_keys();
	fake_remote_add_ec("ec", "P-256", 2);
	assert_int_equal(
	    token()->C_DestroyObject(session, old), CKR_OBJECT_HANDLE_INVALID);
	assert_int_not_equal(token_find(session, CKO_PRIVATE_KEY, "ec"), 0);
	token_close();
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(destroys_a_pair_by_its_private_half, setup),
	    cmocka_unit_test_setup(destroys_no_key_without_the_right_to, setup),
	    cmocka_unit_test_setup(
		destroys_no_other_key_that_took_the_id, setup),
	};

	return cmocka_run_group_tests_name("pkcs11 destroy", tests, NULL, NULL);
}
