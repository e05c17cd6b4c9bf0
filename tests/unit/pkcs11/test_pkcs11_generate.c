/* SPDX-License-Identifier: MIT */
/* Key pairs that are made through the module. */
#include "cmocka_wrap.h"

#include <string.h>

#include "fake_remote.h"
#include "pair.h"
#include "pkcs11_calls.h"

#define P256_PARAMS "\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"

static CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
static CK_ULONG bits_2048 = 2048, bits_2000 = 2000;
static CK_KEY_TYPE rsa = CKK_RSA;
static CK_OBJECT_CLASS public = CKO_PUBLIC_KEY;

static int
setup(void **state)
{
	(void)state;
	fake_remote_reset();
	return 0;
}

/* An attribute as a test writes it down; type 0 (CKA_CLASS) ends a list. */
struct wish {
	CK_ATTRIBUTE_TYPE type;
	const void *value;
	CK_ULONG length;
};

#define WISHES_MAX 6

struct pair {
	CK_OBJECT_HANDLE public, private;
};

static CK_ULONG
count_of(const struct wish *wishes)
{
	CK_ULONG count = 0;

	while (count < WISHES_MAX && wishes[count].value)
		count++;
	return count;
}

/* CKA_TOKEN and the label "new" are there already. */
static CK_RV
generate(CK_SESSION_HANDLE session, CK_MECHANISM_TYPE type,
    const struct wish *public_wishes, const struct wish *private_wishes,
    struct pair *ret_pair)
{
	static char label[] = "new";
	CK_MECHANISM mechanism = {type, NULL, 0};
	CK_ATTRIBUTE public_half[WISHES_MAX + 1] = {
	    {CKA_TOKEN, &yes, 1}
        };
	CK_ATTRIBUTE private_half[WISHES_MAX + 2] = {
	    {CKA_TOKEN, &yes,  1},
	    {CKA_LABEL, label, 3},
	};
	CK_ULONG public_count = count_of(public_wishes);
	CK_ULONG private_count = count_of(private_wishes);

	memcpy(public_half + 1, public_wishes,
	    public_count * sizeof(*public_wishes));
	memcpy(private_half + 2, private_wishes,
	    private_count * sizeof(*private_wishes));
	return token()->C_GenerateKeyPair(session, &mechanism, public_half,
	    public_count + 1, private_half, private_count + 2,
	    &ret_pair->public, &ret_pair->private);
}

static void
makes_every_kind_of_pair(void **state)
{
	static const CK_ULONG bits_3072 = 3072, bits_4096 = 4096;
	static const struct {
		CK_MECHANISM_TYPE type;
		struct wish wish;
		CK_KEY_TYPE made;
		size_t signature;
	} cases[] = {
	    {CKM_EC_KEY_PAIR_GEN,         {CKA_EC_PARAMS, P256_PARAMS, 10}, CKK_EC,         64 },
	    {CKM_EC_KEY_PAIR_GEN,
             {CKA_EC_PARAMS, "\x06\x05\x2b\x81\x04\x00\x22", 7},            CKK_EC,         96 },
	    {CKM_EC_KEY_PAIR_GEN,
             {CKA_EC_PARAMS, "\x06\x05\x2b\x81\x04\x00\x23", 7},            CKK_EC,
             132									       },
	    {CKM_EC_EDWARDS_KEY_PAIR_GEN,
             {CKA_EC_PARAMS, "\x06\x03\x2b\x65\x70", 5},                    CKK_EC_EDWARDS, 64 },
	    {CKM_EC_EDWARDS_KEY_PAIR_GEN,
             {CKA_EC_PARAMS,
		    "\x13\x0c"
		    "edwards25519",
		    14},
             CKK_EC_EDWARDS,								64 },
	    {CKM_RSA_PKCS_KEY_PAIR_GEN,
             {CKA_MODULUS_BITS, &bits_2048, sizeof(CK_ULONG)},              CKK_RSA,        256},
	    {CKM_RSA_PKCS_KEY_PAIR_GEN,
             {CKA_MODULUS_BITS, &bits_3072, sizeof(CK_ULONG)},              CKK_RSA,        384},
	    {CKM_RSA_PKCS_KEY_PAIR_GEN,
             {CKA_MODULUS_BITS, &bits_4096, sizeof(CK_ULONG)},              CKK_RSA,        512},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CK_SESSION_HANDLE session = token_open_read_write();
		const struct wish wishes[] = {cases[i].wish, {0}};
		const struct wish nothing[] = {{0}};
		CK_KEY_TYPE type = 0;
		CK_ATTRIBUTE attribute = {CKA_KEY_TYPE, &type, sizeof(type)};
		struct pair pair;

		print_message("case %zu\n", i);
		fake_remote_remove_keys();
		assert_int_equal(
		    generate(session, cases[i].type, wishes, nothing, &pair),
		    CKR_OK);
		assert_int_equal(token()->C_GetAttributeValue(
				     session, pair.private, &attribute, 1),
		    CKR_OK);
		assert_int_equal(type, cases[i].made);
		assert_int_equal(
		    token_find(session, CKO_PUBLIC_KEY, "new"), pair.public);
		assert_int_equal(
		    token_find(session, CKO_PRIVATE_KEY, "new"), pair.private);
		assert_string_equal(fake_remote_usage(), "sign");
		token_close();
	}
}

