/* SPDX-License-Identifier: MIT */
/* Decryption: what keyd is asked for, and how a plaintext comes out. */
#include "cmocka_wrap.h"

#include <string.h>

#include "fake_remote.h"
#include "pkcs11_calls.h"

static unsigned char ciphertext[256] = {1, 2, 3};

static int
setup(void **state)
{
	(void)state;
	fake_remote_reset();
	fake_remote_add_ec("ec", "P-256", 1);
	fake_remote_add_rsa("rsa", 256, 0xc1);
	return 0;
}

static CK_RV
begin(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism)
{
	return token()->C_DecryptInit(
	    session, mechanism, token_find(session, CKO_PRIVATE_KEY, "rsa"));
}

static void
begin_pkcs1(CK_SESSION_HANDLE session)
{
	CK_MECHANISM mechanism = {CKM_RSA_PKCS, NULL, 0};

	assert_int_equal(begin(session, &mechanism), CKR_OK);
}

static void
decrypts_what_was_padded_or_not(void **state)
{
	static const struct {
		CK_MECHANISM_TYPE type;
		const char *algorithm;
		CK_ULONG most;
	} cases[] = {
	    {CKM_RSA_PKCS,  "RSA1_5",         245},
	    {CKM_RSA_X_509, "RSA-NO-PADDING", 256},
	};
	CK_SESSION_HANDLE session = token_open();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CK_MECHANISM mechanism = {cases[i].type, NULL, 0};
		unsigned char plaintext[256];
		CK_ULONG length = 0;

		assert_int_equal(begin(session, &mechanism), CKR_OK);
		assert_int_equal(
		    token()->C_Decrypt(session, ciphertext, 256, NULL, &length),
		    CKR_OK);
		assert_int_equal(length, cases[i].most);
		assert_int_equal(fake_remote_uses(), i);
		assert_int_equal(token()->C_Decrypt(session, ciphertext, 256,
				     plaintext, &length),
		    CKR_OK);
		assert_int_equal(length, 5);
		assert_memory_equal(plaintext, "plain", 5);
		assert_string_equal(
		    fake_remote_algorithm(), cases[i].algorithm);
		assert_memory_equal(
		    fake_remote_message()->data, ciphertext, 256);
		assert_int_equal(fake_remote_uses(), i + 1);
	}
	token_close();
}

static void
decrypts_oaep_with_any_hash_and_label(void **state)
{
	static const struct {
		CK_RSA_PKCS_OAEP_PARAMS params;
		const char *algorithm; /* NULL: refused */
		size_t label;
	} cases[] = {
	    {{CKM_SHA_1, CKG_MGF1_SHA1, CKZ_DATA_SPECIFIED, NULL, 0},
             "RSA-OAEP",								   0},
	    {{CKM_SHA_1, CKG_MGF1_SHA1, 0, NULL, 0},                           "RSA-OAEP", 0},
	    {{CKM_SHA256, CKG_MGF1_SHA256, CKZ_DATA_SPECIFIED, ciphertext, 3},
             "RSA-OAEP-256",							       3},
	    {{CKM_SHA384, CKG_MGF1_SHA384, CKZ_DATA_SPECIFIED, NULL, 0},
             "RSA-OAEP-384",							       0},
	    {{CKM_SHA512, CKG_MGF1_SHA512, CKZ_DATA_SPECIFIED, NULL, 0},
             "RSA-OAEP-512",							       0},
	    {{CKM_SHA256, CKG_MGF1_SHA1, CKZ_DATA_SPECIFIED, NULL, 0},         NULL,       0},
	    {{CKM_SHA224, CKG_MGF1_SHA224, CKZ_DATA_SPECIFIED, NULL, 0},       NULL,
             0									      },
	    {{CKM_SHA_1, CKG_MGF1_SHA1, 7, NULL, 0},                           NULL,       0},
	    {{CKM_SHA_1, CKG_MGF1_SHA1, 0, ciphertext, 3},                     NULL,       0},
	    {{CKM_SHA_1, CKG_MGF1_SHA1, CKZ_DATA_SPECIFIED, NULL, 3},          NULL,       0},
	    {{CKM_SHA_1, CKG_MGF1_SHA1, CKZ_DATA_SPECIFIED, ciphertext,
		 OAEP_LABEL_MAX + 1},
             NULL,									 0},
	};
	CK_SESSION_HANDLE session = token_open();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CK_RSA_PKCS_OAEP_PARAMS params = cases[i].params;
		CK_MECHANISM mechanism = {
		    CKM_RSA_PKCS_OAEP, &params, sizeof(params)};
		unsigned char plaintext[256];
		CK_ULONG length = sizeof(plaintext);

		print_message("case %zu\n", i);
		if (!cases[i].algorithm) {
			assert_int_equal(begin(session, &mechanism),
			    CKR_MECHANISM_PARAM_INVALID);
			continue;
		}
		assert_int_equal(begin(session, &mechanism), CKR_OK);
		assert_int_equal(token()->C_Decrypt(session, ciphertext, 256,
				     plaintext, &length),
		    CKR_OK);
		assert_string_equal(
		    fake_remote_algorithm(), cases[i].algorithm);
		assert_int_equal(fake_remote_label()->length, cases[i].label);
		assert_memory_equal(
		    fake_remote_label()->data, ciphertext, cases[i].label);
	}
	token_close();
}

