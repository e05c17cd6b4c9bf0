/* SPDX-License-Identifier: MIT */
/* PINs that tokens have refused. */
#include "cmocka_wrap.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/file.h"
#include "refusals.h"
#include "scratch.h"

#define PIN "648219"

static const struct slot device = {.label = "device", .serial = "d1"};
static const struct slot twin = {.label = "device", .serial = "d2"};

static struct refusals *refusals;
static struct error err;

static void
begin(const char *folder)
{
	assert_int_equal(refusals_create(folder, &refusals, &err), ERROR_NONE);
}

static void
restart(const char *folder)
{
	refusals_free(refusals);
	begin(folder);
}

static bool
is_refused(const struct slot *slot, const char *pin)
{
	enum error_code code = refusals_check(refusals, slot, pin, &err);

	assert_true(code == ERROR_NONE || code == ERROR_UNAVAILABLE);
	return code == ERROR_UNAVAILABLE;
}

static void
refuse(const struct slot *slot, const char *pin)
{
	assert_int_equal(
	    refusals_add(refusals, slot, pin, CKR_PIN_INCORRECT, &err),
	    ERROR_NONE);
}

static char *
path_in(const char *folder)
{
	char *path = string_format("%s/refused-pins.json", folder);

	assert_non_null(path);
	return path;
}

static void
knows_a_refused_pin_and_no_other(void **state)
{
	begin(*state);
	assert_false(is_refused(&device, PIN));
	refuse(&device, PIN);
	assert_true(is_refused(&device, PIN));
	assert_non_null(strstr(err.message, "refused-pins.json"));
	assert_false(is_refused(&device, "648218"));
	/* Asked twice, as the answer is remembered. */
	assert_true(is_refused(&device, PIN));
	refusals_free(refusals);
}

static void
keeps_tokens_apart(void **state)
{
	begin(*state);
	refuse(&device, PIN);
	refuse(&twin, "173205");
	assert_true(is_refused(&device, PIN));
	assert_false(is_refused(&twin, PIN));
	assert_true(is_refused(&twin, "173205"));
	assert_false(is_refused(&device, "173205"));
	refusals_free(refusals);
}

static void
remembers_across_restarts(void **state)
{
	begin(*state);
	refuse(&device, PIN);
	restart(*state);
	assert_true(is_refused(&device, PIN));
	refuse(&device, "173205");
	restart(*state);
	assert_true(is_refused(&device, "173205"));
	assert_false(is_refused(&device, PIN));
	refusals_free(refusals);
}

static void
says_what_the_token_returned_also_after_a_restart(void **state)
{
	begin(*state);
	assert_int_equal(
	    refusals_add(refusals, &device, PIN, CKR_PIN_EXPIRED, &err),
	    ERROR_NONE);
	refuse(&twin, PIN);
	restart(*state);
	/* Asked twice, as the answer is remembered. */
	for (int i = 0; i < 2; i++) {
		assert_true(is_refused(&device, PIN));
		assert_non_null(strstr(err.message,
		    "token 'device': C_Login: CKR_PIN_EXPIRED (set a new "));
	}
	assert_true(is_refused(&twin, PIN));
	assert_non_null(strstr(err.message,
	    "token 'device': C_Login: CKR_PIN_INCORRECT (correct the PIN); "));
	refusals_free(refusals);
}

static void
knows_what_an_earlier_keyd_has_noted(void **state)
{
	static const char text[] =
	    "{\"refused\":[{\"label\":\"device\",\"serial\":\"d1\"}]}";
	CLEANUP(string) char *path = path_in(*state);

	assert_int_equal(
	    file_write(path, text, strlen(text), 0600, &err), ERROR_NONE);
	begin(*state);
	assert_true(is_refused(&device, PIN));
	assert_non_null(
	    strstr(err.message, "token 'device': the PIN that it "));
	refusals_free(refusals);
}

static void
forgets_when_the_token_takes_a_pin(void **state)
{
	CLEANUP(string) char *path = path_in(*state);

	begin(*state);
	refuse(&device, PIN);
	refuse(&twin, PIN);
	assert_int_equal(refusals_forget(refusals, &device, &err), ERROR_NONE);
	assert_false(is_refused(&device, PIN));
	assert_true(is_refused(&twin, PIN));
	assert_int_equal(refusals_forget(refusals, &twin, &err), ERROR_NONE);
	assert_false(file_exists(path));
	refusals_free(refusals);
}

static void
forgets_when_the_file_is_removed(void **state)
{
	CLEANUP(string) char *path = path_in(*state);

	begin(*state);
	refuse(&device, PIN);
	assert_true(is_refused(&device, PIN));
	assert_int_equal(unlink(path), 0);
	assert_false(is_refused(&device, PIN));
	refusals_free(refusals);
}

static void
tries_no_pin_while_the_file_is_damaged(void **state)
{
	static const char *const texts[] = {"{", "[]", "{}",
	    "{\"refused\":[{\"label\":\"device\",\"serial\":\"d1\"}]}"};
	CLEANUP(string) char *path = path_in(*state);

	begin(*state);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(
		    file_write(path, texts[i], strlen(texts[i]), 0600, &err),
		    ERROR_NONE);
		assert_true(is_refused(&device, PIN));
		assert_non_null(strstr(err.message, "refused-pins.json"));
	}
	refuse(&device, "173205");
	assert_false(is_refused(&device, PIN));
	refusals_free(refusals);
}

static void
knows_it_also_if_it_cannot_be_written(void **state)
{
	CLEANUP(string)
	char *folder = string_format("%s/later", (char *)*state);

	begin(folder);
	assert_int_equal(
	    refusals_add(refusals, &device, PIN, CKR_PIN_INCORRECT, &err),
	    ERROR_INTERNAL);
	assert_true(is_refused(&device, PIN));
	/* It is written as soon as that can be done. */
	assert_int_equal(mkdir(folder, 0700), 0);
	assert_true(is_refused(&device, PIN));
	restart(folder);
	assert_true(is_refused(&device, PIN));
	refusals_free(refusals);
}

static void
needs_no_folder(void **state)
{
	(void)state;
	begin(NULL);
	refuse(&device, PIN);
	assert_true(is_refused(&device, PIN));
	assert_false(is_refused(&device, "648218"));
	refusals_free(refusals);
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, scratch_create, scratch_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(knows_a_refused_pin_and_no_other),
	    TEST(keeps_tokens_apart),
	    TEST(remembers_across_restarts),
	    TEST(says_what_the_token_returned_also_after_a_restart),
	    TEST(knows_what_an_earlier_keyd_has_noted),
	    TEST(forgets_when_the_token_takes_a_pin),
	    TEST(forgets_when_the_file_is_removed),
	    TEST(tries_no_pin_while_the_file_is_damaged),
	    TEST(knows_it_also_if_it_cannot_be_written),
	    TEST(needs_no_folder),
	};

	return cmocka_run_group_tests_name("keyd refusals", tests, NULL, NULL);
}