static void
asks_for_the_usage_of_the_template(void **state)
{
	static const struct wish rsa_wish = {
	    CKA_MODULUS_BITS, &bits_2048, sizeof(bits_2048)};
	static const struct wish ec_wish = {CKA_EC_PARAMS, P256_PARAMS, 10};
	static const struct wish ed_wish = {
	    CKA_EC_PARAMS, "\x06\x03\x2b\x65\x70", 5};
	const struct {
		CK_MECHANISM_TYPE type;
		struct wish public_wish;
		struct wish private_wishes[4];
		const char *usage;
	} cases[] = {
	    {CKM_RSA_PKCS_KEY_PAIR_GEN,   rsa_wish, {{CKA_SIGN, &yes, 1}},
             "sign"								       },
	    {CKM_RSA_PKCS_KEY_PAIR_GEN,   rsa_wish,
             {{CKA_SIGN, &no, 1}, {CKA_DECRYPT, &yes, 1}},                   "decrypt"    },
	    {CKM_RSA_PKCS_KEY_PAIR_GEN,   rsa_wish,
             {{CKA_DERIVE, &yes, 1}, {CKA_DECRYPT, &yes, 1},
		    {CKA_SIGN, &yes, 1}},
             "sign,decrypt"							       },
	    {CKM_EC_KEY_PAIR_GEN,         ec_wish,
             {{CKA_DERIVE, &yes, 1}, {CKA_SIGN, &yes, 1}},                   "sign,derive"},
	    {CKM_EC_KEY_PAIR_GEN,         ec_wish,  {{CKA_DERIVE, &yes, 1}}, "derive"     },
	    {CKM_EC_EDWARDS_KEY_PAIR_GEN, ed_wish,
             {{CKA_DERIVE, &yes, 1}, {CKA_SIGN, &yes, 1}},                   "sign"       },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CK_SESSION_HANDLE session = token_open_read_write();
		const struct wish wishes[] = {cases[i].public_wish, {0}};
		struct pair pair;

		print_message("case %zu\n", i);
		fake_remote_remove_keys();
		assert_int_equal(generate(session, cases[i].type, wishes,
				     cases[i].private_wishes, &pair),
		    CKR_OK);
		assert_string_equal(fake_remote_usage(), cases[i].usage);
		token_close();
	}
}

static void
accepts_what_programs_ask_for_by_habit(void **state)
{
	static const struct wish public_wishes[] = {
	    {CKA_MODULUS_BITS,    &bits_2048, sizeof(bits_2048)},
	    {CKA_PUBLIC_EXPONENT,  "\x00\x01\x00\x01", 4},
	    {CKA_VERIFY, &yes, 1},
	    {CKA_WRAP,                  &yes, 1},
	    {CKA_ID,          "\x01", 1},
	    {0		 },
	};
	static const struct wish private_wishes[] = {
	    {CKA_PRIVATE,     &yes, 1},
	    {CKA_SENSITIVE,              &yes, 1},
	    {CKA_EXTRACTABLE,   &no, 1},
	    {CKA_UNWRAP,              &yes, 1},
	    {CKA_KEY_TYPE, &rsa, sizeof(rsa)},
	    {0             },
	};
	CK_SESSION_HANDLE session = token_open_read_write();
	struct pair pair;

	(void)state;
	assert_int_equal(generate(session, CKM_RSA_PKCS_KEY_PAIR_GEN,
			     public_wishes, private_wishes, &pair),
	    CKR_OK);
	token_close();
}

