/* SPDX-License-Identifier: MIT */
/*
 * The rules of modules: what is made, remembered and forgotten, whatever step
 * fails. The hub is a table; what is remembered is on disk.
 */
#include "cmocka_wrap.h"

#include "common/file.h"
#include "fake_hub.h"
#include "module_store.h"
#include "modules_world.h"

/* ---- for callers ---- */

static void
makes_and_removes_a_module(void **state)
{
	(void)state;
	assert_int_equal(make("m1"), ERROR_NONE);
	assert_true(fake_hub_has_our_keys("m1"));
	assert_int_equal(get("m1"), ERROR_NONE);
	assert_int_equal(drop("m1"), ERROR_NONE);
	assert_null(fake_hub_find("m1"));
	assert_int_equal(remembered(), 0);
	assert_int_equal(drop("m1"), ERROR_NONE);
	assert_int_equal(get("m1"), ERROR_NOT_FOUND);
	assert_int_equal(make("a b"), ERROR_INVALID);
}

/*
 * Whichever call fails, and whether the hub has carried it out or not: a caller
 * who tries again succeeds.
 */
static void
finishes_what_failed_when_it_is_asked_again(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 6; i++) {
		unsigned call = 1 + i / 2;

		fake_hub.does_it_all_the_same = i % 2 == 0;
		fail_at(call, ERROR_UNAVAILABLE);
		assert_int_equal(make("m1"), ERROR_UNAVAILABLE);
		mend();
		assert_int_equal(make("m1"), ERROR_NONE);
		assert_true(fake_hub_has_our_keys("m1"));
		assert_int_equal(drop("m1"), ERROR_NONE);

		/* Or who asks for it, or wants its keys. */
		fail_at(call, ERROR_TIMEOUT);
		assert_int_equal(make("m1"), ERROR_TIMEOUT);
		mend();
		if (!fake_hub_find("m1")) {
			assert_int_equal(get("m1"), ERROR_NOT_FOUND);
			continue;
		}
		assert_int_equal(get("m1"), ERROR_NONE);
		assert_true(fake_hub_has_our_keys("m1"));
		assert_int_equal(drop("m1"), ERROR_NONE);
	}
}

static void
finishes_what_failed_in_keyd(void **state)
{
	(void)state;
	fake_hub.keys = ERROR_UNAVAILABLE;
	assert_int_equal(make("m1"), ERROR_UNAVAILABLE);
	assert_false(fake_hub_has_our_keys("m1"));
	/* Its key would be worth nothing, so it is not told from memory. */
	assert_int_equal(get("m1"), ERROR_UNAVAILABLE);
	fake_hub.keys = ERROR_NONE;
	assert_int_equal(get("m1"), ERROR_NONE);
	assert_true(fake_hub_has_our_keys("m1"));
}

static void
a_refused_creation_leaves_no_trace(void **state)
{
	(void)state;
	for (unsigned call = 1; call <= 2; call++) {
		fail_at(call, ERROR_UPSTREAM);
		assert_int_equal(make("m1"), ERROR_UPSTREAM);
		assert_int_equal(remembered(), 0);
	}
}

static void
takes_nothing_over_that_others_made(void **state)
{
	(void)state;
	fake_hub_make("theirs");
	assert_int_equal(make("theirs"), ERROR_EXISTS);
	assert_int_equal(remembered(), 0);
	assert_int_equal(get("theirs"), ERROR_NONE);
	assert_int_equal(make("theirs"), ERROR_EXISTS);
	assert_false(fake_hub_has_our_keys("theirs"));
	/* Unless it is told to. */
	assert_int_equal(renew("theirs"), ERROR_NONE);
	assert_true(fake_hub_has_our_keys("theirs"));
	assert_int_equal(renew("nobodys"), ERROR_NOT_FOUND);
}

/* Made anew behind our back, it is theirs, whatever we remember. */
static void
takes_nothing_over_that_others_made_anew(void **state)
{
	(void)state;
	assert_int_equal(make("m1"), ERROR_NONE);
	fake_hub_make("m1");
	assert_int_equal(make("m1"), ERROR_EXISTS);
	assert_false(fake_hub_has_our_keys("m1"));

	/* Nor while the one before still lacks its keys. */
	fail_at(3, ERROR_UNAVAILABLE);
	assert_int_equal(make("m2"), ERROR_UNAVAILABLE);
	mend();
	fake_hub_make("m2");
	assert_int_equal(get("m2"), ERROR_NONE);
	assert_int_equal(make("m2"), ERROR_EXISTS);
	assert_false(fake_hub_has_our_keys("m2"));
}

/* ---- memory ---- */

/* Whichever call of a change fails, what was remembered is still told. */
static void
a_change_that_fails_makes_nothing_forgotten(void **state)
{
	static const enum error_code failures[] = {
	    ERROR_UNAVAILABLE, ERROR_TIMEOUT, ERROR_UPSTREAM, ERROR_DENIED};

	(void)state;
	fake_hub_make("theirs");
	assert_int_equal(get("theirs"), ERROR_NONE);
	assert_int_equal(make("m1"), ERROR_NONE);
	for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
		fail_at(1, failures[i]);
		assert_int_equal(make("theirs"), failures[i]);
		for (unsigned call = 1; call <= 2; call++) {
			fail_at(call, failures[i]);
			assert_int_equal(renew("m1"), failures[i]);
		}
		fail_at(1, failures[i]);
		assert_int_equal(make("m1"), failures[i]);
		fail_at(1, ERROR_UNAVAILABLE);
		assert_int_equal(get("theirs"), ERROR_NONE);
		fail_at(1, ERROR_UNAVAILABLE);
		assert_int_equal(get("m1"), ERROR_NONE);
	}
	mend();
	assert_int_equal(make("theirs"), ERROR_EXISTS);
	assert_false(fake_hub_has_our_keys("theirs"));
}

