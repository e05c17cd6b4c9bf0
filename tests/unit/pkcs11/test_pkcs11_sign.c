/* SPDX-License-Identifier: MIT */
/* Signatures: what keyd is asked for, how often, and what may go wrong. */
#include "cmocka_wrap.h"

#include <string.h>

#include "fake_remote.h"
#include "pkcs11_calls.h"

static int
setup(void **state)
{
	(void)state;
	fake_remote_reset();
	fake_remote_add_ec("p256", "P-256", 1);
	fake_remote_add_ec("p384", "P-384", 1);
	fake_remote_add_ec("p521", "P-521", 1);
	fake_remote_add_ec("ed", "Ed25519", 1);
	fake_remote_add_rsa("rsa", 256, 0xc1);
	fake_remote_add_rsa("tiny", 64, 0xc1);
	return 0;
}

static void
brings_data_into_the_form_that_keyd_wants(void **state)
{
	static const struct {
		const char *label;
		CK_MECHANISM_TYPE type;
		CK_ULONG length;
		const char *algorithm;
		size_t padding; /* zeros before the data */
		size_t sent;    /* in all */
	} cases[] = {
	    {"p256", CKM_ECDSA,           32,  "ES256",          0,   32 },
	    {"p256", CKM_ECDSA,           20,  "ES256",          12,  32 },
	    {"p256", CKM_ECDSA,           64,  "ES256",          0,   32 },
	    {"p384", CKM_ECDSA,           48,  "ES384",          0,   48 },
	    {"p384", CKM_ECDSA,           32,  "ES384",          16,  48 },
	    {"p521", CKM_ECDSA,           64,  "ES512",          0,   64 },
	    {"p521", CKM_ECDSA,           32,  "ES512",          32,  64 },
	    {"rsa",  CKM_RSA_PKCS,        51,  "RSA-PKCS1",      0,   51 },
	    {"rsa",  CKM_RSA_PKCS,        245, "RSA-PKCS1",      0,   245},
	    {"rsa",  CKM_RSA_X_509,       256, "RSA-NO-PADDING", 0,   256},
	    {"rsa",  CKM_RSA_X_509,       3,   "RSA-NO-PADDING", 253, 256},
	    {"p256", CKM_ECDSA_SHA256,    70,  "ECDSA-SHA256",   0,   70 },
	    {"p256", CKM_ECDSA_SHA512,    7,   "ECDSA-SHA512",   0,   7  },
	    {"p384", CKM_ECDSA_SHA384,    7,   "ECDSA-SHA384",   0,   7  },
	    {"p521", CKM_ECDSA_SHA256,    7,   "ECDSA-SHA256",   0,   7  },
	    {"ed",   CKM_EDDSA,           100, "EdDSA",          0,   100},
	    {"rsa",  CKM_SHA256_RSA_PKCS, 300, "RS256",          0,   300},
	    {"rsa",  CKM_SHA384_RSA_PKCS, 1,   "RS384",          0,   1  },
	    {"rsa",  CKM_SHA512_RSA_PKCS, 1,   "RS512",          0,   1  },
	};
	CK_SESSION_HANDLE session = token_open();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CK_OBJECT_HANDLE key =
		    token_find(session, CKO_PRIVATE_KEY, cases[i].label);
		unsigned char expected[KEY_MODULUS_MAX] = {0};
		unsigned char signature[KEY_OUTPUT_MAX];
		CK_ULONG length = sizeof(signature);

		print_message("case %zu\n", i);
		memset(expected + cases[i].padding, 0xa5,
		    cases[i].sent - cases[i].padding);
		assert_int_equal(token_sign(session, key, cases[i].type, 0xa5,
				     cases[i].length, signature, &length),
		    CKR_OK);
		assert_string_equal(
		    fake_remote_algorithm(), cases[i].algorithm);
		assert_int_equal(fake_remote_message()->length, cases[i].sent);
		assert_memory_equal(
		    fake_remote_message()->data, expected, cases[i].sent);
		assert_int_equal(signature[length - 1],
		    fake_remote_signature_byte(expected[0]));
	}
	token_close();
}

