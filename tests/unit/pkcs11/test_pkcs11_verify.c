/* SPDX-License-Identifier: MIT */
/* Verification: what keyd is asked for, and what its answers mean. */
#include "cmocka_wrap.h"

#include <string.h>

#include "fake_remote.h"
#include "pkcs11_calls.h"

static int
setup(void **state)
{
	(void)state;
	fake_remote_reset();
	fake_remote_add_ec("ec", "P-256", 1);
	fake_remote_add_rsa("rsa", 256, 0xc1);
	return 0;
}

static void
begin(CK_SESSION_HANDLE session, const char *label, CK_MECHANISM_TYPE type)
{
	CK_MECHANISM mechanism = {type, NULL, 0};

	assert_int_equal(token()->C_VerifyInit(session, &mechanism,
			     token_find(session, CKO_PUBLIC_KEY, label)),
	    CKR_OK);
}

/* A signature of a message that begins with first. */
static void
make_signature(unsigned char first, unsigned char *signature, size_t length)
{
	memset(signature, fake_remote_signature_byte(first), length);
}

static void
tells_valid_signatures_from_others(void **state)
{
	CK_SESSION_HANDLE session = token_open();
	unsigned char digest[32] = {7}, signature[64];

	(void)state;
	make_signature(7, signature, 64);
	begin(session, "ec", CKM_ECDSA);
	assert_int_equal(
	    token()->C_Verify(session, digest, 32, signature, 64), CKR_OK);
	assert_string_equal(fake_remote_algorithm(), "ES256");
	assert_int_equal(fake_remote_message()->length, 32);
	signature[63] ^= 1;
	begin(session, "ec", CKM_ECDSA);
	assert_int_equal(token()->C_Verify(session, digest, 32, signature, 64),
	    CKR_SIGNATURE_INVALID);
	assert_int_equal(fake_remote_uses(), 2);
	token_close();
}

static void
asks_nobody_about_a_signature_of_another_length(void **state)
{
	CK_SESSION_HANDLE session = token_open();
	unsigned char digest[32] = {7}, signature[64] = {0};

	(void)state;
	begin(session, "ec", CKM_ECDSA);
	assert_int_equal(token()->C_Verify(session, digest, 32, signature, 63),
	    CKR_SIGNATURE_LEN_RANGE);
	begin(session, "ec", CKM_ECDSA);
	assert_int_equal(token()->C_Verify(session, digest, 0, signature, 64),
	    CKR_DATA_LEN_RANGE);
	assert_int_equal(fake_remote_uses(), 0);
	token_close();
}

static void
verifies_what_comes_in_parts(void **state)
{
	CK_SESSION_HANDLE session = token_open();
	unsigned char part[] = {9, 8, 7}, signature[256];

	(void)state;
	make_signature(9, signature, 256);
	begin(session, "rsa", CKM_SHA256_RSA_PKCS);
	assert_int_equal(token()->C_VerifyUpdate(session, part, 3), CKR_OK);
	assert_int_equal(token()->C_VerifyUpdate(session, part, 2), CKR_OK);
	assert_int_equal(
	    token()->C_VerifyFinal(session, signature, 256), CKR_OK);
	assert_string_equal(fake_remote_algorithm(), "RS256");
	assert_int_equal(fake_remote_message()->length, 5);
	assert_memory_equal(
	    fake_remote_message()->data, "\x09\x08\x07\x09\x08", 5);
	token_close();
}

static void
ends_with_each_answer_whatever_it_is(void **state)
{
	CK_SESSION_HANDLE session = token_open();
	CK_MECHANISM mechanism = {CKM_ECDSA, NULL, 0};
	unsigned char digest[32] = {7}, signature[64] = {0};

	(void)state;
	assert_int_equal(token()->C_Verify(session, digest, 32, signature, 64),
	    CKR_OPERATION_NOT_INITIALIZED);
	begin(session, "ec", CKM_ECDSA);
	assert_int_equal(token()->C_VerifyInit(session, &mechanism, 1),
	    CKR_OPERATION_ACTIVE);
	assert_int_equal(token()->C_Verify(session, digest, 32, NULL, 64),
	    CKR_ARGUMENTS_BAD);
	assert_int_equal(token()->C_VerifyFinal(session, signature, 64),
	    CKR_OPERATION_NOT_INITIALIZED);
	begin(session, "ec", CKM_ECDSA);
	assert_int_equal(token()->C_VerifyUpdate(session, digest, 32), CKR_OK);
	assert_int_equal(token()->C_Verify(session, digest, 32, signature, 64),
	    CKR_OPERATION_ACTIVE);
	assert_int_equal(token()->C_VerifyUpdate(session, digest, 32),
	    CKR_OPERATION_NOT_INITIALIZED);
	begin(session, "ec", CKM_ECDSA);
	fake_remote_fail(ERROR_TIMEOUT);
	assert_int_equal(token()->C_Verify(session, digest, 32, signature, 64),
	    CKR_DEVICE_ERROR);
	token_close();
}

static void
verifies_with_public_halves_of_signing_keys_only(void **state)
{
	static const char *const derive[] = {"derive", NULL};
	CK_SESSION_HANDLE session = token_open();
	CK_MECHANISM mechanism = {CKM_ECDSA, NULL, 0};

	(void)state;
	assert_int_equal(token()->C_VerifyInit(session, &mechanism,
			     token_find(session, CKO_PRIVATE_KEY, "ec")),
	    CKR_KEY_FUNCTION_NOT_PERMITTED);
	fake_remote_add_ec("agree", "P-256", 2);
	fake_remote_set_usage(derive);
	assert_int_equal(token()->C_VerifyInit(session, &mechanism,
			     token_find(session, CKO_PUBLIC_KEY, "agree")),
	    CKR_KEY_FUNCTION_NOT_PERMITTED);
	token_close();
}

static void
does_not_disturb_a_signature_of_the_same_session(void **state)
{
	CK_SESSION_HANDLE session = token_open();
	CK_MECHANISM mechanism = {CKM_ECDSA, NULL, 0};
	unsigned char digest[32] = {7}, signature[64];
	CK_ULONG length = sizeof(signature);

	(void)state;
	make_signature(7, signature, 64);
	assert_int_equal(token()->C_SignInit(session, &mechanism,
			     token_find(session, CKO_PRIVATE_KEY, "ec")),
	    CKR_OK);
	begin(session, "ec", CKM_ECDSA);
	assert_int_equal(
	    token()->C_Verify(session, digest, 32, signature, 64), CKR_OK);
	assert_int_equal(
	    token()->C_Sign(session, digest, 32, signature, &length), CKR_OK);
	token_close();
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(tells_valid_signatures_from_others, setup),
	    cmocka_unit_test_setup(
		asks_nobody_about_a_signature_of_another_length, setup),
	    cmocka_unit_test_setup(verifies_what_comes_in_parts, setup),
	    cmocka_unit_test_setup(ends_with_each_answer_whatever_it_is, setup),
	    cmocka_unit_test_setup(
		verifies_with_public_halves_of_signing_keys_only, setup),
	    cmocka_unit_test_setup(
		does_not_disturb_a_signature_of_the_same_session, setup),
	};

	return cmocka_run_group_tests_name("pkcs11 verify", tests, NULL, NULL);
}
