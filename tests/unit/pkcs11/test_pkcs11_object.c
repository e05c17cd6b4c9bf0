/* SPDX-License-Identifier: MIT */
/* Objects: how they are found, and what they tell. */
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
finds_what_a_template_asks_for(void **state)
{
	static const CK_OBJECT_CLASS private = CKO_PRIVATE_KEY;
	static const CK_OBJECT_CLASS public = CKO_PUBLIC_KEY;
	static const CK_OBJECT_CLASS secret = CKO_SECRET_KEY;
	static const CK_KEY_TYPE rsa = CKK_RSA;
	static const CK_ULONG bits = 2048;
	static const CK_BBOOL yes = CK_TRUE;
	static const CK_BBOOL no = CK_FALSE;
	static const struct {
		struct {
			CK_ATTRIBUTE_TYPE type;
			const void *value;
			CK_ULONG length;
		} template[3];
		CK_ULONG count;
		CK_ULONG found;
	} cases[] = {
	    {{{0}},							0, 4},
	    {{{CKA_CLASS, &private, sizeof(private)}},                     1, 2},
	    {{{CKA_CLASS, &public, sizeof(public)}},                       1, 2},
	    {{{CKA_CLASS, &secret, sizeof(secret)}},                       1, 0},
	    {{{CKA_CLASS, &private, 1}},                                   1, 0},
	    {{{CKA_LABEL, "ec", 2}},				       1, 2},
	    {{{CKA_LABEL, "ec", 1}},				       1, 0},
	    {{{CKA_LABEL, NULL, 0}},				       1, 0},
	    {{{CKA_LABEL, NULL, 2}},				       1, 0},
	    {{{CKA_ID, "rsa", 3}, {CKA_CLASS, &private, sizeof(private)}}, 2,
             1								 },
	    {{{CKA_KEY_TYPE, &rsa, sizeof(rsa)}, {CKA_TOKEN, &yes, 1}},    2, 2},
	    {{{CKA_KEY_TYPE, &rsa, sizeof(rsa)}, {CKA_LABEL, "ec", 2}},    2, 0},
	    {{{CKA_SIGN, &yes, 1}},					1, 2},
	    {{{CKA_MODULUS, "x", 1}},				      1, 0},
	    {{{CKA_PRIVATE_EXPONENT, NULL, 0}},                            1, 0},
	    {{{CKA_VALUE, "x", 1}},					1, 0},
	    {{{CKA_MODULUS_BITS, &bits, sizeof(bits)}},                    1, 1},
	    {{{CKA_URL, "", 0}},					   1, 0},
	    {{{CKA_TOKEN, &no, 1}},					1, 0},
	    {{{CKA_DECRYPT, &yes, 1}},                                     1, 2},
	    {{{CKA_DERIVE, &no, 1}},				       1, 0},
	};
	CK_SESSION_HANDLE session = token_open();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CK_ATTRIBUTE template[3];

		print_message("case %zu\n", i);
		memcpy(template, cases[i].template, sizeof(template));
		assert_int_equal(
		    token_search(session, template, cases[i].count, NULL, 0),
		    cases[i].found);
	}
	token_close();
}

static void
asks_keyd_once_for_a_search_that_may_find_keys(void **state)
{
	CK_SESSION_HANDLE session = token_open();

	(void)state;
	assert_int_not_equal(token_find(session, CKO_PRIVATE_KEY, "ec"), 0);
	assert_int_equal(fake_remote_lists(), 1);
	assert_int_equal(token_find(session, CKO_SECRET_KEY, "ec"), 0);
	assert_int_equal(fake_remote_lists(), 1);
	/* Certificates are shown beside keys. */
	assert_int_equal(token_find(session, CKO_CERTIFICATE, "ec"), 0);
	assert_int_equal(fake_remote_lists(), 2);
	token_close();
}