static void
refuses_data_of_the_wrong_length(void **state)
{
	static const struct {
		const char *label;
		CK_MECHANISM_TYPE type;
		CK_ULONG length;
	} cases[] = {
	    {"p256", CKM_ECDSA,           0              },
	    {"p521", CKM_ECDSA,           65             },
	    {"rsa",  CKM_RSA_PKCS,        0              },
	    {"rsa",  CKM_RSA_PKCS,        246            },
	    {"rsa",  CKM_RSA_X_509,       257            },
	    {"ed",   CKM_EDDSA,           MESSAGE_MAX + 1},
	    {"rsa",  CKM_SHA256_RSA_PKCS, MESSAGE_MAX + 1},
	};
	CK_SESSION_HANDLE session = token_open();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CK_OBJECT_HANDLE key =
		    token_find(session, CKO_PRIVATE_KEY, cases[i].label);
		unsigned char signature[KEY_OUTPUT_MAX];
		CK_ULONG length = sizeof(signature);

		assert_int_equal(token_sign(session, key, cases[i].type, 1,
				     cases[i].length, signature, &length),
		    CKR_DATA_LEN_RANGE);
	}
	assert_int_equal(fake_remote_uses(), 0);
	token_close();
}

static void
signs_with_pss_as_tls_does(void **state)
{
	static const struct {
		CK_RSA_PKCS_PSS_PARAMS params;
		const char *algorithm; /* NULL: refused */
	} cases[] = {
	    {{CKM_SHA256, CKG_MGF1_SHA256, 32}, "PS256"},
	    {{CKM_SHA384, CKG_MGF1_SHA384, 48}, "PS384"},
	    {{CKM_SHA512, CKG_MGF1_SHA512, 64}, "PS512"},
	    {{CKM_SHA256, CKG_MGF1_SHA256, 20}, NULL   },
	    {{CKM_SHA256, CKG_MGF1_SHA1, 32},   NULL   },
	    {{CKM_SHA_1, CKG_MGF1_SHA1, 20},    NULL   },
	};
	CK_SESSION_HANDLE session = token_open();
	CK_OBJECT_HANDLE key = token_find(session, CKO_PRIVATE_KEY, "rsa");

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CK_RSA_PKCS_PSS_PARAMS params = cases[i].params;
		CK_MECHANISM mechanism = {
		    CKM_RSA_PKCS_PSS, &params, sizeof(params)};
		unsigned char digest[64] = {0}, signature[256];
		CK_ULONG length = sizeof(signature);

		if (!cases[i].algorithm) {
			assert_int_equal(
			    token()->C_SignInit(session, &mechanism, key),
			    CKR_MECHANISM_PARAM_INVALID);
			continue;
		}
		assert_int_equal(
		    token()->C_SignInit(session, &mechanism, key), CKR_OK);
		assert_int_equal(token()->C_Sign(session, digest, params.sLen,
				     signature, &length),
		    CKR_OK);
		assert_string_equal(
		    fake_remote_algorithm(), cases[i].algorithm);
		assert_int_equal(length, 256);
	}
	token_close();
}

static void
refuses_pss_without_parameters_or_with_another_digest(void **state)
{
	CK_RSA_PKCS_PSS_PARAMS params = {CKM_SHA256, CKG_MGF1_SHA256, 32};
	CK_MECHANISM mechanism = {CKM_RSA_PKCS_PSS, NULL, 0};
	CK_SESSION_HANDLE session = token_open();
	CK_OBJECT_HANDLE key = token_find(session, CKO_PRIVATE_KEY, "rsa");
	unsigned char digest[20] = {0}, signature[256];
	CK_ULONG length = sizeof(signature);

	(void)state;
	assert_int_equal(token()->C_SignInit(session, &mechanism, key),
	    CKR_MECHANISM_PARAM_INVALID);
	mechanism.pParameter = &params;
	mechanism.ulParameterLen = sizeof(params);
	assert_int_equal(token()->C_SignInit(session, &mechanism, key), CKR_OK);
	assert_int_equal(
	    token()->C_Sign(session, digest, 20, signature, &length),
	    CKR_DATA_LEN_RANGE);
	token_close();
}

static void
tells_the_length_without_signing(void **state)
{
	CK_SESSION_HANDLE session = token_open();
	CK_OBJECT_HANDLE key = token_find(session, CKO_PRIVATE_KEY, "p256");
	unsigned char digest[32] = {0}, signature[64];
	CK_ULONG length = 0;

	(void)state;
	assert_int_equal(
	    token_sign(session, key, CKM_ECDSA, 0, 32, NULL, &length), CKR_OK);
	assert_int_equal(length, 64);
	length = 63;
	assert_int_equal(
	    token()->C_Sign(session, digest, 32, signature, &length),
	    CKR_BUFFER_TOO_SMALL);
	assert_int_equal(length, 64);
	assert_int_equal(fake_remote_uses(), 0);
	assert_int_equal(
	    token()->C_Sign(session, digest, 32, signature, &length), CKR_OK);
	assert_int_equal(fake_remote_uses(), 1);
	token_close();
}

