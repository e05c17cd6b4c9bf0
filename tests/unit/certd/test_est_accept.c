/* SPDX-License-Identifier: MIT */
/* Which certificates of an EST server are taken. */
#include "cmocka_wrap.h"

#include <string.h>

#include "est_accept.h"
#include "est_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int
setup(void **state)
{
	static struct est_fixture fixture;

	est_fixture_open(&fixture);
	*state = &fixture;
	return 0;
}

static int
teardown(void **state)
{
	est_fixture_close(*state);
	return 0;
}

static X509 *
issue(const struct est_fixture *fixture)
{
	return est_fixture_issue(
	    fixture, (struct certificate_plan){.for_client = true});
}

/* What is expected beside what is asked for. */
static struct est_expectation expected;

/* authorities: how many of root and CA the server names. */
static enum error_code
accept_with(const struct est_fixture *fixture, const char *const *extensions,
    const x509_stack *certificates, const x509_stack *authorities,
    x509_stack **ret_chain, struct error *err)
{
	CLEANUP(x509_req)
	X509_REQ *request =
	    fixture_request(fixture->device_key, "dev-1", extensions);
	struct est_expectation expectation = expected;

	expectation.request = request;
	expectation.authorities = authorities;
	expectation.now = FIXTURE_NOW;

	return est_accept(&expectation, certificates, ret_chain, err);
}

static enum error_code
accept_from_root(const struct est_fixture *fixture,
    const char *const *extensions, const x509_stack *certificates,
    x509_stack **ret_chain, struct error *err)
{
	CLEANUP(x509_stack)
	x509_stack *authorities =
	    est_fixture_stack(2, (X509 *[]){fixture->root, fixture->ca});

	return accept_with(
	    fixture, extensions, certificates, authorities, ret_chain, err);
}

static void
takes_the_leaf_from_any_place_and_builds_the_chain(void **state)
{
	const struct est_fixture *fixture = *state;
	CLEANUP(x509) X509 *leaf = issue(fixture);
	X509 *orders[][3] = {
	    {leaf,          fixture->ca, fixture->root},
	    {fixture->root, fixture->ca, leaf         },
	    {fixture->ca,   leaf,        fixture->root},
	};

	for (size_t i = 0; i < COUNT(orders); i++) {
		CLEANUP(x509_stack)
		x509_stack *answer = est_fixture_stack(3, orders[i]);
		CLEANUP(x509_stack) x509_stack *chain = NULL;
		struct error err = {.message = ""};

		if (accept_from_root(fixture, NULL, answer, &chain, &err))
			fail_msg("%s", err.message);
		assert_int_equal(sk_X509_num(chain), 2);
		assert_ptr_equal(sk_X509_value(chain, 0), leaf);
		assert_int_equal(
		    X509_cmp(sk_X509_value(chain, 1), fixture->ca), 0);
	}
}

static void
completes_the_chain_from_cacerts(void **state)
{
	const struct est_fixture *fixture = *state;
	CLEANUP(x509) X509 *leaf = issue(fixture);
	CLEANUP(x509_stack) x509_stack *answer = est_fixture_stack(1, &leaf);
	CLEANUP(x509_stack) x509_stack *chain = NULL;
	struct error err = {.message = ""};

	if (accept_from_root(fixture, NULL, answer, &chain, &err))
		fail_msg("%s", err.message);
	assert_int_equal(sk_X509_num(chain), 2);
}

static void
takes_a_chain_that_ends_in_an_intermediate_if_no_root_is_named(void **state)
{
	const struct est_fixture *fixture = *state;
	CLEANUP(x509) X509 *leaf = issue(fixture);
	CLEANUP(x509_stack) x509_stack *answer = est_fixture_stack(1, &leaf);
	CLEANUP(x509_stack)
	x509_stack *authorities = est_fixture_stack(1, &fixture->ca);
	CLEANUP(x509_stack) x509_stack *chain = NULL;
	struct error err = {.message = ""};

	if (accept_with(fixture, NULL, answer, authorities, &chain, &err))
		fail_msg("%s", err.message);
	assert_int_equal(sk_X509_num(chain), 2);
}

static void
assert_refused(const struct est_fixture *fixture, const char *const *extensions,
    X509 *leaf, const char *why)
{
	CLEANUP(x509_stack) x509_stack *answer = est_fixture_stack(1, &leaf);
	CLEANUP(x509_stack) x509_stack *chain = NULL;
	struct error err = {.message = ""};

	assert_int_equal(
	    accept_from_root(fixture, extensions, answer, &chain, &err),
	    ERROR_UPSTREAM);
	if (!strstr(err.message, why))
		fail_msg("'%s' lacks '%s'", err.message, why);
	assert_null(chain);
}

static void
assert_plan_refused(const struct est_fixture *fixture,
    const char *const *extensions, struct certificate_plan plan,
    const char *why)
{
	CLEANUP(x509) X509 *leaf = est_fixture_issue(fixture, plan);

	assert_refused(fixture, extensions, leaf, why);
}

static void
refuses_what_was_not_asked_for(void **state)
{
	const struct est_fixture *fixture = *state;
	CLEANUP(pkey) EVP_PKEY *other = fixture_key("P-256");
	CLEANUP(x509_name) X509_NAME *name = fixture_name("stranger");

	assert_plan_refused(fixture, NULL,
	    (struct certificate_plan){.for_client = true, .public_key = other},
	    "for another key");
	assert_plan_refused(fixture, NULL,
	    (struct certificate_plan){.for_client = true, .subject = name},
	    "'/CN=stranger' instead of '/CN=dev-1'");
	assert_plan_refused(
	    fixture, NULL, (struct certificate_plan){0}, "Client");
	assert_plan_refused(fixture, NULL,
	    (struct certificate_plan){.for_client = true, .is_ca = true},
	    "that of a CA");
}

