/* SPDX-License-Identifier: MIT */
/* Text that is UTF-8, and what is made of text that is not. */
#include "cmocka_wrap.h"

#include <stdlib.h>
#include <string.h>

#include "common/utf8.h"

static void
knows_a_line_of_text(void **state)
{
	(void)state;
	assert_true(utf8_is_line(""));
	assert_true(utf8_is_line("gr\xc3\xbc\xc3\x9f dich"));
	assert_false(utf8_is_line("two\nlines"));
	assert_false(utf8_is_line("carriage\r"));
	assert_false(utf8_is_line("\x7f"));
	assert_false(utf8_is_line("latin \xfc"));
	assert_false(utf8_is_line("cut \xc3"));
}

static void
assert_repairs(const char *text, size_t length, const char *expected)
{
	char *repaired = utf8_repair(text, length);

	assert_string_equal(repaired, expected);
	free(repaired);
}

static void
replaces_what_is_no_character(void **state)
{
	(void)state;
	assert_repairs("", 0, "");
	assert_repairs("gr\xc3\xbc", 4, "gr\xc3\xbc");
	assert_repairs("a\xff"
		       "b\xc3",
	    4, "a" UTF8_REPLACEMENT "b" UTF8_REPLACEMENT);
	assert_repairs("a\0b", 3, "a" UTF8_REPLACEMENT "b");
	assert_repairs("\xff\xfe\xfd", 3,
	    UTF8_REPLACEMENT UTF8_REPLACEMENT UTF8_REPLACEMENT);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(knows_a_line_of_text),
	    cmocka_unit_test(replaces_what_is_no_character),
	};

	return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
