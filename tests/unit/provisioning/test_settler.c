/* SPDX-License-Identifier: MIT */
/* What is done when the device is found to belong to a hub, and when again. */
#include "cmocka_wrap.h"

#include "common/log.h"
#include "settler.h"

static struct {
	enum error_code outcome;
	unsigned runs;
	unsigned refusals;
	bool is_noted;
} fake;

static const struct dps_assignment assignment = {.hub = NULL};

enum error_code
modules_reconcile(struct modules *modules, const struct dps_assignment *given,
    struct error *err)
{
	assert_null(modules);
	assert_ptr_equal(given, &assignment);
	fake.runs++;
	return fake.outcome ? error_set(err, fake.outcome, "no") : ERROR_NONE;
}

bool
provision_hub_refuses(struct provision *provision)
{
	assert_null(provision);
	fake.refusals++;
	return true;
}

void
provision_note_modules(struct provision *provision, const char *why)
{
	assert_null(provision);
	fake.is_noted = why != NULL;
}

static int
setup(void **state)
{
	(void)state;
	fake.outcome = ERROR_NONE;
	fake.runs = fake.refusals = 0;
	log_set_level(LOG_LEVEL_ERROR);
	return 0;
}

static void
is_content_with_a_success(void **state)
{
	struct settler settler = settler_create(NULL, NULL);

	(void)state;
	assert_int_equal(settler_settle(&settler, &assignment), PROVISION_IDLE);
	assert_int_equal(fake.runs, 1);
}

static void
tries_again_later_and_later(void **state)
{
	struct settler settler = settler_create(NULL, NULL);
	int64_t delay, longest = 0;

	(void)state;
	fake.outcome = ERROR_UNAVAILABLE;
	for (int i = 0; i < 20; i++) {
		delay = settler_settle(&settler, &assignment);
		assert_true(delay > 0 && delay <= INT64_C(13) * 60 * 1000);
		if (delay > longest)
			longest = delay;
	}
	assert_true(longest > INT64_C(4) * 60 * 1000);
	assert_int_equal(fake.refusals, 0);
	fake.outcome = ERROR_NONE;
	assert_int_equal(settler_settle(&settler, &assignment), PROVISION_IDLE);
	/* From the beginning. */
	fake.outcome = ERROR_UNAVAILABLE;
	assert_true(settler_settle(&settler, &assignment) <= 10000);
}

static void
says_so_when_the_hub_does_not_know_the_device(void **state)
{
	struct settler settler = settler_create(NULL, NULL);

	(void)state;
	fake.outcome = ERROR_DENIED;
	assert_true(settler_settle(&settler, &assignment) < PROVISION_IDLE);
	assert_int_equal(fake.refusals, 1);
	fake.outcome = ERROR_UPSTREAM;
	(void)settler_settle(&settler, &assignment);
	assert_int_equal(fake.refusals, 1);
}

/* One that does not answer may do so again; what it refuses stays refused. */
static void
shows_what_the_hub_has_against_the_modules(void **state)
{
	static const struct {
		enum error_code outcome;
		bool is_noted;
	} cases[] = {
	    {ERROR_INVALID,     true },
	    {ERROR_UNAVAILABLE, false},
	    {ERROR_UPSTREAM,    true },
	    {ERROR_TIMEOUT,     false},
	    {ERROR_DENIED,      true },
	    {ERROR_NONE,        false},
	};
	struct settler settler = settler_create(NULL, NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fake.outcome = cases[i].outcome;
		(void)settler_settle(&settler, &assignment);
		assert_int_equal(fake.is_noted, cases[i].is_noted);
	}
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
	static const struct CMUnitTest tests[] = {
	    TEST(is_content_with_a_success),
	    TEST(tries_again_later_and_later),
	    TEST(says_so_when_the_hub_does_not_know_the_device),
	    TEST(shows_what_the_hub_has_against_the_modules),
	};

	return cmocka_run_group_tests_name("settler", tests, NULL, NULL);
}