/* clang-format off */
static const char too_long_an_id[PAIR_CKA_ID_MAX + 1];

#define BITS {CKA_MODULUS_BITS, &bits_2048, sizeof(bits_2048)}

static const struct {
	CK_MECHANISM_TYPE type;
	struct wish public_wishes[2];
	struct wish private_wish;
	CK_RV rv;
} impossible[] = {
    {CKM_ECDSA, {{0}}, {0}, CKR_MECHANISM_INVALID},
    {CKM_RSA_PKCS_KEY_PAIR_GEN, {{0}}, {0}, CKR_TEMPLATE_INCOMPLETE},
    {CKM_EC_KEY_PAIR_GEN, {{0}}, {0}, CKR_TEMPLATE_INCOMPLETE},
    {CKM_EC_KEY_PAIR_GEN, {BITS}, {0}, CKR_TEMPLATE_INCONSISTENT},
    {CKM_RSA_PKCS_KEY_PAIR_GEN,
	{{CKA_MODULUS_BITS, &bits_2000, sizeof(bits_2000)}}, {0},
	CKR_KEY_SIZE_RANGE},
    {CKM_EC_KEY_PAIR_GEN,
	{{CKA_EC_PARAMS, "\x06\x05\x2b\x81\x04\x00\x0a", 7}}, {0},
	CKR_CURVE_NOT_SUPPORTED},
    {CKM_EC_EDWARDS_KEY_PAIR_GEN, {{CKA_EC_PARAMS, P256_PARAMS, 10}}, {0},
	CKR_CURVE_NOT_SUPPORTED},
    {CKM_RSA_PKCS_KEY_PAIR_GEN, {BITS, {CKA_PUBLIC_EXPONENT, "\x03", 1}}, {0},
	CKR_ATTRIBUTE_VALUE_INVALID},
    {CKM_RSA_PKCS_KEY_PAIR_GEN, {BITS, {CKA_LABEL, "other", 5}}, {0},
	CKR_TEMPLATE_INCONSISTENT},
    {CKM_RSA_PKCS_KEY_PAIR_GEN, {BITS, {CKA_ID, "a", 1}}, {CKA_ID, "b", 1},
	CKR_TEMPLATE_INCONSISTENT},
    {CKM_RSA_PKCS_KEY_PAIR_GEN, {BITS, {CKA_ID, too_long_an_id, 65}}, {0},
	CKR_ATTRIBUTE_VALUE_INVALID},
    {CKM_RSA_PKCS_KEY_PAIR_GEN, {BITS, {CKA_VALUE, "x", 1}}, {0},
	CKR_ATTRIBUTE_TYPE_INVALID},
    {CKM_RSA_PKCS_KEY_PAIR_GEN, {BITS}, {CKA_EXTRACTABLE, &yes, 1},
	CKR_TEMPLATE_INCONSISTENT},
    {CKM_RSA_PKCS_KEY_PAIR_GEN, {BITS}, {CKA_SENSITIVE, &no, 1},
	CKR_TEMPLATE_INCONSISTENT},
    {CKM_RSA_PKCS_KEY_PAIR_GEN, {BITS}, {CKA_TOKEN, &no, 1},
	CKR_TEMPLATE_INCONSISTENT},
    {CKM_RSA_PKCS_KEY_PAIR_GEN, {BITS}, {CKA_SIGN, &no, 1},
	CKR_TEMPLATE_INCONSISTENT},
    {CKM_RSA_PKCS_KEY_PAIR_GEN, {BITS}, {CKA_SIGN, &no, 2},
	CKR_ATTRIBUTE_VALUE_INVALID},
    {CKM_RSA_PKCS_KEY_PAIR_GEN, {BITS}, {CKA_CLASS, &public, sizeof(public)},
	CKR_TEMPLATE_INCONSISTENT},
    {CKM_EC_KEY_PAIR_GEN, {{CKA_EC_PARAMS, P256_PARAMS, 10}},
	{CKA_KEY_TYPE, &rsa, sizeof(rsa)}, CKR_TEMPLATE_INCONSISTENT},
};
/* clang-format on */

