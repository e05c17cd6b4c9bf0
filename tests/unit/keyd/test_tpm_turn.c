/* SPDX-License-Identifier: MIT */
/* One at a time at the TPM; and how it did is known. */
#include "cmocka_wrap.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "tpm_turn.h"

/* One that hangs from its first moment on is over its limit in a second. */
static const struct tpm_operation hasty = {"dozing", 0, false};
static const struct tpm_operation patient = {"working", 600, false};
static const struct tpm_operation asking = {"answering", 600, true};

static int
setup(void **state)
{
	struct tpm_turn *turn;
	struct error err;

	if (tpm_turn_create(&turn, &err))
		return -1;
	*state = turn;
	return 0;
}

static int
teardown(void **state)
{
	tpm_turn_free(*state);
	return 0;
}

static void
do_and_end_as(struct tpm_turn *turn, const struct tpm_operation *operation,
    enum error_code code)
{
	struct error err, outcome = {.code = code, .message = "it failed"};

	assert_int_equal(tpm_turn_begin(turn, operation, &err), ERROR_NONE);
	assert_int_equal(tpm_turn_end(turn, code, &outcome), code);
}

static void
knows_how_the_last_operation_went(void **state)
{
	struct error trouble;

	assert_int_equal(tpm_turn_condition(*state, &trouble), TPM_UNTRIED);
	do_and_end_as(*state, &patient, ERROR_NONE);
	assert_int_equal(tpm_turn_condition(*state, &trouble), TPM_OK);
	do_and_end_as(*state, &patient, ERROR_UNAVAILABLE);
	assert_int_equal(tpm_turn_condition(*state, &trouble), TPM_TROUBLE);
	assert_string_equal(trouble.message, "it failed");
	do_and_end_as(*state, &patient, ERROR_NONE);
	assert_int_equal(tpm_turn_condition(*state, &trouble), TPM_OK);
}

static void
blames_the_request_for_what_is_wrong_with_it(void **state)
{
	struct error trouble;

	do_and_end_as(*state, &asking, ERROR_INVALID);
	assert_int_equal(tpm_turn_condition(*state, &trouble), TPM_OK);
	do_and_end_as(*state, &asking, ERROR_NOT_FOUND);
	assert_int_equal(tpm_turn_condition(*state, &trouble), TPM_OK);
	do_and_end_as(*state, &asking, ERROR_INTERNAL);
	assert_int_equal(tpm_turn_condition(*state, &trouble), TPM_TROUBLE);
	do_and_end_as(*state, &patient, ERROR_INVALID);
	assert_int_equal(tpm_turn_condition(*state, &trouble), TPM_TROUBLE);
}

struct other {
	struct tpm_turn *turn;
	atomic_bool has_begun;
	enum error_code code;
	struct error err;
};

static void *
take_turn(void *argument)
{
	struct other *other = argument;

	other->code = tpm_turn_begin(other->turn, &patient, &other->err);
	atomic_store(&other->has_begun, true);
	if (other->code == ERROR_NONE)
		(void)tpm_turn_end(other->turn, ERROR_NONE, &other->err);
	return NULL;
}

static void
lets_others_wait_for_the_end(void **state)
{
	struct other other = {.turn = *state};
	struct error err;
	pthread_t thread;

	assert_int_equal(tpm_turn_begin(*state, &patient, &err), ERROR_NONE);
	assert_int_equal(pthread_create(&thread, NULL, take_turn, &other), 0);
	assert_false(atomic_load(&other.has_begun));
	(void)tpm_turn_end(*state, ERROR_NONE, &err);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(other.code, ERROR_NONE);
}

static void
lets_nobody_wait_for_what_hangs(void **state)
{
	struct error err;

	assert_false(tpm_turn_hang(*state, &err));
	assert_int_equal(tpm_turn_begin(*state, &hasty, &err), ERROR_NONE);
	/* It waits until that is over its limit, and then no longer. */
	assert_int_equal(
	    tpm_turn_begin(*state, &patient, &err), ERROR_UNAVAILABLE);
	assert_non_null(strstr(err.message, "has been dozing for"));
	assert_int_equal(tpm_turn_condition(*state, &err), TPM_TROUBLE);
	assert_non_null(strstr(err.message, "has been dozing for"));
	assert_true(tpm_turn_hang(*state, &err));
	(void)tpm_turn_end(*state, ERROR_NONE, &err);
	assert_int_equal(tpm_turn_condition(*state, &err), TPM_OK);
	do_and_end_as(*state, &patient, ERROR_NONE);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		knows_how_the_last_operation_went, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		blames_the_request_for_what_is_wrong_with_it, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		lets_others_wait_for_the_end, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		lets_nobody_wait_for_what_hangs, setup, teardown),
	};

	return cmocka_run_group_tests_name("tpm turn", tests, NULL, NULL);
}
