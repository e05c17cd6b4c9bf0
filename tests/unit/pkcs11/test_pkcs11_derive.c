/* SPDX-License-Identifier: MIT */
/* ECDH: what keyd is asked for, and the secret as an object of a session. */
#include "cmocka_wrap.h"

#include <string.h>

#include "fake_remote.h"
#include "pkcs11_calls.h"

static unsigned char point[67] = {0x04, 0x41, 0x04, 9};

static int
setup(void **state)
{
	(void)state;
	fake_remote_reset();
	fake_remote_add_rsa("rsa", 256, 0xc1);
	fake_remote_add_ec("ec", "P-256", 1);
	return 0;
}

/* NOLINTBEGIN(readability-non-const-parameter): PKCS#11 decides the type. */
static CK_RV
derive(CK_SESSION_HANDLE session, unsigned char *data, CK_ULONG length,
    CK_ATTRIBUTE *template, CK_ULONG count, CK_OBJECT_HANDLE *ret_key)
{
	CK_ECDH1_DERIVE_PARAMS params = {CKD_NULL, 0, NULL, length, data};
	CK_MECHANISM mechanism = {CKM_ECDH1_DERIVE, &params, sizeof(params)};

	return token()->C_DeriveKey(session, &mechanism,
	    token_find(session, CKO_PRIVATE_KEY, "ec"), template, count,
	    ret_key);
}
/* NOLINTEND(readability-non-const-parameter) */

/* The point as it is, without a DER head. */
static CK_OBJECT_HANDLE
derive_with(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG count)
{
	CK_OBJECT_HANDLE key = 0;

	assert_int_equal(
	    derive(session, point + 2, 65, template, count, &key), CKR_OK);
	return key;
}

/* NOLINTBEGIN(readability-non-const-parameter): PKCS#11 decides the type. */
static CK_RV
value_of(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key, unsigned char *value,
    CK_ULONG *length)
{
	CK_ATTRIBUTE attribute = {CKA_VALUE, value, *length};
	CK_RV rv = token()->C_GetAttributeValue(session, key, &attribute, 1);

	*length = attribute.ulValueLen;
	return rv;
}
/* NOLINTEND(readability-non-const-parameter) */

static void
makes_a_secret_that_can_be_read(void **state)
{
	CK_SESSION_HANDLE session = token_open();
	CK_OBJECT_HANDLE key = derive_with(session, NULL, 0);
	unsigned char value[64];
	CK_ULONG length = sizeof(value);

	(void)state;
	assert_string_equal(fake_remote_algorithm(), "ECDH");
	assert_int_equal(fake_remote_message()->length, 65);
	assert_memory_equal(fake_remote_message()->data, "\x04\x09", 2);
	assert_int_equal(value_of(session, key, value, &length), CKR_OK);
	assert_int_equal(length, 32);
	assert_int_equal(value[0], 0x01);
	assert_int_equal(value[31], FAKE_REMOTE_SECRET);
	token_close();
}

static void
takes_the_point_in_every_form(void **state)
{
	static unsigned char compressed[33] = {0x02, 5};
	static unsigned char wrapped[35] = {0x04, 0x21, 0x03, 5};
	static const struct {
		unsigned char *data;
		CK_ULONG length;
		CK_RV rv;
		size_t sent;
	} cases[] = {
	    {point,      67, CKR_OK,                      65},
	    {point + 2,  65, CKR_OK,                      65},
	    {compressed, 33, CKR_OK,                      33},
	    {wrapped,    35, CKR_OK,                      33},
	    {point,      66, CKR_MECHANISM_PARAM_INVALID, 0 },
	    {point + 2,  64, CKR_MECHANISM_PARAM_INVALID, 0 },
	    {point + 3,  33, CKR_MECHANISM_PARAM_INVALID, 0 },
	    {point,      0,  CKR_MECHANISM_PARAM_INVALID, 0 },
	    {NULL,       65, CKR_MECHANISM_PARAM_INVALID, 0 },
	};
	CK_SESSION_HANDLE session = token_open();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CK_OBJECT_HANDLE key;

		print_message("case %zu\n", i);
		assert_int_equal(derive(session, cases[i].data, cases[i].length,
				     NULL, 0, &key),
		    cases[i].rv);
		if (cases[i].rv == CKR_OK)
			assert_int_equal(
			    fake_remote_message()->length, cases[i].sent);
	}
	token_close();
}

