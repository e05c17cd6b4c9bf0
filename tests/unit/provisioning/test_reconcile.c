/* SPDX-License-Identifier: MIT */
/* The modules of principals, the hub's and those that are remembered. */
#include "cmocka_wrap.h"

#include <stdio.h>

#include "fake_hub.h"
#include "modules_world.h"

static void
add_principal(const char *name)
{
	static char module[] = "module";
	static char *identities[] = {module};
	static char names[3][16];
	size_t number = world.config.principals.count++;

	(void)snprintf(names[number], sizeof(names[number]), "%s", name);
	world.principals[number] = (struct principal_settings){
	    .user = names[number],
	    .name = names[number],
	    .identity = {1, identities}
        };
}

static enum error_code
reconcile(void)
{
	struct error err;

	return modules_reconcile(world.modules, &modules_assignment, &err);
}

static void
make_m1(void)
{
	assert_int_equal(make("m1"), ERROR_NONE);
}

static void
asks_nobody_if_there_is_nothing_to_do(void **state)
{
	(void)state;
	fake_hub_make("theirs");
	assert_int_equal(reconcile(), ERROR_NONE);
	assert_int_equal(fake_hub.calls, 0);
}

static void
makes_the_modules_of_principals_and_removes_them(void **state)
{
	(void)state;
	add_principal("web");
	add_principal("db");
	assert_int_equal(make("by-agent"), ERROR_NONE);
	assert_int_equal(reconcile(), ERROR_NONE);
	assert_true(fake_hub_has_our_keys("web"));
	assert_true(fake_hub_has_our_keys("db"));
	/* Once more there is nothing to be done but to look. */
	fake_hub.calls = 0;
	assert_int_equal(reconcile(), ERROR_NONE);
	assert_int_equal(fake_hub.calls, 1);

	world.config.principals.count = 1;
	assert_int_equal(reconcile(), ERROR_NONE);
	assert_non_null(fake_hub_find("web"));
	assert_null(fake_hub_find("db"));
	assert_non_null(fake_hub_find("by-agent"));
}

static void
makes_a_principals_module_anew_if_others_made_it(void **state)
{
	const struct fake_hub_module *module;

	(void)state;
	fake_hub_make("web");
	add_principal("web");
	assert_int_equal(reconcile(), ERROR_NONE);
	assert_true(fake_hub_has_our_keys("web"));
	module = fake_hub_find("web");
	assert_string_equal(module->generation, "2");
	/* And again, if somebody does it behind our back. */
	fake_hub_make("web");
	assert_int_equal(reconcile(), ERROR_NONE);
	assert_true(fake_hub_has_our_keys("web"));
	assert_string_equal(module->generation, "4");
}

static void
brings_memory_in_step_with_the_hub(void **state)
{
	(void)state;
	assert_int_equal(make("gone"), ERROR_NONE);
	assert_int_equal(make("anew"), ERROR_NONE);
	fake_hub_remove("gone");
	fake_hub_make("anew");
	fail_at(3, ERROR_UNAVAILABLE);
	assert_int_equal(make("half"), ERROR_UNAVAILABLE);
	mend();
	assert_int_equal(reconcile(), ERROR_NONE);
	assert_int_equal(remembered(), 2);
	assert_true(fake_hub_has_our_keys("half"));
	assert_false(fake_hub_has_our_keys("anew"));
	assert_int_equal(make("anew"), ERROR_EXISTS);
}

/* A caller is making a module when the lists are read. */
static void
forgets_no_module_that_is_being_made(void **state)
{
	(void)state;
	fail_at(2, ERROR_UNAVAILABLE);
	assert_int_equal(make("m1"), ERROR_UNAVAILABLE);
	mend();
	fake_hub.meanwhile = make_m1;
	assert_int_equal(reconcile(), ERROR_NONE);
	assert_true(fake_hub_has_our_keys("m1"));
	assert_int_equal(make("m1"), ERROR_NONE);
}

/* Whichever call fails, the next run ends where the first should have. */
static void
ends_up_right_whichever_call_fails(void **state)
{
	(void)state;
	for (unsigned call = 1; call < 20; call++) {
		fake_hub =
		    (struct fake_hub){.does_it_all_the_same = call % 2 == 0};
		world.config.principals.count = 0;
		assert_int_equal(reconcile(), ERROR_NONE); /* forgets all */
		fake_hub_make("db");
		add_principal("web");
		assert_int_equal(reconcile(), ERROR_NONE);
		world.config.principals.count = 0;
		add_principal("db");
		fail_at(call, ERROR_UNAVAILABLE);
		if (reconcile() == ERROR_NONE) {
			assert_true(call > 4);
			return;
		}
		mend();
		assert_int_equal(reconcile(), ERROR_NONE);
		assert_true(fake_hub_has_our_keys("db"));
		assert_null(fake_hub_find("web"));
		assert_int_equal(remembered(), 1);
	}
	fail();
}

static void
forgets_the_hub_before_only_when_all_is_well_at_the_new_one(void **state)
{
	static char other_hub[] = "other.example";
	const struct dps_assignment moved = {
	    .hub = other_hub, .device_id = modules_device};
	struct error err;

	(void)state;
	add_principal("web");
	assert_int_equal(reconcile(), ERROR_NONE);
	fail_at(1, ERROR_UNAVAILABLE);
	assert_int_equal(
	    modules_reconcile(world.modules, &moved, &err), ERROR_UNAVAILABLE);
	assert_int_equal(remembered(), 1);
	mend();
	assert_int_equal(
	    modules_reconcile(world.modules, &moved, &err), ERROR_NONE);
	assert_int_equal(remembered(), 0);
}

int
main(void)
{
#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, modules_setup, modules_teardown)
	static const struct CMUnitTest tests[] = {
	    TEST(asks_nobody_if_there_is_nothing_to_do),
	    TEST(makes_the_modules_of_principals_and_removes_them),
	    TEST(makes_a_principals_module_anew_if_others_made_it),
	    TEST(brings_memory_in_step_with_the_hub),
	    TEST(forgets_no_module_that_is_being_made),
	    TEST(ends_up_right_whichever_call_fails),
	    TEST(forgets_the_hub_before_only_when_all_is_well_at_the_new_one),
	};

	return cmocka_run_group_tests_name("reconcile", tests, NULL, NULL);
}
