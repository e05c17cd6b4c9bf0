/* SPDX-License-Identifier: MIT */
/* Who is in which function of a module, and for how long. */
#include "cmocka_wrap.h"

#include "common/time.h"
#include "visits.h"

/* A negative limit is always passed, and the other one never. */
static const struct visit_limits none = {-1, -1};
static const struct visit_limits slow_only = {1000000, -1};
static const struct visit_limits patient = {1000000, 1000000};

static struct visit visit;
static unsigned calls;

static struct hang
hang_within(const struct visit_limits *limits)
{
	struct hang hang = {0};

	visit_count(&visit, limits, &hang);
	return hang;
}

/* NOLINTBEGIN(readability-non-const-parameter): PKCS#11 has no const */
static CK_RV
fake_sign(CK_SESSION_HANDLE session, CK_BYTE *data, CK_ULONG length,
    CK_BYTE *signature, CK_ULONG *signature_length)
{
	(void)session;
	(void)data;
	(void)length;
	(void)signature;
	(void)signature_length;
	calls++;
	assert_string_equal(hang_within(&none).function, "C_Sign");
	assert_int_equal(hang_within(&none).count, 1);
	assert_int_equal(hang_within(&patient).count, 0);
	assert_int_equal(hang_within(&slow_only).count, 0);
	return CKR_DATA_INVALID;
}

static CK_RV
fake_generate(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
    CK_ATTRIBUTE *public, CK_ULONG public_count, CK_ATTRIBUTE *private,
    CK_ULONG private_count, CK_OBJECT_HANDLE *public_key,
    CK_OBJECT_HANDLE *private_key)
{
	(void)session;
	(void)mechanism;
	(void)public;
	(void)public_count;
	(void)private;
	(void)private_count;
	(void)public_key;
	(void)private_key;
	calls++;
	assert_string_equal(
	    hang_within(&slow_only).function, "C_GenerateKeyPair");
	assert_int_equal(hang_within(&patient).count, 0);
	return CKR_OK;
}

/* NOLINTEND(readability-non-const-parameter) */

static CK_FUNCTION_LIST module = {
    .C_Sign = fake_sign,
    .C_GenerateKeyPair = fake_generate,
};

static void
tells_the_function_while_it_is_called(void **state)
{
	CK_ULONG length = 0;

	(void)state;
	calls = 0;
	visit_begin(&visit, &module);
	assert_int_equal(hang_within(&none).count, 0);
	assert_int_equal(visit_functions()->C_Sign(1, NULL, 0, NULL, &length),
	    CKR_DATA_INVALID);
	assert_int_equal(calls, 1);
	assert_int_equal(hang_within(&none).count, 0);
	visit_end(&visit);
}

static void
gives_more_time_to_what_makes_keys(void **state)
{
	(void)state;
	calls = 0;
	visit_begin(&visit, &module);
	assert_int_equal(visit_functions()->C_GenerateKeyPair(
			     1, NULL, NULL, 0, NULL, 0, NULL, NULL),
	    CKR_OK);
	assert_int_equal(calls, 1);
	visit_end(&visit);
}

/* As if its thread had been in function for so long. */
static struct visit
visit_in(const char *function, int64_t age_ms)
{
	struct visit seen = {.purpose = VISIT_USE};

	atomic_init(&seen.since_ms, time_monotonic_ms() - age_ms);
	atomic_init(&seen.function, function);
	return seen;
}

static void
names_what_hangs_longest(void **state)
{
	static const struct visit_limits limits = {10000, 120000};
	const struct visit visits[] = {
	    visit_in("C_Sign", 12000),
	    visit_in("C_SignInit", 30000),
	    visit_in("C_FindObjects", 5000),
	    visit_in("C_GenerateKeyPair", 60000),
	    visit_in(NULL, 90000),
	};
	struct hang hang = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(visits) / sizeof(visits[0]); i++)
		visit_count(&visits[i], &limits, &hang);
	assert_int_equal(hang.count, 2);
	assert_string_equal(hang.function, "C_SignInit");
	assert_true(hang.age_ms >= 30000);
}

static void
tells_what_hangs_of_one_owner_and_purpose(void **state)
{
	static const int owner, other;
	struct visit theirs = visit_in("C_Sign", 30000);
	struct visit change = visit_in("C_DestroyObject", 20000);
	struct visit ours = visit_in("C_Decrypt", 15000);
	const struct visits visits = {
	    &theirs, {10000, 120000}
        };
	struct hang hang;

	(void)state;
	theirs.owner = &other;
	theirs.next = &change;
	change.owner = &owner;
	change.purpose = VISIT_CHANGE;
	change.next = &ours;
	ours.owner = &owner;

	hang = visits_hang_of(&visits, &owner, VISIT_USE);
	assert_int_equal(hang.count, 1);
	assert_string_equal(hang.function, "C_Decrypt");
	hang = visits_hang(&visits);
	assert_int_equal(hang.count, 3);
	assert_string_equal(hang.function, "C_Sign");
}

static void
is_stuck_by_an_opening_or_a_search_alone(void **state)
{
	struct visit use = visit_in("C_Sign", 300000);
	struct visit search = visit_in("C_GetSlotList", 60000);
	const struct visits visits = {
	    &use, {10000, 120000}
        };

	(void)state;
	use.next = &search;
	search.purpose = VISIT_SEARCH;
	/* It hangs, but may yet come back: it is given what a key is. */
	assert_int_equal(visits_hang(&visits).count, 2);
	assert_false(visits_are_stuck(&visits));
	search = visit_in("C_GetSlotList", 130000);
	search.purpose = VISIT_SEARCH;
	assert_true(visits_are_stuck(&visits));
	search.purpose = VISIT_OPEN;
	assert_true(visits_are_stuck(&visits));
	search.purpose = VISIT_CHANGE;
	assert_false(visits_are_stuck(&visits));
}

static void
has_limits_by_default(void **state)
{
	struct visit_limits limits = visit_limits_of(0, 0);

	(void)state;
	assert_int_equal(limits.call_ms, 10000);
	assert_int_equal(limits.slow_ms, 120000);
	limits = visit_limits_of(300, 60);
	assert_int_equal(limits.call_ms, 300000);
	/* Who waits so long for a signature waits so long for a key. */
	assert_int_equal(limits.slow_ms, 300000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tells_the_function_while_it_is_called),
	    cmocka_unit_test(gives_more_time_to_what_makes_keys),
	    cmocka_unit_test(names_what_hangs_longest),
	    cmocka_unit_test(tells_what_hangs_of_one_owner_and_purpose),
	    cmocka_unit_test(is_stuck_by_an_opening_or_a_search_alone),
	    cmocka_unit_test(has_limits_by_default),
	};

	return cmocka_run_group_tests_name("keyd visit", tests, NULL, NULL);
}