static void
refuses_templates_that_cannot_be(void **state)
{
	CK_SESSION_HANDLE session = token_open_read_write();

	(void)state;
	for (size_t i = 0; i < sizeof(impossible) / sizeof(impossible[0]);
	     i++) {
		const struct wish public_wishes[] = {
		    impossible[i].public_wishes[0],
		    impossible[i].public_wishes[1], {0}};
		const struct wish private_wishes[] = {
		    impossible[i].private_wish, {0}};
		struct pair pair;

		print_message("case %zu\n", i);
		assert_int_equal(generate(session, impossible[i].type,
				     public_wishes, private_wishes, &pair),
		    impossible[i].rv);
	}
	assert_int_equal(token_search(session, NULL, 0, NULL, 0), 0);
	token_close();
}

static void
wants_a_label_and_a_place_on_the_token(void **state)
{
	CK_MECHANISM mechanism = {CKM_RSA_PKCS_KEY_PAIR_GEN, NULL, 0};
	static char strange[][4] = {"a\0b", "a\nb", "a\xffz"};
	static char too_long[PAIR_ID_MAX + 1];
	char label[] = "new";
	CK_ATTRIBUTE public_half = {
	    CKA_MODULUS_BITS, &bits_2048, sizeof(bits_2048)};
	CK_ATTRIBUTE on_token = {CKA_TOKEN, &yes, 1};
	CK_ATTRIBUTE named = {CKA_LABEL, label, 3};
	CK_ATTRIBUTE long_named = {CKA_LABEL, too_long, sizeof(too_long)};
	CK_SESSION_HANDLE session = token_open_read_write();
	struct pair pair;

	(void)state;
	assert_int_equal(
	    token()->C_GenerateKeyPair(session, &mechanism, &public_half, 1,
		&on_token, 1, &pair.public, &pair.private),
	    CKR_TEMPLATE_INCOMPLETE);
	assert_int_equal(
	    token()->C_GenerateKeyPair(session, &mechanism, &public_half, 1,
		&named, 1, &pair.public, &pair.private),
	    CKR_TEMPLATE_INCONSISTENT);
	memset(too_long, 'x', sizeof(too_long));
	assert_int_equal(
	    token()->C_GenerateKeyPair(session, &mechanism, &public_half, 1,
		&long_named, 1, &pair.public, &pair.private),
	    CKR_ATTRIBUTE_VALUE_INVALID);
	for (size_t i = 0; i < sizeof(strange) / sizeof(strange[0]); i++) {
		named.pValue = strange[i];
		assert_int_equal(token()->C_GenerateKeyPair(session, &mechanism,
				     &public_half, 1, &named, 1, &pair.public,
				     &pair.private),
		    CKR_ATTRIBUTE_VALUE_INVALID);
	}
	token_close();
}

/* Generates P-256 under the label "new". */
static CK_RV
generate_new(CK_SESSION_HANDLE session, struct pair *ret_pair)
{
	static const struct wish wishes[] = {
	    {CKA_EC_PARAMS, P256_PARAMS, 10},
            {0          }
        };
	static const struct wish nothing[] = {{0}};

	return generate(
	    session, CKM_EC_KEY_PAIR_GEN, wishes, nothing, ret_pair);
}

/* How many objects have a value; *ret_object is one of them. */
static CK_ULONG
count_with(CK_SESSION_HANDLE session, CK_ATTRIBUTE_TYPE type, const char *value,
    CK_ULONG length, CK_OBJECT_HANDLE *ret_objects)
{
	char copy[8];
	CK_ATTRIBUTE template = {type, copy, length};

	memcpy(copy, value, length);
	return token_search(session, &template, 1, ret_objects, 2);
}

