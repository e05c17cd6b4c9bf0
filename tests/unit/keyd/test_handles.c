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

	if (handles_create(zero_key, zero_nonce, &handles, &err))
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

#define DATA(text)                                                             \
	(&(const struct key_input){(const unsigned char *)(text), strlen(text)})

/* A handle of the key, and what is derived from it. */
static char *
issue(const struct handles *handles, enum key_kind kind, const char *id)
{
	char *handle;
	struct error err;

	assert_int_equal(
	    handles_issue(handles, kind, id, &handle, &err), ERROR_NONE);
	return handle;
}

static char *
derive(const struct handles *handles, const char *base, const char *data)
{
	char *handle;
	struct error err;

	assert_int_equal(
	    handles_derive(handles, base, DATA(data), &handle, &err),
	    ERROR_NONE);
	return handle;
}

static void
issues_what_the_reference_issues(void **state)
{
	CLEANUP(string) char *pair = issue(*state, KEY_PAIR, "device-id");
	CLEANUP(string)
	char *master = issue(*state, KEY_SECRET, "aziot_identityd_master_id");
	CLEANUP(string)
	char *derived = derive(*state, master, "m1:637:primary");

	assert_string_equal(pair, VECTOR);
	assert_int_equal(strlen(pair), 232);
	assert_int_equal(strlen(derived), 620);
}

/* The text that a handle signs. */
static char *
signed_text(const char *handle)
{
	CLEANUP(string)
	char *sr = strndup(handle + 3, strcspn(handle + 3, "&"));
	unsigned char *text;
	size_t length;
	struct error err;

	assert_int_equal(base64_decode(sr, &text, &length, &err), ERROR_NONE);
	return (char *)text;
}

#define KEY_M "{\"key_id\":{\"Key\":\"m\"},\"nonce\":\""

static void
says_what_a_key_is_as_the_reference_does(void **state)
{
	CLEANUP(string) char *base = issue(*state, KEY_SECRET, "m");
	CLEANUP(string) char *derived = derive(*state, base, "a\xff");
	CLEANUP(string) char *of_base = signed_text(base);
	CLEANUP(string) char *of_derived = signed_text(derived);
	CLEANUP(string)
	char *expected = string_format(
	    "{\"key_id\":{\"Derived\":[\"%s\",[97,255]]},\"nonce\":\"", base);

	assert_int_equal(strncmp(of_base, KEY_M, strlen(KEY_M)), 0);
	assert_memory_equal(of_derived, expected, strlen(expected));
}

static void
assert_key(const struct handles *handles, const char *text, enum key_kind kind,
    const char *id, size_t levels)
{
	CLEANUP_DONE(handle) struct handle handle = {.id = NULL};
	struct error err;

	assert_int_equal(
	    handles_verify(handles, text, &handle, &err), ERROR_NONE);
	assert_int_equal(handle.key.kind, kind);
	assert_string_equal(handle.key.id, id);
	assert_int_equal(handle.key.level_count, levels);
	assert_true(handle.key.by_handle);
}

static void
verifies_what_it_issued(void **state)
{
	static const char *const ids[] = {"device-id", "a", "sp ace/slash%&=é"};

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		CLEANUP(string) char *pair = issue(*state, KEY_PAIR, ids[i]);
		CLEANUP(string)
		char *secret = issue(*state, KEY_SECRET, ids[i]);
		CLEANUP(string) char *derived = derive(*state, secret, "");

		assert_key(*state, pair, KEY_PAIR, ids[i], 0);
		assert_key(*state, secret, KEY_SECRET, ids[i], 0);
		assert_key(*state, derived, KEY_SECRET, ids[i], 1);
	}
}

static void
keeps_the_levels_of_derivation_apart(void **state)
{
	CLEANUP(string) char *base = issue(*state, KEY_SECRET, "m");
	CLEANUP(string) char *first = derive(*state, base, "one");
	CLEANUP(string) char *second = derive(*state, first, "two");
	CLEANUP_DONE(handle) struct handle handle = {.id = NULL};
	struct error err;

	assert_int_equal(
	    handles_verify(*state, second, &handle, &err), ERROR_NONE);
	assert_int_equal(handle.key.level_count, 2);
	assert_int_equal(handle.key.levels[0].length, 3);
	assert_memory_equal(handle.key.levels[0].data, "one", 3);
	assert_memory_equal(handle.key.levels[1].data, "two", 3);
}

static void
refuses_too_many_levels(void **state)
{
	CLEANUP(string) char *text = issue(*state, KEY_SECRET, "m");
	struct handle handle;
	struct error err;

	for (size_t i = 0; i < KEY_LEVELS_MAX; i++) {
		char *next = derive(*state, text, "x");

		free(text);
		text = next;
		assert_key(*state, text, KEY_SECRET, "m", i + 1);
	}
	CLEANUP(string) char *last = derive(*state, text, "x");

	assert_int_equal(
	    handles_verify(*state, last, &handle, &err), ERROR_INVALID);
	assert_non_null(strstr(err.message, "9 times"));
}

static void
refuses_what_is_derived_from_a_pair(void **state)
{
	CLEANUP(string) char *pair = issue(*state, KEY_PAIR, "p");
	CLEANUP(string) char *derived = derive(*state, pair, "x");
	struct handle handle;
	struct error err;

	assert_int_equal(
	    handles_verify(*state, derived, &handle, &err), ERROR_INVALID);
}

static char *
delegate(const struct handles *handles, const char *text, uid_t by, uid_t to)
{
	char *delegated;
	struct error err;

	assert_int_equal(
	    handles_delegate(handles, text, by, to, &delegated, &err),
	    ERROR_NONE);
	return delegated;
}

