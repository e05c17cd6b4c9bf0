/* SPDX-License-Identifier: MIT */
/* Forms as browsers send them, and as they do not. */
#include "cmocka_wrap.h"

#include <stdio.h>
#include <string.h>

#include "form.h"

#define TYPE "multipart/form-data; boundary=xYz"
#define PART(head) "--xYz\r\nContent-Disposition: form-data; " head "\r\n\r\n"
#define END "--xYz--\r\n"

static enum error_code
parse(const char *body, struct form *ret_form, struct error *err)
{
	return form_parse(TYPE, body, strlen(body), ret_form, err);
}

static void
assert_malformed(const char *type, const char *body, const char *says)
{
	struct form form;
	struct error err;

	assert_int_equal(
	    form_parse(type, body, strlen(body), &form, &err), ERROR_MALFORMED);
	assert_non_null(strstr(err.message, says));
}

static void
reads_texts_and_files(void **state)
{
	static const char body[] = PART("name=\"id\"") "dev-1\r\n" PART(
	    "name=\"twin\"") "{\r\n}\r\n"
			     "--xYz\r\ncontent-type: text/plain\r\n"
			     "content-disposition: form-data; name=file; "
			     "filename=\"a b.cer\""
			     "\r\n\r\n\x30\x00\r\n--xY\r\n" END;
	CLEANUP_DONE(form) struct form form = {0};
	const struct form_field *file;
	struct error err;

	(void)state;
	assert_int_equal(
	    form_parse("Multipart/Form-Data; charset=utf-8; boundary=\"xYz\"",
		body, sizeof(body) - 1, &form, &err),
	    ERROR_NONE);
	assert_string_equal(form_text(&form, "id"), "dev-1");
	assert_string_equal(form_text(&form, "twin"), "{\r\n}");
	assert_null(form_text(&form, "file"));
	assert_null(form_text(&form, "absent"));
	file = form_file(&form, "file");
	assert_non_null(file);
	assert_string_equal(file->file_name, "a b.cer");
	assert_int_equal(file->length, 8);
	assert_memory_equal(file->data, "\x30\x00\r\n--xY", 8);
}

static void
takes_a_file_that_was_not_chosen_for_none(void **state)
{
	CLEANUP_DONE(form) struct form form = {0};
	struct error err;

	(void)state;
	assert_int_equal(
	    parse(PART("name=\"file\"; filename=\"\"") "\r\n" END, &form, &err),
	    ERROR_NONE);
	assert_null(form_file(&form, "file"));
	assert_int_equal(form.count, 1);
}

static void
reads_a_form_of_nothing(void **state)
{
	CLEANUP_DONE(form) struct form form = {0};
	struct error err;

	(void)state;
	assert_int_equal(parse(END, &form, &err), ERROR_NONE);
	assert_int_equal(form.count, 0);
}

static void
refuses_what_is_no_form(void **state)
{
	static const char good[] = PART("name=\"a\"") "b\r\n" END;

	(void)state;
	assert_malformed(NULL, good, "multipart/form-data");
	assert_malformed(
	    "application/x-www-form-urlencoded", "a=b", "multipart/form-data");
	assert_malformed("multipart/form-data", good, "boundary");
	assert_malformed("multipart/form-data; boundary=", good, "boundary");
	assert_malformed(
	    "multipart/form-data; boundary=\"xYz", good, "boundary");
	assert_malformed("multipart/form-data; boundary="
			 "12345678901234567890123456789012345678901234567890"
			 "123456789012345678901",
	    good, "boundary");
	assert_malformed("multipart/form-data; boundary=other", good, "begin");
}

static void
refuses_forms_that_are_broken(void **state)
{
	(void)state;
	assert_malformed(TYPE, "", "begin");
	assert_malformed(TYPE, PART("name=\"a\"") "b", "cut off");
	assert_malformed(TYPE, PART("name=\"a\"") "b\r\n--xYz", "cut off");
	assert_malformed(
	    TYPE, PART("filename=\"a\"") "b\r\n" END, "without a name");
	assert_malformed(TYPE, "--xYz\r\nb\r\n" END, "without a head");
	assert_malformed(TYPE, "--xYz\r\nA: b\r\n\r\nb\r\n" END,
	    "without a Content-Disposition");
	assert_malformed(TYPE, PART("name=\"a\"") "\xff\r\n" END, "UTF-8");
	assert_malformed(TYPE, PART("name=\"\xff\"") "b\r\n" END, "name");
}

static void
refuses_text_with_a_nul(void **state)
{
	static const char body[] = PART("name=\"a\"") "b\0c\r\n" END;
	struct form form;
	struct error err;

	(void)state;
	assert_int_equal(form_parse(TYPE, body, sizeof(body) - 1, &form, &err),
	    ERROR_MALFORMED);
}

static void
refuses_more_fields_than_any_form_has(void **state)
{
	char body[FORM_FIELDS_MAX * 80] = "";
	size_t length = 0;

	(void)state;
	for (int i = 0; i <= FORM_FIELDS_MAX; i++)
		length += (size_t)snprintf(body + length, sizeof(body) - length,
		    PART("name=\"a\"") "\r\n");
	(void)snprintf(body + length, sizeof(body) - length, END);
	assert_malformed(TYPE, body, "too many");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_texts_and_files),
	    cmocka_unit_test(takes_a_file_that_was_not_chosen_for_none),
	    cmocka_unit_test(reads_a_form_of_nothing),
	    cmocka_unit_test(refuses_what_is_no_form),
	    cmocka_unit_test(refuses_forms_that_are_broken),
	    cmocka_unit_test(refuses_text_with_a_nul),
	    cmocka_unit_test(refuses_more_fields_than_any_form_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
