/* SPDX-License-Identifier: MIT */
/* The names of what tokens return, and what follows from them. */
#include "cmocka_wrap.h"

#include "ckr.h"

static void
names_values(void **state)
{
	static const struct {
		CK_RV value;
		const char *name;
	} cases[] = {
	    {CKR_OK,		     "CKR_OK"                    },
	    {CKR_PIN_INCORRECT,          "CKR_PIN_INCORRECT"         },
	    {CKR_SESSION_HANDLE_INVALID, "CKR_SESSION_HANDLE_INVALID"},
	    {CKR_FUNCTION_REJECTED,      "CKR_FUNCTION_REJECTED"     },
	    {CKR_VENDOR_DEFINED | 0x12,  "CKR_VENDOR_DEFINED+0x12"   },
	    {0x7777,		     "0x7777"                    },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(
		    ckr_name(cases[i].value).text, cases[i].name);
}

static void
tells_apart_what_to_do_next(void **state)
{
	static const struct {
		CK_RV value;
		enum ckr_class class;
		enum error_code code;
	} cases[] = {
	    {CKR_PIN_INCORRECT,           CKR_CLASS_PIN,     ERROR_UNAVAILABLE},
	    {CKR_PIN_LOCKED,              CKR_CLASS_PIN,     ERROR_UNAVAILABLE},
	    {CKR_DEVICE_ERROR,            CKR_CLASS_BROKEN,  ERROR_UNAVAILABLE},
	    {CKR_SESSION_HANDLE_INVALID,  CKR_CLASS_BROKEN,  ERROR_UNAVAILABLE},
	    {CKR_TOKEN_NOT_PRESENT,       CKR_CLASS_BROKEN,  ERROR_UNAVAILABLE},
	    {CKR_OBJECT_HANDLE_INVALID,   CKR_CLASS_STALE,   ERROR_UNAVAILABLE},
	    {CKR_DATA_LEN_RANGE,          CKR_CLASS_REQUEST, ERROR_INVALID    },
	    {CKR_ATTRIBUTE_VALUE_INVALID, CKR_CLASS_REQUEST, ERROR_INVALID    },
	    {CKR_MECHANISM_INVALID,       CKR_CLASS_REQUEST, ERROR_INVALID    },
	    {0x7777,		      CKR_CLASS_OTHER,   ERROR_UNAVAILABLE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct error err;

		print_message("%s\n", ckr_name(cases[i].value).text);
		assert_int_equal(ckr_class_of(cases[i].value), cases[i].class);
		assert_int_equal(error_set_ckr(&err, cases[i].value, "C_Sign"),
		    cases[i].code);
	}
	assert_int_equal(ckr_class_of(CKR_OK), CKR_CLASS_OK);
}

static void
says_what_to_do(void **state)
{
	struct error err;

	(void)state;
	(void)error_set_ckr(&err, CKR_PIN_INCORRECT, "C_Login");
	assert_string_equal(
	    err.message, "C_Login: CKR_PIN_INCORRECT (correct the PIN)");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_values),
	    cmocka_unit_test(tells_apart_what_to_do_next),
	    cmocka_unit_test(says_what_to_do),
	};

	return cmocka_run_group_tests_name("ckr", tests, NULL, NULL);
}