static void
keeps_signatures_in_order(void **state)
{
	CK_SESSION_HANDLE session = token_open();
	CK_OBJECT_HANDLE key = token_find(session, CKO_PRIVATE_KEY, "p256");
	CK_MECHANISM mechanism = {CKM_ECDSA, NULL, 0};
	unsigned char digest[32] = {0}, signature[64];
	CK_ULONG length = sizeof(signature);

	(void)state;
	assert_int_equal(
	    token()->C_Sign(session, digest, 32, signature, &length),
	    CKR_OPERATION_NOT_INITIALIZED);
	assert_int_equal(token()->C_SignInit(session, &mechanism, key), CKR_OK);
	assert_int_equal(token()->C_SignInit(session, &mechanism, key),
	    CKR_OPERATION_ACTIVE);
	assert_int_equal(
	    token()->C_Sign(session, digest, 32, signature, &length), CKR_OK);
	assert_int_equal(
	    token()->C_Sign(session, digest, 32, signature, &length),
	    CKR_OPERATION_NOT_INITIALIZED);
	assert_int_equal(token()->C_Sign(session, digest, 32, signature, NULL),
	    CKR_ARGUMENTS_BAD);
	token_close();
}

static void
signs_what_comes_in_parts(void **state)
{
	CK_SESSION_HANDLE session = token_open();
	CK_OBJECT_HANDLE key = token_find(session, CKO_PRIVATE_KEY, "rsa");
	CK_MECHANISM mechanism = {CKM_RSA_PKCS, NULL, 0};
	unsigned char part[] = {1, 2, 3}, signature[256];
	CK_ULONG length = sizeof(signature);

	(void)state;
	assert_int_equal(token()->C_SignUpdate(session, part, 3),
	    CKR_OPERATION_NOT_INITIALIZED);
	assert_int_equal(token()->C_SignInit(session, &mechanism, key), CKR_OK);
	assert_int_equal(token()->C_SignUpdate(session, part, 3), CKR_OK);
	assert_int_equal(token()->C_SignUpdate(session, NULL, 0), CKR_OK);
	assert_int_equal(token()->C_SignUpdate(session, part, 2), CKR_OK);
	assert_int_equal(token()->C_SignFinal(session, NULL, &length), CKR_OK);
	assert_int_equal(length, 256);
	assert_int_equal(
	    token()->C_SignFinal(session, signature, &length), CKR_OK);
	assert_int_equal(fake_remote_uses(), 1);
	assert_int_equal(fake_remote_message()->length, 5);
	assert_memory_equal(
	    fake_remote_message()->data, "\x01\x02\x03\x01\x02", 5);
	token_close();
}

static void
ends_an_operation_that_has_too_many_parts_or_none(void **state)
{
	CK_SESSION_HANDLE session = token_open();
	CK_OBJECT_HANDLE key = token_find(session, CKO_PRIVATE_KEY, "rsa");
	CK_MECHANISM mechanism = {CKM_RSA_PKCS, NULL, 0};
	static unsigned char part[MESSAGE_MAX];
	unsigned char signature[256];
	CK_ULONG length = sizeof(signature);

	(void)state;
	assert_int_equal(token()->C_SignInit(session, &mechanism, key), CKR_OK);
	assert_int_equal(token()->C_SignFinal(session, signature, &length),
	    CKR_DATA_LEN_RANGE);
	assert_int_equal(token()->C_SignInit(session, &mechanism, key), CKR_OK);
	assert_int_equal(
	    token()->C_SignUpdate(session, part, sizeof(part)), CKR_OK);
	assert_int_equal(
	    token()->C_SignUpdate(session, part, 1), CKR_DATA_LEN_RANGE);
	assert_int_equal(token()->C_SignUpdate(session, part, 1),
	    CKR_OPERATION_NOT_INITIALIZED);
	assert_int_equal(token()->C_SignInit(session, &mechanism, key), CKR_OK);
	assert_int_equal(token()->C_SignUpdate(session, part, 3), CKR_OK);
	assert_int_equal(token()->C_Sign(session, part, 3, signature, &length),
	    CKR_OPERATION_ACTIVE);
	assert_int_equal(token()->C_SignInit(session, &mechanism, key), CKR_OK);
	assert_int_equal(fake_remote_uses(), 0);
	token_close();
}