static void
assert_delegated(
    const struct handles *handles, const char *text, uid_t by, uid_t to)
{
	CLEANUP_DONE(handle) struct handle handle = {.id = NULL};
	struct error err;

	assert_int_equal(
	    handles_verify(handles, text, &handle, &err), ERROR_NONE);
	assert_true(handle.key.is_delegated);
	assert_int_equal(handle.key.delegator, by);
	assert_int_equal(handle.key.delegate, to);
}

static void
says_who_let_whom_use_a_key(void **state)
{
	CLEANUP(string) char *base = issue(*state, KEY_SECRET, "m");
	CLEANUP(string) char *lent = delegate(*state, base, 1, 4294967294U);
	CLEANUP(string) char *derived = derive(*state, lent, "x");
	CLEANUP(string) char *lent_on = delegate(*state, derived, 2, 3);

	assert_delegated(*state, lent, 1, 4294967294U);
	assert_key(*state, lent, KEY_SECRET, "m", 0);
	assert_delegated(*state, derived, 1, 4294967294U);
	assert_key(*state, derived, KEY_SECRET, "m", 1);
	assert_delegated(*state, lent_on, 2, 3);
	assert_key(*state, lent_on, KEY_SECRET, "m", 1);
}

static void
gives_two_handles_of_a_key_different_nonces(void **state)
{
	CLEANUP(handles) struct handles *handles = NULL;
	struct error err;

	(void)state;
	assert_int_equal(
	    handles_create(zero_key, NULL, &handles, &err), ERROR_NONE);

	CLEANUP(string) char *one = issue(handles, KEY_PAIR, "a");
	CLEANUP(string) char *two = issue(handles, KEY_PAIR, "a");

	assert_string_not_equal(one, two);
}

static void
takes_the_parts_in_any_order_and_the_last_of_each(void **state)
{
	CLEANUP(string) char *sr = strndup(VECTOR, strcspn(VECTOR, "&"));
	CLEANUP(string)
	char *turned =
	    string_format("sig=AA==&x=y&%s&%s", strchr(VECTOR, '&') + 1, sr);

	assert_key(*state, turned, KEY_PAIR, "device-id", 0);
}

static void
assert_refuses(const struct handles *handles, const char *text)
{
	struct handle handle;
	struct error err;

	assert_int_equal(
	    handles_verify(handles, text, &handle, &err), ERROR_INVALID);
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

	for (size_t i = 0; i < sizeof(handles) / sizeof(handles[0]); i++)
		assert_refuses(*state, handles[i]);
	assert_non_null(long_one);
	memset(long_one, 'a', HANDLE_MAX + 1);
	assert_refuses(*state, long_one);
}

static void
makes_no_handle_that_it_would_refuse(void **state)
{
	CLEANUP(string) char *base = issue(*state, KEY_SECRET, "m");
	CLEANUP(string) char *data = calloc(1, HANDLE_MAX);
	CLEANUP(string) char *derived = NULL;
	struct error err;

	assert_non_null(data);
	memset(data, 'a', HANDLE_MAX - 1);
	assert_int_equal(
	    handles_derive(*state, base, DATA(data), &derived, &err),
	    ERROR_INVALID);
}

static void
refuses_a_handle_of_another_keyd(void **state)
{
	unsigned char other_key[HANDLES_KEY_LENGTH] = {1};
	CLEANUP(handles) struct handles *other = NULL;
	struct error err;

	assert_int_equal(
	    handles_create(other_key, NULL, &other, &err), ERROR_NONE);

	CLEANUP(string) char *handle = issue(other, KEY_PAIR, "a");
	CLEANUP(string) char *within = issue(other, KEY_SECRET, "a");
	CLEANUP(string) char *derived = derive(*state, within, "x");

	assert_refuses(*state, handle);
	assert_refuses(*state, derived);
}

static void
keeps_its_key_in_a_file_of_the_owner(void **state)
{
	char path[] = "/tmp/handles.XXXXXX";
	CLEANUP(handles) struct handles *first = NULL;
	CLEANUP(handles) struct handles *second = NULL;
	struct stat status;
	struct error err;

	(void)state;
	assert_int_equal(close(mkstemp(path)), 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(handles_open(path, &first, &err), ERROR_NONE);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);

	assert_int_equal(handles_open(path, &second, &err), ERROR_NONE);

	CLEANUP(string) char *handle = issue(first, KEY_PAIR, "a");

	assert_key(second, handle, KEY_PAIR, "a", 0);
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
	    cmocka_unit_test(says_what_a_key_is_as_the_reference_does),
	    cmocka_unit_test(verifies_what_it_issued),
	    cmocka_unit_test(keeps_the_levels_of_derivation_apart),
	    cmocka_unit_test(refuses_too_many_levels),
	    cmocka_unit_test(refuses_what_is_derived_from_a_pair),
	    cmocka_unit_test(says_who_let_whom_use_a_key),
	    cmocka_unit_test(gives_two_handles_of_a_key_different_nonces),
	    cmocka_unit_test(takes_the_parts_in_any_order_and_the_last_of_each),
	    cmocka_unit_test(refuses_what_it_did_not_issue),
	    cmocka_unit_test(makes_no_handle_that_it_would_refuse),
	    cmocka_unit_test(refuses_a_handle_of_another_keyd),
	    cmocka_unit_test(keeps_its_key_in_a_file_of_the_owner),
	    cmocka_unit_test(leaves_a_damaged_key_file_alone),
	};

	return cmocka_run_group_tests_name("handles", tests, setup, teardown);
}
