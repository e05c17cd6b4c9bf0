/* SPDX-License-Identifier: MIT */
/* Errors: one statement to raise, a prefix per layer, never an overrun. */
#include "cmocka_wrap.h"

#include <errno.h>
#include <string.h>

#include "common/error.h"

static void
wrap_keeps_the_code_and_prefixes_the_message(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(error_set(&err, ERROR_NOT_FOUND, "no key '%s'", "a"),
	    ERROR_NOT_FOUND);
	assert_int_equal(
	    error_wrap(&err, "cannot sign for %d", 7), ERROR_NOT_FOUND);
	assert_int_equal(err.code, ERROR_NOT_FOUND);
	assert_string_equal(err.message, "cannot sign for 7: no key 'a'");
}

static void
errno_is_told_and_kept(void **state)
{
	struct error err;

	(void)state;
	errno = ENOSPC;
	assert_int_equal(
	    error_set_errno(&err, ERROR_INTERNAL, "writing '%s'", "f"),
	    ERROR_INTERNAL);
	assert_string_equal(
	    err.message, "writing 'f': No space left on device");
}

static void
a_message_may_be_made_of_itself(void **state)
{
	struct error err;

	(void)state;
	(void)error_set(&err, ERROR_INVALID, "cause");
	(void)error_set(&err, ERROR_DENIED, "<%s>", err.message);
	assert_string_equal(err.message, "<cause>");
	(void)error_wrap(&err, "%s", err.message);
	assert_string_equal(err.message, "<cause>: <cause>");
}

static void
long_messages_are_truncated_not_overrun(void **state)
{
	char tail[2 * ERROR_MESSAGE_MAX];
	struct error err;

	(void)state;
	memset(tail, 'x', sizeof(tail) - 1);
	tail[sizeof(tail) - 1] = '\0';

	(void)error_set(&err, ERROR_INTERNAL, "%s", tail);
	(void)error_wrap(&err, "%s", tail);
	assert_int_equal(strlen(err.message), ERROR_MESSAGE_MAX - 1);
	(void)error_set_errno(&err, ERROR_INTERNAL, "%s", tail);
	assert_int_equal(strlen(err.message), ERROR_MESSAGE_MAX - 1);
}

static void
every_code_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (int code = ERROR_NONE; code <= ERROR_INTERNAL; code++)
		assert_int_equal(error_code_from_name(
				     error_code_name((enum error_code)code)),
		    code);
	assert_string_equal(error_code_name(ERROR_NOT_FOUND), "not-found");
	assert_int_equal(error_code_from_name("nonsense"), ERROR_INTERNAL);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(wrap_keeps_the_code_and_prefixes_the_message),
	    cmocka_unit_test(errno_is_told_and_kept),
	    cmocka_unit_test(a_message_may_be_made_of_itself),
	    cmocka_unit_test(long_messages_are_truncated_not_overrun),
	    cmocka_unit_test(every_code_has_a_name_of_its_own),
	};

	return cmocka_run_group_tests_name("error", tests, NULL, NULL);
}