static void
refuses_names_and_usages_that_were_left_out(void **state)
{
	static const char *const names[] = {
	    "subjectAltName", "DNS:a,DNS:b", NULL};
	static const char *const usages[] = {
	    "extendedKeyUsage", "clientAuth,serverAuth", NULL};
	static const char *const for_ca[] = {
	    "basicConstraints", "critical,CA:TRUE", NULL};

	assert_plan_refused(*state, names,
	    (struct certificate_plan){.for_client = true}, "left out");
	assert_plan_refused(*state, usages,
	    (struct certificate_plan){.for_client = true}, "Server");
	assert_plan_refused(
	    *state, for_ca, (struct certificate_plan){0}, "not that of a CA");
}

static void
assert_plan_taken(const struct est_fixture *fixture,
    const char *const *extensions, struct certificate_plan plan)
{
	CLEANUP(x509) X509 *leaf = est_fixture_issue(fixture, plan);
	CLEANUP(x509_stack) x509_stack *answer = est_fixture_stack(1, &leaf);
	CLEANUP(x509_stack) x509_stack *chain = NULL;
	struct error err = {.message = ""};

	if (accept_from_root(fixture, extensions, answer, &chain, &err))
		fail_msg("%s", err.message);
}

static void
expects_what_the_request_does_not_say(void **state)
{
	static const char *const for_client[] = {
	    "extendedKeyUsage", "clientAuth", NULL};
	const struct certificate_plan client = {.for_client = true};
	const struct certificate_plan server = {.for_server = true};
	const struct certificate_plan both = {
	    .for_client = true, .for_server = true};

	expected = (struct est_expectation){.usage = NID_server_auth};
	assert_plan_taken(*state, NULL, server);
	assert_plan_taken(*state, for_client, both);
	assert_plan_refused(*state, NULL, client, "Server");
	assert_plan_refused(*state, for_client, client, "Server");
	assert_plan_refused(*state, for_client, server, "Client");

	expected = (struct est_expectation){.is_ca = true};
	assert_plan_taken(
	    *state, NULL, (struct certificate_plan){.is_ca = true});
	assert_plan_refused(*state, NULL, client, "not that of a CA");
	expected = (struct est_expectation){.usage = NID_undef};
}

static void
refuses_a_ca_that_may_not_have_what_is_below_it(void **state)
{
	static const char *const long_path[] = {
	    "basicConstraints", "critical,CA:TRUE,pathlen:1", NULL};
	static const char *const any_path[] = {
	    "basicConstraints", "critical,CA:TRUE", NULL};
	const struct certificate_plan any = {
	    .is_ca = true, .path_length = CERTIFICATE_NO_PATH_LENGTH};

	for (int length = 1; length <= 2; length++)
		assert_plan_taken(*state, long_path,
		    (struct certificate_plan){
			.is_ca = true, .path_length = length});
	assert_plan_taken(*state, long_path, any);
	assert_plan_taken(
	    *state, any_path, (struct certificate_plan){.is_ca = true});
	assert_plan_refused(*state, long_path,
	    (struct certificate_plan){.is_ca = true}, "0 instead of 1");
}

static void
refuses_what_is_not_valid_now(void **state)
{
	const int64_t now = FIXTURE_NOW;

	assert_plan_refused(*state, NULL,
	    (struct certificate_plan){.for_client = true, .not_after = now - 1},
	    "expired on");
	assert_plan_refused(*state, NULL,
	    (struct certificate_plan){
		.for_client = true, .not_before = now + 301},
	    "valid only from");
}

static void
takes_what_begins_a_little_later(void **state)
{
	const struct est_fixture *fixture = *state;
	CLEANUP(x509)
	X509 *leaf = est_fixture_issue(
	    fixture, (struct certificate_plan){
			 .for_client = true, .not_before = FIXTURE_NOW + 299});
	CLEANUP(x509_stack) x509_stack *answer = est_fixture_stack(1, &leaf);
	CLEANUP(x509_stack) x509_stack *chain = NULL;
	struct error err = {.message = ""};

	if (accept_from_root(fixture, NULL, answer, &chain, &err))
		fail_msg("%s", err.message);
}

static void
refuses_a_chain_to_nobody(void **state)
{
	struct est_fixture other;
	X509 *leaf;

	est_fixture_open(&other);
	EVP_PKEY_free(other.device_key);
	other.device_key = ((struct est_fixture *)*state)->device_key;
	leaf = issue(&other);
	assert_refused(*state, NULL, leaf, "does not lead to");
	X509_free(leaf);
	other.device_key = NULL;
	est_fixture_close(&other);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		takes_the_leaf_from_any_place_and_builds_the_chain),
	    cmocka_unit_test(completes_the_chain_from_cacerts),
	    cmocka_unit_test(
		takes_a_chain_that_ends_in_an_intermediate_if_no_root_is_named),
	    cmocka_unit_test(refuses_what_was_not_asked_for),
	    cmocka_unit_test(refuses_names_and_usages_that_were_left_out),
	    cmocka_unit_test(expects_what_the_request_does_not_say),
	    cmocka_unit_test(refuses_a_ca_that_may_not_have_what_is_below_it),
	    cmocka_unit_test(refuses_what_is_not_valid_now),
	    cmocka_unit_test(takes_what_begins_a_little_later),
	    cmocka_unit_test(refuses_a_chain_to_nobody),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
