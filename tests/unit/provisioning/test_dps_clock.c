/* SPDX-License-Identifier: MIT */
/* What the time in an answer of DPS says of a refusal. */
#include "cmocka_wrap.h"

#include <string.h>

#include "dps_clock.h"
#include "pki_fixture.h"

static EVP_PKEY *ca_key;
static x509_stack *chain; /* a leaf for a day around FIXTURE_NOW, its CA */

static int
setup(void **state)
{
	CLEANUP(pkey) EVP_PKEY *key = fixture_key("P-256");
	X509 *ca;

	(void)state;
	ca_key = fixture_key("P-256");
	ca = fixture_ca(ca_key, "ca", FIXTURE_NOW + FIXTURE_DAY / 2);
	chain = sk_X509_new_null();
	sk_X509_push(chain, fixture_leaf(key, "dev-1", ca, ca_key));
	sk_X509_push(chain, ca);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	EVP_PKEY_free(ca_key);
	x509_stack_free(chain);
	return 0;
}

static void
assert_excused(int64_t date, const char *reason)
{
	const struct proof proof = {.chain = chain};
	struct error err = {.message = ""};

	assert_int_equal(
	    dps_clock_check(&proof, date, &err), ERROR_UNAVAILABLE);
	print_message("%s\n", err.message);
	assert_non_null(strstr(err.message, reason));
}

static void
assert_no_excuse(int64_t date)
{
	const struct proof proof = {.chain = chain};
	struct error err;

	assert_int_equal(dps_clock_check(&proof, date, &err), ERROR_NONE);
}

static void
a_chain_that_is_not_valid_by_the_clock_of_dps_is_no_refusal(void **state)
{
	(void)state;
	assert_excused(FIXTURE_NOW - 2 * FIXTURE_DAY,
	    "that of DPS 2027-01-13T08:00:00Z: by that the device's "
	    "certificate is valid only from 2027-01-14T08:00:00Z");
	assert_excused(FIXTURE_NOW + 2 * FIXTURE_DAY,
	    "by that the device's certificate expired at "
	    "2027-01-16T08:00:00Z");
	assert_excused(FIXTURE_NOW + FIXTURE_DAY,
	    "by that the issuer's certificate expired at "
	    "2027-01-15T20:00:00Z");
}

static void
one_that_is_valid_by_it_has_no_excuse(void **state)
{
	(void)state;
	assert_no_excuse(FIXTURE_NOW - FIXTURE_DAY);
	assert_no_excuse(FIXTURE_NOW);
	assert_no_excuse(FIXTURE_NOW + FIXTURE_DAY / 2);
}

static void
an_answer_without_a_time_says_nothing(void **state)
{
	(void)state;
	assert_no_excuse(0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		a_chain_that_is_not_valid_by_the_clock_of_dps_is_no_refusal),
	    cmocka_unit_test(one_that_is_valid_by_it_has_no_excuse),
	    cmocka_unit_test(an_answer_without_a_time_says_nothing),
	};

	return cmocka_run_group_tests_name("DPS clock", tests, setup, teardown);
}