static void
refuses_mechanisms_and_keys_that_do_not_fit(void **state)
{
	static const struct {
		const char *label;
		CK_OBJECT_CLASS class;
		CK_MECHANISM_TYPE type;
		CK_RV rv;
	} cases[] = {
	    {"p256", CKO_PRIVATE_KEY, CKM_SHA1_RSA_PKCS, CKR_MECHANISM_INVALID    },
	    {"p256", CKO_PRIVATE_KEY, CKM_ECDH1_DERIVE,  CKR_MECHANISM_INVALID    },
	    {"rsa",  CKO_PRIVATE_KEY, CKM_ECDSA_SHA384,
             CKR_KEY_TYPE_INCONSISTENT					    },
	    {"p256", CKO_PRIVATE_KEY, CKM_EDDSA,         CKR_KEY_TYPE_INCONSISTENT},
	    {"ed",   CKO_PRIVATE_KEY, CKM_ECDSA,         CKR_KEY_TYPE_INCONSISTENT},
	    {"tiny", CKO_PRIVATE_KEY, CKM_RSA_PKCS,      CKR_KEY_SIZE_RANGE       },
	    {"p256", CKO_PRIVATE_KEY, CKM_RSA_PKCS,      CKR_KEY_TYPE_INCONSISTENT},
	    {"rsa",  CKO_PRIVATE_KEY, CKM_ECDSA,         CKR_KEY_TYPE_INCONSISTENT},
	    {"rsa",  CKO_PUBLIC_KEY,  CKM_RSA_PKCS,
             CKR_KEY_FUNCTION_NOT_PERMITTED                                       },
	    {"none", CKO_PRIVATE_KEY, CKM_RSA_PKCS,      CKR_KEY_HANDLE_INVALID   },
	};
	CK_SESSION_HANDLE session = token_open();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CK_MECHANISM mechanism = {cases[i].type, NULL, 0};
		CK_OBJECT_HANDLE key =
		    token_find(session, cases[i].class, cases[i].label);

		assert_int_equal(
		    token()->C_SignInit(session, &mechanism, key), cases[i].rv);
	}
	token_close();
}

static void
says_why_a_signature_failed_and_signs_again_afterwards(void **state)
{
	static const struct {
		enum error_code code;
		CK_RV rv;
	} cases[] = {
	    {ERROR_UNAVAILABLE, CKR_DEVICE_ERROR      },
	    {ERROR_TIMEOUT,     CKR_DEVICE_ERROR      },
	    {ERROR_DENIED,      CKR_FUNCTION_REJECTED },
	    {ERROR_NOT_FOUND,   CKR_KEY_HANDLE_INVALID},
	    {ERROR_INVALID,     CKR_DATA_INVALID      },
	    {ERROR_INTERNAL,    CKR_GENERAL_ERROR     },
	};
	CK_SESSION_HANDLE session = token_open();
	CK_OBJECT_HANDLE key = token_find(session, CKO_PRIVATE_KEY, "p256");
	unsigned char signature[64];
	CK_ULONG length = sizeof(signature);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fake_remote_fail(cases[i].code);
		assert_int_equal(token_sign(session, key, CKM_ECDSA, 1, 32,
				     signature, &length),
		    cases[i].rv);
	}
	fake_remote_fail(ERROR_NONE);
	assert_int_equal(
	    token_sign(session, key, CKM_ECDSA, 1, 32, signature, &length),
	    CKR_OK);
	token_close();
}

static void
refuses_a_key_that_is_for_something_else(void **state)
{
	static const char *const derive[] = {"derive", NULL};
	CK_MECHANISM mechanism = {CKM_ECDSA, NULL, 0};
	CK_SESSION_HANDLE session = token_open();

	(void)state;
	fake_remote_add_ec("agree", "P-256", 1);
	fake_remote_set_usage(derive);
	assert_int_equal(token()->C_SignInit(session, &mechanism,
			     token_find(session, CKO_PRIVATE_KEY, "agree")),
	    CKR_KEY_FUNCTION_NOT_PERMITTED);
	token_close();
}

static void
takes_pss_parameters_that_fit_the_hash_of_the_mechanism(void **state)
{
	CK_RSA_PKCS_PSS_PARAMS params = {CKM_SHA384, CKG_MGF1_SHA384, 48};
	CK_MECHANISM mechanism = {
	    CKM_SHA384_RSA_PKCS_PSS, &params, sizeof(params)};
	CK_SESSION_HANDLE session = token_open();
	CK_OBJECT_HANDLE key = token_find(session, CKO_PRIVATE_KEY, "rsa");
	unsigned char message[100] = {3}, signature[256];
	CK_ULONG length = sizeof(signature);

	(void)state;
	assert_int_equal(token()->C_SignInit(session, &mechanism, key), CKR_OK);
	assert_int_equal(
	    token()->C_Sign(session, message, 100, signature, &length), CKR_OK);
	assert_string_equal(fake_remote_algorithm(), "PS384");
	assert_int_equal(fake_remote_message()->length, 100);
	mechanism.mechanism = CKM_SHA256_RSA_PKCS_PSS;
	assert_int_equal(token()->C_SignInit(session, &mechanism, key),
	    CKR_MECHANISM_PARAM_INVALID);
	token_close();
}

