/* SPDX-License-Identifier: MIT */
/* Base64: RFC 4648 section 10, and one text only per value. */
#include "cmocka_wrap.h"

#include <string.h>

#include "common/base64.h"

static void
encodes_and_decodes_the_vectors_of_the_rfc(void **state)
{
	static const struct {
		const char *plain;
		const char *text;
	} cases[] = {
	    {"",         ""        },
	    {"f",        "Zg=="    },
	    {"fo",       "Zm8="    },
	    {"foo",      "Zm9v"    },
	    {"foob",     "Zm9vYg=="},
	    {"fooba",    "Zm9vYmE="},
	    {"foobar",   "Zm9vYmFy"},
	    {"\xfb\xff", "+/8="    },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t expected = strlen(cases[i].plain);
		CLEANUP(string)
		char *text = base64_encode(cases[i].plain, expected);
		unsigned char *data = NULL;
		size_t length;
		struct error err;

		assert_string_equal(text, cases[i].text);
		assert_int_equal(
		    base64_decode(text, &data, &length, &err), ERROR_NONE);
		assert_int_equal(length, expected);
		assert_memory_equal(data, cases[i].plain, length + 1);
		free(data);
	}
}

static void
refuses_what_is_not_strictly_base64(void **state)
{
	static const char *const texts[] = {"Z", "Zg", "Zg=", "=",
	    "====", "Z===", "Zg=A", "Zm9v=", "Zm9v\n", "Zm 9v", "Zm-_",
	    "Zh==", "Zm9=", "Zg==Zg==", "Zm9v====", "\xc3\xa4\xc3\xa4"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		unsigned char *data = NULL;
		size_t length;
		struct error err;

		print_message("%s\n", texts[i]);
		assert_int_equal(base64_decode(texts[i], &data, &length, &err),
		    ERROR_MALFORMED);
		assert_null(data);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(encodes_and_decodes_the_vectors_of_the_rfc),
	    cmocka_unit_test(refuses_what_is_not_strictly_base64),
	};

	return cmocka_run_group_tests_name("base64", tests, NULL, NULL);
}