static void
sees_new_keys_and_keeps_the_handles_of_old_ones(void **state)
{
	CK_SESSION_HANDLE session = token_open();
	CK_OBJECT_HANDLE ec = token_find(session, CKO_PRIVATE_KEY, "ec");

	(void)state;
	assert_int_equal(token_find(session, CKO_PRIVATE_KEY, "new"), 0);
	fake_remote_remove_keys();
	fake_remote_add_ec("new", "P-384", 2);
	fake_remote_add_ec("ec", "P-256", 1);
	assert_int_not_equal(token_find(session, CKO_PRIVATE_KEY, "new"), 0);
	assert_int_equal(token_find(session, CKO_PRIVATE_KEY, "ec"), ec);
	assert_int_equal(token_find(session, CKO_PRIVATE_KEY, "rsa"), 0);
	token_close();
}

static void
gives_a_new_pair_under_an_old_id_new_handles(void **state)
{
	CK_SESSION_HANDLE session = token_open();
	CK_OBJECT_HANDLE old = token_find(session, CKO_PRIVATE_KEY, "ec");
	CK_MECHANISM mechanism = {CKM_ECDSA, NULL, 0};

	(void)state;
	fake_remote_remove_keys();
	fake_remote_add_ec("ec", "P-256", 9);
	assert_int_not_equal(token_find(session, CKO_PRIVATE_KEY, "ec"), old);
	assert_int_equal(token()->C_SignInit(session, &mechanism, old),
	    CKR_KEY_HANDLE_INVALID);
	token_close();
}

static void
finds_nothing_where_the_caller_may_not_even_ask(void **state)
{
	CK_SESSION_HANDLE session = token_open();

	(void)state;
	fake_remote_fail(ERROR_DENIED);
	assert_int_equal(token_search(session, NULL, 0, NULL, 0), 0);
	token_close();
}

static void
fails_a_search_while_keyd_is_away_and_recovers(void **state)
{
	CK_SESSION_HANDLE session = token_open();
	CK_OBJECT_HANDLE object;
	CK_ULONG count;

	(void)state;
	fake_remote_fail(ERROR_UNAVAILABLE);
	assert_int_equal(
	    token()->C_FindObjectsInit(session, NULL, 0), CKR_DEVICE_ERROR);
	assert_int_equal(token()->C_FindObjects(session, &object, 1, &count),
	    CKR_OPERATION_NOT_INITIALIZED);
	fake_remote_fail(ERROR_NONE);
	assert_int_equal(token_search(session, NULL, 0, NULL, 0), 4);
	token_close();
}

static void
keeps_searches_in_order(void **state)
{
	CK_SESSION_HANDLE session = token_open();

	(void)state;
	assert_int_equal(token()->C_FindObjectsFinal(session),
	    CKR_OPERATION_NOT_INITIALIZED);
	assert_int_equal(token()->C_FindObjectsInit(session, NULL, 0), CKR_OK);
	assert_int_equal(
	    token()->C_FindObjectsInit(session, NULL, 0), CKR_OPERATION_ACTIVE);
	assert_int_equal(fake_remote_lists(), 1);
	assert_int_equal(token()->C_FindObjectsFinal(session), CKR_OK);
	assert_int_equal(
	    token()->C_FindObjectsInit(session, NULL, 1), CKR_ARGUMENTS_BAD);
	token_close();
}

static CK_BBOOL
flag_of(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key, CK_ATTRIBUTE_TYPE type)
{
	CK_BBOOL flag = 7;
	CK_ATTRIBUTE attribute = {type, &flag, sizeof(flag)};

	assert_int_equal(
	    token()->C_GetAttributeValue(session, key, &attribute, 1), CKR_OK);
	assert_int_equal(attribute.ulValueLen, sizeof(flag));
	return flag;
}