static void
keeps_the_id_that_is_asked_for(void **state)
{
	static const struct wish public_wishes[] = {
	    {CKA_EC_PARAMS, P256_PARAMS, 10},
            {CKA_ID,           "\x00\xff", 2},
            {0       }
        };
	static const struct wish private_wishes[] = {
	    {CKA_ID, "\x00\xff", 2},
            {0    }
        };
	CK_SESSION_HANDLE session = token_open_read_write();
	CK_OBJECT_HANDLE found[2] = {0};
	struct pair pair;

	(void)state;
	assert_int_equal(generate(session, CKM_EC_KEY_PAIR_GEN, public_wishes,
			     private_wishes, &pair),
	    CKR_OK);
	assert_int_equal(count_with(session, CKA_ID, "\x00\xff", 2, found), 2);
	assert_true(found[0] == pair.private && found[1] == pair.public);
	assert_int_equal(count_with(session, CKA_LABEL, "new", 3, found), 2);
	assert_int_equal(count_with(session, CKA_ID, "new", 3, found), 0);
	token_close();
}

static void
calls_a_pair_by_its_label_if_no_id_is_asked_for(void **state)
{
	static const struct wish wishes[] = {
	    {CKA_EC_PARAMS, P256_PARAMS, 10},
            {CKA_ID,           "", 0},
            {0       }
        };
	static const struct wish nothing[] = {{0}};
	CK_SESSION_HANDLE session = token_open_read_write();
	CK_OBJECT_HANDLE found[2];
	struct pair pair;

	(void)state;
	assert_int_equal(
	    generate(session, CKM_EC_KEY_PAIR_GEN, wishes, nothing, &pair),
	    CKR_OK);
	assert_int_equal(count_with(session, CKA_ID, "new", 3, found), 2);
	token_close();
}

static void
never_calls_an_existing_key_a_new_one(void **state)
{
	CK_SESSION_HANDLE session = token_open_read_write();
	struct pair pair;

	(void)state;
	fake_remote_add_ec("new", "P-256", 5);
	assert_int_equal(
	    generate_new(session, &pair), CKR_ATTRIBUTE_VALUE_INVALID);
	token_close();
}

static void
says_why_nothing_was_made(void **state)
{
	static const struct {
		enum error_code code;
		CK_RV rv;
	} cases[] = {
	    {ERROR_DENIED,      CKR_TOKEN_WRITE_PROTECTED},
	    {ERROR_UNAVAILABLE, CKR_DEVICE_ERROR         },
	    {ERROR_INVALID,     CKR_FUNCTION_FAILED      },
	};
	CK_SESSION_HANDLE session = token_open_read_write();
	struct pair pair;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fake_remote_fail(cases[i].code);
		assert_int_equal(generate_new(session, &pair), cases[i].rv);
	}
	token_close();
}

static void
changes_nothing_in_a_read_only_session(void **state)
{
	CK_SESSION_HANDLE session = token_open();
	struct pair pair;

	(void)state;
	fake_remote_add_ec("ec", "P-256", 1);
	assert_int_equal(generate_new(session, &pair), CKR_SESSION_READ_ONLY);
	assert_int_equal(token()->C_DestroyObject(session,
			     token_find(session, CKO_PRIVATE_KEY, "ec")),
	    CKR_SESSION_READ_ONLY);
	assert_int_not_equal(token_find(session, CKO_PRIVATE_KEY, "ec"), 0);
	token_close();
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(makes_every_kind_of_pair, setup),
	    cmocka_unit_test_setup(asks_for_the_usage_of_the_template, setup),
	    cmocka_unit_test_setup(
		accepts_what_programs_ask_for_by_habit, setup),
	    cmocka_unit_test_setup(refuses_templates_that_cannot_be, setup),
	    cmocka_unit_test_setup(
		wants_a_label_and_a_place_on_the_token, setup),
	    cmocka_unit_test_setup(keeps_the_id_that_is_asked_for, setup),
	    cmocka_unit_test_setup(
		calls_a_pair_by_its_label_if_no_id_is_asked_for, setup),
	    cmocka_unit_test_setup(
		never_calls_an_existing_key_a_new_one, setup),
	    cmocka_unit_test_setup(says_why_nothing_was_made, setup),
	    cmocka_unit_test_setup(
		changes_nothing_in_a_read_only_session, setup),
	};

	return cmocka_run_group_tests_name(
	    "pkcs11 generate", tests, NULL, NULL);
}