static void
signs_a_message_of_nothing(void **state)
{
	CK_SESSION_HANDLE session = token_open();
	CK_OBJECT_HANDLE key = token_find(session, CKO_PRIVATE_KEY, "ed");
	CK_MECHANISM mechanism = {CKM_EDDSA, NULL, 0};
	unsigned char signature[64];
	CK_ULONG length = sizeof(signature);

	(void)state;
	assert_int_equal(token()->C_SignInit(session, &mechanism, key), CKR_OK);
	assert_int_equal(
	    token()->C_Sign(session, NULL, 0, signature, &length), CKR_OK);
	assert_int_equal(token()->C_SignInit(session, &mechanism, key), CKR_OK);
	assert_int_equal(
	    token()->C_SignFinal(session, signature, &length), CKR_OK);
	assert_int_equal(fake_remote_message()->length, 0);
	mechanism.pParameter = signature;
	mechanism.ulParameterLen = 1;
	assert_int_equal(token()->C_SignInit(session, &mechanism, key),
	    CKR_MECHANISM_PARAM_INVALID);
	token_close();
}

static void
never_signs_with_another_key_that_took_the_id(void **state)
{
	CK_SESSION_HANDLE session = token_open();
	CK_OBJECT_HANDLE key = token_find(session, CKO_PRIVATE_KEY, "p256");
	unsigned char signature[64];
	CK_ULONG length = sizeof(signature);

	(void)state;
	fake_remote_remove_keys();
	fake_remote_add_ec("p256", "P-256", 2);
	assert_int_equal(
	    token_sign(session, key, CKM_ECDSA, 1, 32, signature, &length),
	    CKR_KEY_HANDLE_INVALID);
	/* A search finds the new one. */
	key = token_find(session, CKO_PRIVATE_KEY, "p256");
	assert_int_equal(
	    token_sign(session, key, CKM_ECDSA, 1, 32, signature, &length),
	    CKR_OK);
	token_close();
}

static void
notices_a_key_of_another_size_under_its_id(void **state)
{
	CK_SESSION_HANDLE session = token_open();
	CK_OBJECT_HANDLE key = token_find(session, CKO_PRIVATE_KEY, "rsa");
	unsigned char signature[256];
	CK_ULONG length = sizeof(signature);

	(void)state;
	fake_remote_remove_keys();
	fake_remote_add_rsa("rsa", 384, 0xc1); /* with the same fingerprint */
	assert_int_equal(
	    token_sign(session, key, CKM_RSA_PKCS, 1, 51, signature, &length),
	    CKR_KEY_HANDLE_INVALID);
	token_close();
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(
		brings_data_into_the_form_that_keyd_wants, setup),
	    cmocka_unit_test_setup(refuses_data_of_the_wrong_length, setup),
	    cmocka_unit_test_setup(signs_with_pss_as_tls_does, setup),
	    cmocka_unit_test_setup(
		refuses_pss_without_parameters_or_with_another_digest, setup),
	    cmocka_unit_test_setup(tells_the_length_without_signing, setup),
	    cmocka_unit_test_setup(keeps_signatures_in_order, setup),
	    cmocka_unit_test_setup(signs_what_comes_in_parts, setup),
	    cmocka_unit_test_setup(
		ends_an_operation_that_has_too_many_parts_or_none, setup),
	    cmocka_unit_test_setup(
		refuses_mechanisms_and_keys_that_do_not_fit, setup),
	    cmocka_unit_test_setup(
		says_why_a_signature_failed_and_signs_again_afterwards, setup),
	    cmocka_unit_test_setup(
		refuses_a_key_that_is_for_something_else, setup),
	    cmocka_unit_test_setup(
		takes_pss_parameters_that_fit_the_hash_of_the_mechanism, setup),
	    cmocka_unit_test_setup(signs_a_message_of_nothing, setup),
	    cmocka_unit_test_setup(
		never_signs_with_another_key_that_took_the_id, setup),
	    cmocka_unit_test_setup(
		notices_a_key_of_another_size_under_its_id, setup),
	};

	return cmocka_run_group_tests_name("pkcs11 sign", tests, NULL, NULL);
}