static void
refuses_functions_that_it_does_not_have(void **state)
{
	const CK_ECDH1_DERIVE_PARAMS cases[] = {
	    {CKD_SHA1_KDF, 0, NULL,  65, point + 2},
	    {CKD_NULL,     3, point, 65, point + 2},
	};
	CK_SESSION_HANDLE session = token_open();
	CK_OBJECT_HANDLE key = token_find(session, CKO_PRIVATE_KEY, "ec");
	CK_OBJECT_HANDLE derived;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CK_ECDH1_DERIVE_PARAMS params = cases[i];
		CK_MECHANISM mechanism = {
		    CKM_ECDH1_DERIVE, &params, sizeof(params)};

		assert_int_equal(token()->C_DeriveKey(session, &mechanism, key,
				     NULL, 0, &derived),
		    CKR_MECHANISM_PARAM_INVALID);
		mechanism.ulParameterLen = 0;
		assert_int_equal(token()->C_DeriveKey(session, &mechanism, key,
				     NULL, 0, &derived),
		    CKR_MECHANISM_PARAM_INVALID);
		mechanism.mechanism = CKM_ECDSA;
		assert_int_equal(token()->C_DeriveKey(session, &mechanism, key,
				     NULL, 0, &derived),
		    CKR_MECHANISM_INVALID);
	}
	token_close();
}

static void
derives_with_private_halves_that_are_for_it(void **state)
{
	static const char *const sign[] = {"sign", NULL};
	CK_ECDH1_DERIVE_PARAMS params = {CKD_NULL, 0, NULL, 65, point + 2};
	CK_MECHANISM mechanism = {CKM_ECDH1_DERIVE, &params, sizeof(params)};
	CK_SESSION_HANDLE session = token_open();
	CK_OBJECT_HANDLE key;

	(void)state;
	assert_int_equal(
	    token()->C_DeriveKey(session, &mechanism,
		token_find(session, CKO_PRIVATE_KEY, "rsa"), NULL, 0, &key),
	    CKR_KEY_TYPE_INCONSISTENT);
	assert_int_equal(
	    token()->C_DeriveKey(session, &mechanism,
		token_find(session, CKO_PUBLIC_KEY, "ec"), NULL, 0, &key),
	    CKR_KEY_FUNCTION_NOT_PERMITTED);
	fake_remote_set_usage(sign);
	assert_int_equal(derive(session, point + 2, 65, NULL, 0, &key),
	    CKR_KEY_FUNCTION_NOT_PERMITTED);
	assert_int_equal(fake_remote_uses(), 0);
	token_close();
}

static void
cuts_a_secret_at_its_leading_end(void **state)
{
	CK_ULONG want = 16;
	CK_KEY_TYPE aes = CKK_AES;
	CK_ATTRIBUTE template[] = {
	    {CKA_VALUE_LEN, &want, sizeof(want)},
	    {CKA_KEY_TYPE,  &aes,  sizeof(aes) },
	};
	CK_SESSION_HANDLE session = token_open();
	CK_OBJECT_HANDLE key = derive_with(session, template, 2);
	unsigned char value[64];
	CK_ULONG length = sizeof(value);

	(void)state;
	assert_int_equal(value_of(session, key, value, &length), CKR_OK);
	assert_int_equal(length, 16);
	assert_int_equal(value[0], FAKE_REMOTE_SECRET);
	token_close();
}

