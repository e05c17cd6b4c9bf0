/* SPDX-License-Identifier: MIT */
/* Callers who wait for the identity, with a clock that goes when told to. */
#include "cmocka_wrap.h"

#include "common/http.h"
#include "fake_provision.h"
#include "waiters.h"

static int64_t now_ms;

/* The linker (--wrap) names it so. */
/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
int64_t __wrap_time_monotonic_ms(void);

int64_t
__wrap_time_monotonic_ms(void)
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
{
	return now_ms;
}

static struct waiters *
wait_with(struct http_call *call, unsigned version)
{
	struct waiters *waiters = NULL;
	struct error err;

	fake_provision = (struct fake_provision){
	    .status = PROVISION_PROVISIONING, .message = "DPS is away"};
	assert_int_equal(waiters_create(NULL, &waiters, &err), ERROR_NONE);
	assert_int_equal(
	    waiters_add_identity(waiters, call, version, &err), ERROR_NONE);
	return waiters;
}

static void
tells_callers_the_reason_after_ten_minutes(void **state)
{
	struct http_call call = {0};
	CLEANUP(waiters) struct waiters *waiters = wait_with(&call, 20220801);

	(void)state;
	now_ms += WAITERS_IDENTITY_MS - 1;
	waiters_review(waiters);
	assert_int_equal(call.answered, 0);
	now_ms++;
	waiters_review(waiters);
	assert_int_equal(call.answered, 1);
	assert_int_equal(call.resumed, 0);
	assert_int_equal(call.status, 400);
	assert_string_equal(
	    json_string_value(json_object_get(call.body, "message")),
	    "the device is not provisioned yet: DPS is away");
	json_decref(call.body);
}

static void
lets_callers_go_on_as_soon_as_it_is_decided(void **state)
{
	struct http_call call = {0};
	CLEANUP(waiters)
	struct waiters *waiters = wait_with(&call, HTTP_VERSION_SIGNET);

	(void)state;
	fake_provision.status = PROVISION_PROVISIONED;
	now_ms += WAITERS_IDENTITY_MS;
	waiters_review(waiters);
	assert_int_equal(call.resumed, 1);
	assert_int_equal(call.answered, 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tells_callers_the_reason_after_ten_minutes),
	    cmocka_unit_test(lets_callers_go_on_as_soon_as_it_is_decided),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