static void
tells_from_memory_what_the_hub_cannot_tell(void **state)
{
	static const enum error_code failures[] = {
	    ERROR_UNAVAILABLE, ERROR_TIMEOUT, ERROR_UPSTREAM};

	(void)state;
	assert_int_equal(make("m1"), ERROR_NONE);
	for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
		fail_at(1, failures[i]);
		assert_int_equal(get("m1"), ERROR_NONE);
		fail_at(1, failures[i]);
		assert_int_equal(get("m2"), failures[i]);
	}
	mend();
	fake_hub.session = ERROR_UNAVAILABLE;
	assert_int_equal(get("m1"), ERROR_NONE);
	assert_int_equal(make("m2"), ERROR_UNAVAILABLE);
}

static void
forgets_what_the_hub_says_there_is_not(void **state)
{
	(void)state;
	assert_int_equal(make("m1"), ERROR_NONE);
	fake_hub_remove("m1");
	assert_int_equal(get("m1"), ERROR_NOT_FOUND);
	assert_int_equal(remembered(), 0);
	fail_at(1, ERROR_UNAVAILABLE);
	assert_int_equal(get("m1"), ERROR_UNAVAILABLE);
}

static void
renew_m1(void)
{
	assert_int_equal(renew("m1"), ERROR_NONE);
}

static void
make_m1(void)
{
	assert_int_equal(make("m1"), ERROR_NONE);
}

/* One asks for a module; before the answer is here, another takes it over. */
static void
an_answer_that_is_late_makes_no_module_a_foreign_one(void **state)
{
	(void)state;
	fake_hub_make("m1");
	fake_hub.meanwhile = renew_m1;
	assert_int_equal(get("m1"), ERROR_NONE);
	assert_true(fake_hub_has_our_keys("m1"));
	assert_int_equal(make("m1"), ERROR_NONE);
}

static void
an_answer_that_is_late_forgets_no_module(void **state)
{
	(void)state;
	assert_int_equal(make("m1"), ERROR_NONE);
	fake_hub_remove("m1");
	fake_hub.meanwhile = make_m1;
	assert_int_equal(get("m1"), ERROR_NOT_FOUND);
	assert_int_equal(remembered(), 1);
	assert_int_equal(make("m1"), ERROR_NONE);
}

static bool
asks_hub(const char *id)
{
	return modules_asks_hub(world.modules, &modules_assignment, id);
}

static void
asks_memory_first_if_it_is_configured(void **state)
{
	(void)state;
	assert_int_equal(make("m1"), ERROR_NONE);
	assert_true(asks_hub("m1"));
	world.config.prefer_module_identity_cache = true;
	fake_hub.calls = 0;
	assert_false(asks_hub("m1"));
	assert_int_equal(get("m1"), ERROR_NONE);
	assert_int_equal(fake_hub.calls, 0);
	fake_hub_make("theirs");
	assert_true(asks_hub("theirs"));
	assert_int_equal(get("theirs"), ERROR_NONE);
	assert_int_equal(fake_hub.calls, 1);
	assert_false(asks_hub("theirs"));
	assert_true(asks_hub("no/name"));
}

/* Memory that cannot be read is none; it is kept for inspection. */
static void
survives_a_broken_memory(void **state)
{
	CLEANUP(string) char *folder = NULL;
	CLEANUP(string) char *name = file_name_of_id("m1", "json");
	CLEANUP(string) char *path = NULL;
	CLEANUP(string) char *aside = NULL;
	struct error err;

	(void)state;
	assert_int_equal(make("m1"), ERROR_NONE);
	assert_int_equal(module_store_folder(world.directory, modules_hub,
			     modules_device, &folder, &err),
	    ERROR_NONE);
	path = string_format("%s/%s", folder, name);
	aside = string_format("%s.corrupt", path);
	assert_int_equal(file_write(path, "{", 1, 0600, &err), ERROR_NONE);
	assert_int_equal(get("m1"), ERROR_NONE);
	assert_true(file_exists(aside));
	assert_int_equal(remembered(), 1);
}

int
main(void)
{
#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, modules_setup, modules_teardown)
	static const struct CMUnitTest tests[] = {
	    TEST(makes_and_removes_a_module),
	    TEST(finishes_what_failed_when_it_is_asked_again),
	    TEST(finishes_what_failed_in_keyd),
	    TEST(a_refused_creation_leaves_no_trace),
	    TEST(takes_nothing_over_that_others_made),
	    TEST(takes_nothing_over_that_others_made_anew),
	    TEST(a_change_that_fails_makes_nothing_forgotten),
	    TEST(tells_from_memory_what_the_hub_cannot_tell),
	    TEST(forgets_what_the_hub_says_there_is_not),
	    TEST(an_answer_that_is_late_makes_no_module_a_foreign_one),
	    TEST(an_answer_that_is_late_forgets_no_module),
	    TEST(asks_memory_first_if_it_is_configured),
	    TEST(survives_a_broken_memory),
	};

	return cmocka_run_group_tests_name("modules", tests, NULL, NULL);
}