static void
refuses_templates_that_cannot_be(void **state)
{
	static const CK_BBOOL yes = CK_TRUE;
	static const CK_ULONG too_long = 33, no_length = 0, odd = 17;
	static const CK_KEY_TYPE aes = CKK_AES, des = CKK_DES3;
	static const CK_OBJECT_CLASS private = CKO_PRIVATE_KEY;
	static const struct {
		struct {
			CK_ATTRIBUTE_TYPE type;
			const void *value;
			CK_ULONG length;
		} template[2];
		CK_RV rv;
	} cases[] = {
	    {{{CKA_TOKEN, &yes, 1}},                              CKR_TEMPLATE_INCONSISTENT  },
	    {{{CKA_CLASS, &private, sizeof(private)}},
             CKR_TEMPLATE_INCONSISTENT						       },
	    {{{CKA_KEY_TYPE, &des, sizeof(des)}},                 CKR_TEMPLATE_INCONSISTENT  },
	    {{{CKA_VALUE, "x", 1}},                               CKR_TEMPLATE_INCONSISTENT  },
	    {{{CKA_LOCAL, &yes, 1}},                              CKR_TEMPLATE_INCONSISTENT  },
	    {{{CKA_VALUE_LEN, &too_long, sizeof(CK_ULONG)}},
             CKR_TEMPLATE_INCONSISTENT						       },
	    {{{CKA_VALUE_LEN, &no_length, sizeof(CK_ULONG)}},
             CKR_TEMPLATE_INCONSISTENT						       },
	    {{{CKA_VALUE_LEN, &odd, sizeof(CK_ULONG)},
		 {CKA_KEY_TYPE, &aes, sizeof(aes)}},
             CKR_TEMPLATE_INCONSISTENT						       },
	    {{{CKA_SENSITIVE, &yes, 2}},                          CKR_ATTRIBUTE_VALUE_INVALID},
	    {{{CKA_LABEL, NULL, 2}},                              CKR_ATTRIBUTE_VALUE_INVALID},
	    {{{CKA_MODULUS, "x", 1}},                             CKR_ATTRIBUTE_TYPE_INVALID },
	};
	CK_SESSION_HANDLE session = token_open();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CK_ATTRIBUTE template[2];
		CK_OBJECT_HANDLE key;

		print_message("case %zu\n", i);
		memcpy(template, cases[i].template, sizeof(template));
		assert_int_equal(derive(session, point + 2, 65, template,
				     template[1].type ? 2 : 1, &key),
		    cases[i].rv);
	}
	token_close();
}

static void
never_tells_a_secret_that_is_sensitive(void **state)
{
	CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
	CK_ATTRIBUTE sensitive = {CKA_SENSITIVE, &yes, 1};
	CK_ATTRIBUTE kept = {CKA_EXTRACTABLE, &no, 1};
	CK_SESSION_HANDLE session = token_open();
	unsigned char value[64];
	CK_ULONG length = sizeof(value);

	(void)state;
	assert_int_equal(value_of(session, derive_with(session, &sensitive, 1),
			     value, &length),
	    CKR_ATTRIBUTE_SENSITIVE);
	assert_int_equal(length, CK_UNAVAILABLE_INFORMATION);
	length = sizeof(value);
	assert_int_equal(
	    value_of(session, derive_with(session, &kept, 1), value, &length),
	    CKR_ATTRIBUTE_SENSITIVE);
	token_close();
}