static void
refuses_oaep_without_parameters_or_room(void **state)
{
	CK_RSA_PKCS_OAEP_PARAMS params = {
	    CKM_SHA512, CKG_MGF1_SHA512, CKZ_DATA_SPECIFIED, NULL, 0};
	CK_MECHANISM mechanism = {CKM_RSA_PKCS_OAEP, NULL, 0};
	CK_SESSION_HANDLE session = token_open();

	(void)state;
	assert_int_equal(
	    begin(session, &mechanism), CKR_MECHANISM_PARAM_INVALID);
	mechanism.pParameter = &params;
	mechanism.ulParameterLen = sizeof(params);
	fake_remote_remove_keys();
	fake_remote_add_rsa("rsa", 129, 0xc1);
	assert_int_equal(begin(session, &mechanism), CKR_KEY_SIZE_RANGE);
	token_close();
}

static void
decrypts_once_however_little_room_there_is(void **state)
{
	CK_SESSION_HANDLE session = token_open();
	unsigned char plaintext[5];
	CK_ULONG length = 4;

	(void)state;
	begin_pkcs1(session);
	assert_int_equal(
	    token()->C_Decrypt(session, ciphertext, 256, plaintext, &length),
	    CKR_BUFFER_TOO_SMALL);
	assert_int_equal(length, 5);
	length = 0;
	assert_int_equal(
	    token()->C_Decrypt(session, ciphertext, 256, NULL, &length),
	    CKR_OK);
	assert_int_equal(length, 5);
	assert_int_equal(
	    token()->C_Decrypt(session, ciphertext, 256, plaintext, &length),
	    CKR_OK);
	assert_memory_equal(plaintext, "plain", 5);
	assert_int_equal(fake_remote_uses(), 1);
	assert_int_equal(
	    token()->C_Decrypt(session, ciphertext, 256, plaintext, &length),
	    CKR_OPERATION_NOT_INITIALIZED);
	token_close();
}

static void
forgets_a_plaintext_that_nobody_took(void **state)
{
	CK_SESSION_HANDLE session = token_open();
	unsigned char plaintext[1];
	CK_ULONG length = 1;

	(void)state;
	begin_pkcs1(session);
	assert_int_equal(
	    token()->C_Decrypt(session, ciphertext, 256, plaintext, &length),
	    CKR_BUFFER_TOO_SMALL);
	assert_int_equal(token()->C_CloseSession(session), CKR_OK);
	token_close();
}

static void
decrypts_to_nothing(void **state)
{
	CK_SESSION_HANDLE session = token_open();
	unsigned char plaintext[1];
	CK_ULONG length = 0;

	(void)state;
	fake_remote_set_plaintext("");
	begin_pkcs1(session);
	assert_int_equal(
	    token()->C_Decrypt(session, ciphertext, 256, plaintext, &length),
	    CKR_OK);
	assert_int_equal(length, 0);
	token_close();
}

static void
refuses_what_cannot_be_decrypted(void **state)
{
	static const char *const sign[] = {"sign", NULL};
	CK_MECHANISM mechanism = {CKM_RSA_PKCS, NULL, 0};
	CK_SESSION_HANDLE session = token_open();
	unsigned char plaintext[256];
	CK_ULONG length = sizeof(plaintext);

	(void)state;
	begin_pkcs1(session);
	assert_int_equal(
	    token()->C_Decrypt(session, ciphertext, 255, plaintext, &length),
	    CKR_ENCRYPTED_DATA_LEN_RANGE);
	begin_pkcs1(session);
	fake_remote_fail(ERROR_INVALID);
	assert_int_equal(
	    token()->C_Decrypt(session, ciphertext, 256, plaintext, &length),
	    CKR_ENCRYPTED_DATA_INVALID);
	fake_remote_fail(ERROR_NONE);
	assert_int_equal(token()->C_DecryptInit(session, &mechanism,
			     token_find(session, CKO_PUBLIC_KEY, "rsa")),
	    CKR_KEY_FUNCTION_NOT_PERMITTED);
	assert_int_equal(token()->C_DecryptInit(session, &mechanism,
			     token_find(session, CKO_PRIVATE_KEY, "ec")),
	    CKR_KEY_TYPE_INCONSISTENT);
	fake_remote_set_usage(sign);
	assert_int_equal(
	    begin(session, &mechanism), CKR_KEY_FUNCTION_NOT_PERMITTED);
	token_close();
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(decrypts_what_was_padded_or_not, setup),
	    cmocka_unit_test_setup(
		decrypts_oaep_with_any_hash_and_label, setup),
	    cmocka_unit_test_setup(
		refuses_oaep_without_parameters_or_room, setup),
	    cmocka_unit_test_setup(
		decrypts_once_however_little_room_there_is, setup),
	    cmocka_unit_test_setup(forgets_a_plaintext_that_nobody_took, setup),
	    cmocka_unit_test_setup(decrypts_to_nothing, setup),
	    cmocka_unit_test_setup(refuses_what_cannot_be_decrypted, setup),
	};

	return cmocka_run_group_tests_name("pkcs11 decrypt", tests, NULL, NULL);
}