static void
tells_what_keyd_says_of_a_private_key(void **state)
{
	CK_SESSION_HANDLE session = token_open();
	CK_OBJECT_HANDLE ec = token_find(session, CKO_PRIVATE_KEY, "ec");
	CK_OBJECT_HANDLE rsa = token_find(session, CKO_PRIVATE_KEY, "rsa");

	(void)state;
	assert_true(flag_of(session, ec, CKA_SENSITIVE));
	assert_false(flag_of(session, ec, CKA_EXTRACTABLE));
	assert_false(flag_of(session, rsa, CKA_SENSITIVE));
	assert_true(flag_of(session, rsa, CKA_EXTRACTABLE));
	assert_true(flag_of(session, ec, CKA_SIGN));
	assert_true(flag_of(session, ec, CKA_TOKEN));
	assert_true(flag_of(session, ec, CKA_PRIVATE));
	assert_false(flag_of(session, ec, CKA_ALWAYS_AUTHENTICATE));
	assert_true(flag_of(session, ec, CKA_DECRYPT));
	token_close();
}

static void
tells_what_a_key_may_be_used_for(void **state)
{
	static const char *const sign[] = {"sign", NULL};
	static const char *const decrypt[] = {"decrypt", NULL};
	static const char *const use[] = {"use", NULL};
	static const char *const manage[] = {"manage", NULL};
	static const char *const other[] = {"export", NULL};
	static const struct {
		const char *const *usage;
		const char *const *rights;
		bool shown, sign, verify, decrypt, derive, destroyable;
	} cases[] = {
	    {sign,    use,    true,  true,  true,  false, false, false},
	    {decrypt, use,    true,  false, false, true,  false, false},
	    {sign,    manage, true,  false, false, false, false, true },
	    {sign,    other,  false, false, false, false, false, false},
	    {NULL,    NULL,   true,  true,  false, false, false, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CK_SESSION_HANDLE session = token_open();
		CK_OBJECT_HANDLE private, public;

		print_message("case %zu\n", i);
		fake_remote_remove_keys();
		fake_remote_add_rsa("k", 256, 0xc1);
		fake_remote_set_usage(cases[i].usage);
		fake_remote_set_rights(cases[i].rights);
		private = token_find(session, CKO_PRIVATE_KEY, "k");
		public = token_find(session, CKO_PUBLIC_KEY, "k");
		assert_int_equal(private != 0, cases[i].shown);
		if (private) {
			assert_int_equal(
			    flag_of(session, private, CKA_SIGN), cases[i].sign);
			assert_int_equal(flag_of(session, public, CKA_VERIFY),
			    cases[i].verify);
			assert_int_equal(flag_of(session, private, CKA_DECRYPT),
			    cases[i].decrypt);
			assert_int_equal(flag_of(session, private, CKA_DERIVE),
			    cases[i].derive);
			assert_int_equal(
			    flag_of(session, private, CKA_DESTROYABLE),
			    cases[i].destroyable);
		}
		token_close();
	}
}

static void
tells_the_public_half_of_an_edwards_key(void **state)
{
	CK_SESSION_HANDLE session = token_open();
	unsigned char params[16], point[80];
	CK_KEY_TYPE type = 0;
	CK_MECHANISM_TYPE generator = 0;
	CK_ATTRIBUTE template[] = {
	    {CKA_EC_PARAMS,         params,     sizeof(params)   },
	    {CKA_EC_POINT,          point,      sizeof(point)    },
	    {CKA_KEY_TYPE,          &type,      sizeof(type)     },
	    {CKA_KEY_GEN_MECHANISM, &generator, sizeof(generator)},
	};

	(void)state;
	fake_remote_add_ec("ed", "Ed25519", 6);
	assert_int_equal(
	    token()->C_GetAttributeValue(session,
		token_find(session, CKO_PUBLIC_KEY, "ed"), template, 4),
	    CKR_OK);
	assert_int_equal(template[0].ulValueLen, 14);
	assert_memory_equal(params,
	    "\x13\x0c"
	    "edwards25519",
	    14);
	assert_int_equal(template[1].ulValueLen, 34);
	assert_memory_equal(point, "\x04\x20\x06\x06", 4);
	assert_int_equal(type, CKK_EC_EDWARDS);
	assert_int_equal(generator, CKM_EC_EDWARDS_KEY_PAIR_GEN);
	token_close();
}

static void
tells_the_public_half_of_an_elliptic_key(void **state)
{
	CK_SESSION_HANDLE session = token_open();
	CK_OBJECT_HANDLE key = token_find(session, CKO_PUBLIC_KEY, "ec");
	unsigned char params[16], point[80], id[8];
	CK_KEY_TYPE type = 0;
	CK_ATTRIBUTE template[] = {
	    {CKA_EC_PARAMS, params, sizeof(params)},
	    {CKA_EC_POINT,  point,  sizeof(point) },
	    {CKA_ID,        id,     sizeof(id)    },
	    {CKA_KEY_TYPE,  &type,  sizeof(type)  },
	};

	(void)state;
	assert_int_equal(
	    token()->C_GetAttributeValue(session, key, template, 4), CKR_OK);
	assert_int_equal(template[0].ulValueLen, 10);
	assert_memory_equal(
	    params, "\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07", 10);
	assert_int_equal(template[1].ulValueLen, 67);
	assert_memory_equal(point, "\x04\x41\x04\x01\x01", 5);
	assert_int_equal(template[2].ulValueLen, 2);
	assert_memory_equal(id, "ec", 2);
	assert_int_equal(type, CKK_EC);
	token_close();
}

static void
tells_the_public_half_of_an_rsa_key(void **state)
{
	CK_SESSION_HANDLE session = token_open();
	CK_OBJECT_HANDLE key = token_find(session, CKO_PUBLIC_KEY, "rsa");
	unsigned char modulus[256], exponent[3];
	CK_ULONG bits = 0;
	CK_ATTRIBUTE template[] = {
	    {CKA_MODULUS,         modulus,  sizeof(modulus) },
	    {CKA_PUBLIC_EXPONENT, exponent, sizeof(exponent)},
	    {CKA_MODULUS_BITS,    &bits,    sizeof(bits)    },
	};

	(void)state;
	assert_int_equal(
	    token()->C_GetAttributeValue(session, key, template, 3), CKR_OK);
	assert_int_equal(modulus[255], 0xc1);
	assert_memory_equal(exponent, "\x01\x00\x01", 3);
	assert_int_equal(bits, 2048);
	token_close();
}

static void
counts_the_bits_of_a_modulus(void **state)
{
	CK_SESSION_HANDLE session;
	CK_ULONG bits = 0;
	CK_ATTRIBUTE template = {CKA_MODULUS_BITS, &bits, sizeof(bits)};

	(void)state;
	fake_remote_remove_keys();
	fake_remote_add_rsa("odd", 129, 0x01);
	session = token_open();
	assert_int_equal(
	    token()->C_GetAttributeValue(session,
		token_find(session, CKO_PUBLIC_KEY, "odd"), &template, 1),
	    CKR_OK);
	assert_int_equal(bits, 1025);
	token_close();
}

static void
never_tells_a_private_value(void **state)
{
	static const struct {
		const char *label;
		CK_ATTRIBUTE_TYPE type;
	} cases[] = {
	    {"ec",  CKA_VALUE           },
	    {"rsa", CKA_PRIVATE_EXPONENT},
	    {"rsa", CKA_PRIME_1         },
	    {"rsa", CKA_PRIME_2         },
	    {"rsa", CKA_EXPONENT_1      },
	    {"rsa", CKA_EXPONENT_2      },
	    {"rsa", CKA_COEFFICIENT     },
	};
	CK_SESSION_HANDLE session = token_open();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned char buffer[512];
		CK_ATTRIBUTE attribute = {
		    cases[i].type, buffer, sizeof(buffer)};
		CK_OBJECT_HANDLE key =
		    token_find(session, CKO_PRIVATE_KEY, cases[i].label);

		assert_int_equal(
		    token()->C_GetAttributeValue(session, key, &attribute, 1),
		    CKR_ATTRIBUTE_SENSITIVE);
		assert_int_equal(
		    attribute.ulValueLen, CK_UNAVAILABLE_INFORMATION);
	}
	token_close();
}