static void
finds_a_secret_like_any_object(void **state)
{
	CK_OBJECT_CLASS class = CKO_SECRET_KEY;
	char label[] = "shared";
	CK_ATTRIBUTE template[] = {
	    {CKA_CLASS, &class, sizeof(class)},
	    {CKA_LABEL, label,  6            },
	};
	CK_SESSION_HANDLE session = token_open();
	CK_OBJECT_HANDLE key = derive_with(session, template, 2);
	unsigned lists = fake_remote_lists();

	(void)state;
	assert_int_equal(token_find(session, CKO_SECRET_KEY, "shared"), key);
	assert_int_equal(token_find(session, CKO_SECRET_KEY, "other"), 0);
	assert_int_equal(fake_remote_lists(), lists);
	assert_int_equal(token_search(session, NULL, 0, NULL, 0), 5);
	token_close();
}

static void
keeps_a_secret_as_long_as_its_session(void **state)
{
	CK_SESSION_HANDLE session = token_open();
	CK_SESSION_HANDLE other;
	CK_OBJECT_HANDLE first, second;
	unsigned char value[64];
	CK_ULONG length = sizeof(value);

	(void)state;
	assert_int_equal(
	    token()->C_OpenSession(0, CKF_SERIAL_SESSION, NULL, NULL, &other),
	    CKR_OK);
	first = derive_with(session, NULL, 0);
	second = derive_with(other, NULL, 0);
	assert_int_equal(token()->C_CloseSession(other), CKR_OK);
	assert_int_equal(value_of(session, second, value, &length),
	    CKR_OBJECT_HANDLE_INVALID);
	length = sizeof(value);
	assert_int_equal(value_of(session, first, value, &length), CKR_OK);
	assert_int_equal(token()->C_DestroyObject(session, first), CKR_OK);
	assert_int_equal(token()->C_DestroyObject(session, first),
	    CKR_OBJECT_HANDLE_INVALID);
	assert_int_not_equal(derive_with(session, NULL, 0), first);
	token_close();
}

static void
says_why_there_is_no_secret(void **state)
{
	CK_SESSION_HANDLE session = token_open();
	CK_OBJECT_HANDLE private = token_find(session, CKO_PRIVATE_KEY, "ec");
	CK_ECDH1_DERIVE_PARAMS params = {CKD_NULL, 0, NULL, 65, point + 2};
	CK_MECHANISM mechanism = {CKM_ECDH1_DERIVE, &params, sizeof(params)};
	CK_OBJECT_HANDLE key;

	(void)state;
	fake_remote_fail(ERROR_INVALID);
	assert_int_equal(
	    token()->C_DeriveKey(session, &mechanism, private, NULL, 0, &key),
	    CKR_MECHANISM_PARAM_INVALID);
	fake_remote_fail(ERROR_UNAVAILABLE);
	assert_int_equal(
	    token()->C_DeriveKey(session, &mechanism, private, NULL, 0, &key),
	    CKR_DEVICE_ERROR);
	fake_remote_fail(ERROR_NONE);
	fake_remote_remove_keys();
	fake_remote_add_ec("ec", "P-256", 2);
	assert_int_equal(
	    token()->C_DeriveKey(session, &mechanism, private, NULL, 0, &key),
	    CKR_KEY_HANDLE_INVALID);
	token_close();
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(makes_a_secret_that_can_be_read, setup),
	    cmocka_unit_test_setup(takes_the_point_in_every_form, setup),
	    cmocka_unit_test_setup(
		refuses_functions_that_it_does_not_have, setup),
	    cmocka_unit_test_setup(
		derives_with_private_halves_that_are_for_it, setup),
	    cmocka_unit_test_setup(cuts_a_secret_at_its_leading_end, setup),
	    cmocka_unit_test_setup(refuses_templates_that_cannot_be, setup),
	    cmocka_unit_test_setup(
		never_tells_a_secret_that_is_sensitive, setup),
	    cmocka_unit_test_setup(finds_a_secret_like_any_object, setup),
	    cmocka_unit_test_setup(
		keeps_a_secret_as_long_as_its_session, setup),
	    cmocka_unit_test_setup(says_why_there_is_no_secret, setup),
	};

	return cmocka_run_group_tests_name("pkcs11 derive", tests, NULL, NULL);
}
