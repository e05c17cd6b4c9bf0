/* SPDX-License-Identifier: MIT */
/* Handles: the form that aziot's clients carry, and what is refused. */
#include "cmocka_wrap.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base64.h"
#include "common/file.h"
#include "handles.h"

/* Key pair "device-id", K and nonce all zeroes. */
#define VECTOR                                                                 \
	"sr=eyJrZXlfaWQiOnsiS2V5UGFpciI6ImRldmljZS1pZCJ9LCJub25jZSI6IkFBQUFBQ" \
	"UFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQ" \
	"U"                                                                    \
	"FBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBPT0ifQ==&sig=gxsi7kmxyDthfeSPk" \
	"bp/PPIOl9G9ub2uP4YDAlZi7lU="

static const unsigned char zero_key[HANDLES_KEY_LENGTH];
static const unsigned char zero_nonce[HANDLES_NONCE_LENGTH];

static int
setup(void **state)
{
	struct handles *handles;
	struct error err;

	if (handles_create(zero_key, &handles, &err))
		return -1;
	*state = handles;
	return 0;
}

static int
teardown(void **state)
{
	handles_free(*state);
	return 0;
}

static void
issues_what_the_reference_issues(void **state)
{
	CLEANUP(string) char *handle = NULL;
	struct error err;

	assert_int_equal(
	    handles_issue_with(*state, "device-id", zero_nonce, &handle, &err),
	    ERROR_NONE);
	assert_string_equal(handle, VECTOR);
	assert_int_equal(strlen(handle), 232);
}

static void
verifies_what_it_issued(void **state)
{
	static const char *const ids[] = {"device-id", "a", "sp ace/slash%&=é"};
	struct error err;

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		CLEANUP(string) char *handle = NULL;
		CLEANUP(string) char *id = NULL;

		assert_int_equal(
		    handles_issue(*state, ids[i], &handle, &err), ERROR_NONE);
		assert_int_equal(
		    handles_verify(*state, handle, &id, &err), ERROR_NONE);
		assert_string_equal(id, ids[i]);
	}
}

static void
gives_two_handles_of_a_key_different_nonces(void **state)
{
	CLEANUP(string) char *one = NULL;
	CLEANUP(string) char *two = NULL;
	struct error err;

	assert_int_equal(handles_issue(*state, "a", &one, &err), ERROR_NONE);
	assert_int_equal(handles_issue(*state, "a", &two, &err), ERROR_NONE);
	assert_string_not_equal(one, two);
}

static void
takes_the_parts_in_any_order_and_the_last_of_each(void **state)
{
	CLEANUP(string) char *sr = strndup(VECTOR, strcspn(VECTOR, "&"));
	CLEANUP(string)
	char *turned =
	    string_format("sig=AA==&x=y&%s&%s", strchr(VECTOR, '&') + 1, sr);
	CLEANUP(string) char *id = NULL;
	struct error err;

	assert_int_equal(handles_verify(*state, turned, &id, &err), ERROR_NONE);
	assert_string_equal(id, "device-id");
}

static void
refuses_what_it_did_not_issue(void **state)
{
	static const char *const handles[] = {
	    "",
	    "sr=",
	    "sr=&sig=",
	    "sig=gxsi7kmxyDthfeSPkbp/PPIOl9G9ub2uP4YDAlZi7lU=",
	    "sr=e30=&sig=gxsi7kmxyDthfeSPkbp/PPIOl9G9ub2uP4YDAlZi7lU=",
	    "sr=!!!!&sig=gxsi7kmxyDthfeSPkbp/PPIOl9G9ub2uP4YDAlZi7lU=",
	    "sr=e30=&sig=AAAA",
	    "&&&&",
	};
	CLEANUP(string) char *long_one = calloc(1, HANDLE_MAX + 2);
	CLEANUP(string) char *id = NULL;
	struct error err;

	for (size_t i = 0; i < sizeof(handles) / sizeof(handles[0]); i++)
		assert_int_equal(handles_verify(*state, handles[i], &id, &err),
		    ERROR_INVALID);
	assert_non_null(long_one);
	memset(long_one, 'a', HANDLE_MAX + 1);
	assert_int_equal(
	    handles_verify(*state, long_one, &id, &err), ERROR_INVALID);
}

static void
refuses_a_handle_of_another_keyd(void **state)
{
	unsigned char other_key[HANDLES_KEY_LENGTH] = {1};
	CLEANUP(handles) struct handles *other = NULL;
	CLEANUP(string) char *handle = NULL;
	CLEANUP(string) char *id = NULL;
	struct error err;

	assert_int_equal(handles_create(other_key, &other, &err), ERROR_NONE);
	assert_int_equal(handles_issue(other, "a", &handle, &err), ERROR_NONE);
	assert_int_equal(
	    handles_verify(*state, handle, &id, &err), ERROR_INVALID);
}

static void
keeps_its_key_in_a_file_of_the_owner(void **state)
{
	char path[] = "/tmp/handles.XXXXXX";
	CLEANUP(handles) struct handles *first = NULL;
	CLEANUP(handles) struct handles *second = NULL;
	CLEANUP(string) char *handle = NULL;
	CLEANUP(string) char *id = NULL;
	struct stat status;
	struct error err;

	(void)state;
	assert_int_equal(close(mkstemp(path)), 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(handles_open(path, &first, &err), ERROR_NONE);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);

	assert_int_equal(handles_issue(first, "a", &handle, &err), ERROR_NONE);
	assert_int_equal(handles_open(path, &second, &err), ERROR_NONE);
	assert_int_equal(handles_verify(second, handle, &id, &err), ERROR_NONE);
	assert_int_equal(unlink(path), 0);
}

static void
leaves_a_damaged_key_file_alone(void **state)
{
	char path[] = "/tmp/handles.XXXXXX";
	CLEANUP(handles) struct handles *handles = NULL;
	struct stat status;
	struct error err;
	int descriptor = mkstemp(path);

	(void)state;
	assert_int_equal(write(descriptor, "short", 5), 5);
	assert_int_equal(close(descriptor), 0);
	assert_int_equal(handles_open(path, &handles, &err), ERROR_INVALID);
	assert_non_null(strstr(err.message, path));
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_size, 5);
	assert_int_equal(unlink(path), 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(issues_what_the_reference_issues),
	    cmocka_unit_test(verifies_what_it_issued),
	    cmocka_unit_test(gives_two_handles_of_a_key_different_nonces),
	    cmocka_unit_test(takes_the_parts_in_any_order_and_the_last_of_each),
	    cmocka_unit_test(refuses_what_it_did_not_issue),
	    cmocka_unit_test(refuses_a_handle_of_another_keyd),
	    cmocka_unit_test(keeps_its_key_in_a_file_of_the_owner),
	    cmocka_unit_test(leaves_a_damaged_key_file_alone),
	};

	return cmocka_run_group_tests_name("handles", tests, setup, teardown);
}