static void
answers_each_attribute_whatever_happens_to_the_others(void **state)
{
	CK_SESSION_HANDLE session = token_open();
	CK_OBJECT_HANDLE key = token_find(session, CKO_PRIVATE_KEY, "ec");
	unsigned char small[1], label[8];
	CK_ATTRIBUTE template[] = {
	    {CKA_MODULUS,   NULL,  0            },
	    {CKA_EC_PARAMS, small, sizeof(small)},
	    {CKA_EC_POINT,  NULL,  0            },
	    {CKA_LABEL,     label, sizeof(label)},
	};

	(void)state;
	assert_int_equal(
	    token()->C_GetAttributeValue(session, key, template, 4),
	    CKR_BUFFER_TOO_SMALL);
	assert_int_equal(template[0].ulValueLen, CK_UNAVAILABLE_INFORMATION);
	assert_int_equal(template[1].ulValueLen, CK_UNAVAILABLE_INFORMATION);
	assert_int_equal(template[2].ulValueLen, 67);
	assert_int_equal(template[3].ulValueLen, 2);
	assert_memory_equal(label, "ec", 2);
	token_close();
}

static void
refuses_handles_of_nothing(void **state)
{
	CK_SESSION_HANDLE session = token_open();
	CK_OBJECT_HANDLE handles[] = {0, 5, CK_UNAVAILABLE_INFORMATION};

	(void)state;
	assert_int_equal(token_search(session, NULL, 0, NULL, 0), 4);
	for (size_t i = 0; i < sizeof(handles) / sizeof(handles[0]); i++)
		assert_int_equal(
		    token()->C_GetAttributeValue(session, handles[i], NULL, 0),
		    CKR_OBJECT_HANDLE_INVALID);
	token_close();
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(finds_what_a_template_asks_for, setup),
	    cmocka_unit_test_setup(
		asks_keyd_once_for_a_search_that_may_find_keys, setup),
	    cmocka_unit_test_setup(
		sees_new_keys_and_keeps_the_handles_of_old_ones, setup),
	    cmocka_unit_test_setup(
		gives_a_new_pair_under_an_old_id_new_handles, setup),
	    cmocka_unit_test_setup(
		finds_nothing_where_the_caller_may_not_even_ask, setup),
	    cmocka_unit_test_setup(
		fails_a_search_while_keyd_is_away_and_recovers, setup),
	    cmocka_unit_test_setup(keeps_searches_in_order, setup),
	    cmocka_unit_test_setup(
		tells_what_keyd_says_of_a_private_key, setup),
	    cmocka_unit_test_setup(tells_what_a_key_may_be_used_for, setup),
	    cmocka_unit_test_setup(
		tells_the_public_half_of_an_edwards_key, setup),
	    cmocka_unit_test_setup(
		tells_the_public_half_of_an_elliptic_key, setup),
	    cmocka_unit_test_setup(tells_the_public_half_of_an_rsa_key, setup),
	    cmocka_unit_test_setup(counts_the_bits_of_a_modulus, setup),
	    cmocka_unit_test_setup(never_tells_a_private_value, setup),
	    cmocka_unit_test_setup(
		answers_each_attribute_whatever_happens_to_the_others, setup),
	    cmocka_unit_test_setup(refuses_handles_of_nothing, setup),
	};

	return cmocka_run_group_tests_name("pkcs11 object", tests, NULL, NULL);
}
