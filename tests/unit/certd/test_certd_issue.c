/* SPDX-License-Identifier: MIT */
/* Who may be an issuer, and what comes out of one. */
#include "cmocka_wrap.h"

#include <string.h>

#include "fake_keys.h"
#include "issue.h"
#include "pki_fixture.h"
#include "request.h"

#define YEAR FIXTURE_NOW + 365 * FIXTURE_DAY

static struct issuers *issuers;

static int
teardown(void **state)
{
	(void)state;
	fake_keys_reset();
	(void)issuers_forget(issuers);
	return 0;
}

static int
create_issuers(void **state)
{
	struct error err;

	(void)state;
	return issuers_create(&issuers, &err) ? -1 : 0;
}

static int
free_issuers(void **state)
{
	(void)state;
	issuers_free(issuers);
	return 0;
}

/* Opens an issuer that must be refused, with a reason that holds part. */
static void
assert_refused(const X509 *certificate, int64_t now, enum error_code code,
    const char *part)
{
	CLEANUP(string) char *pem = fixture_pem(certificate);
	struct issuer issuer = {NULL, NULL};
	struct error err;

	assert_int_equal(
	    issuer_open(pem, issuers, "ca", now, &issuer, &err), code);
	assert_non_null(strstr(err.message, part));
	assert_null(issuer.key);
}

/* As those find it who get it. The caller frees it. */
static x509_stack *
read_again(const x509_stack *chain)
{
	CLEANUP(string) char *pem = NULL;
	x509_stack *read = NULL;
	struct error err;

	assert_int_equal(certificates_to_pem(chain, &pem, &err), ERROR_NONE);
	assert_int_equal(certificates_from_pem(pem, &read, &err), ERROR_NONE);
	return read;
}

static void
issues_leaf_first_then_the_chain(void **state)
{
	CLEANUP(pkey) EVP_PKEY *ca_key = fixture_key("P-384");
	CLEANUP(pkey) EVP_PKEY *key = fixture_key("P-256");
	CLEANUP(x509) X509 *ca = fixture_ca(ca_key, "ca", YEAR);
	CLEANUP(x509_req) X509_REQ *request = fixture_request(key, "a", NULL);
	CLEANUP(string) char *ca_pem = fixture_pem(ca);
	CLEANUP(x509_stack) x509_stack *issued = NULL;
	CLEANUP(x509_stack) x509_stack *chain = NULL;
	struct issuer issuer = {NULL, NULL};
	struct profile profile = {0};
	struct error err;

	(void)state;
	fake_keys_add("ca", ca_key);
	assert_int_equal(
	    issuer_open(ca_pem, issuers, "ca", FIXTURE_NOW, &issuer, &err),
	    ERROR_NONE);
	assert_int_equal(issue_certificate(&issuer, &profile, request,
			     FIXTURE_NOW, &issued, &err),
	    ERROR_NONE);
	issuer_done(&issuer);

	chain = read_again(issued);
	assert_int_equal(sk_X509_num(chain), 2);
	assert_true(certificate_matches_key(sk_X509_value(chain, 0), key));
	assert_int_equal(X509_cmp(sk_X509_value(chain, 1), ca), 0);
	assert_int_equal(
	    X509_check_issued(ca, sk_X509_value(chain, 0)), X509_V_OK);
}

static void
refuses_an_issuer_that_is_no_ca(void **state)
{
	CLEANUP(pkey) EVP_PKEY *key = fixture_key("P-256");
	CLEANUP(x509) X509 *ca = fixture_ca(key, "ca", YEAR);
	CLEANUP(x509) X509 *leaf = fixture_leaf(key, "leaf", ca, key);

	(void)state;
	fake_keys_add("ca", key);
	assert_refused(leaf, FIXTURE_NOW, ERROR_INVALID, "not a CA");
}

static void
refuses_an_issuer_outside_its_dates(void **state)
{
	CLEANUP(pkey) EVP_PKEY *key = fixture_key("P-256");
	CLEANUP(x509) X509 *ca = fixture_ca(key, "ca", YEAR);

	(void)state;
	fake_keys_add("ca", key);
	assert_refused(ca, YEAR, ERROR_INVALID, "expired on 2028-01-15");
	assert_refused(ca, FIXTURE_NOW - 2 * FIXTURE_DAY, ERROR_INVALID,
	    "not valid before 2027-01-14");
}

static void
refuses_a_key_that_is_not_the_issuers(void **state)
{
	CLEANUP(pkey) EVP_PKEY *key = fixture_key("P-256");
	CLEANUP(pkey) EVP_PKEY *other = fixture_key("P-256");
	CLEANUP(x509) X509 *ca = fixture_ca(key, "ca", YEAR);

	(void)state;
	fake_keys_add("ca", other);
	assert_refused(
	    ca, FIXTURE_NOW, ERROR_INVALID, "not the certificate of key 'ca'");
}

static void
says_when_the_key_is_out_of_reach(void **state)
{
	CLEANUP(pkey) EVP_PKEY *key = fixture_key("P-256");
	CLEANUP(x509) X509 *ca = fixture_ca(key, "ca", YEAR);

	(void)state;
	assert_refused(ca, FIXTURE_NOW, ERROR_NOT_FOUND, "its key 'ca'");
	fake_keys_unplug();
	assert_refused(ca, FIXTURE_NOW, ERROR_UNAVAILABLE, "its key 'ca'");
}

static void
assert_opens(const char *ca_pem, int64_t now, enum error_code code)
{
	CLEANUP_DONE(issuer) struct issuer issuer = {NULL, NULL};
	struct error err;

	assert_int_equal(
	    issuer_open(ca_pem, issuers, "ca", now, &issuer, &err), code);
}

static void
asks_for_a_key_again_only_if_the_certificate_is_another(void **state)
{
	CLEANUP(pkey) EVP_PKEY *key = fixture_key("P-256");
	CLEANUP(x509) X509 *ca = fixture_ca(key, "ca", YEAR);
	CLEANUP(x509) X509 *next = fixture_ca(key, "ca", YEAR + FIXTURE_DAY);
	CLEANUP(string) char *pem = fixture_pem(ca);
	CLEANUP(string) char *next_pem = fixture_pem(next);

	(void)state;
	fake_keys_add("ca", key);
	assert_opens(pem, FIXTURE_NOW, ERROR_NONE);
	fake_keys_unplug();
	assert_opens(pem, FIXTURE_NOW, ERROR_NONE);
	assert_opens(pem, YEAR, ERROR_INVALID);
	assert_opens(next_pem, FIXTURE_NOW, ERROR_UNAVAILABLE);
	assert_true(issuers_forget(issuers));
	assert_opens(pem, FIXTURE_NOW, ERROR_UNAVAILABLE);
}

static void
keeps_a_bounded_number_of_issuers(void **state)
{
	CLEANUP(pkey) EVP_PKEY *key = fixture_key("P-256");
	CLEANUP(x509) X509 *ca = fixture_ca(key, "ca", YEAR);
	CLEANUP(string) char *pem = fixture_pem(ca);
	CLEANUP_DONE(issuer) struct issuer issuer = {NULL, NULL};
	CLEANUP_DONE(issuer) struct issuer found = {NULL, NULL};
	struct error err;

	(void)state;
	fake_keys_add("ca", key);
	assert_int_equal(
	    issuer_open(pem, issuers, "ca", FIXTURE_NOW, &issuer, &err),
	    ERROR_NONE);
	for (char id[] = "a"; *id < 'a' + ISSUERS_MAX; (*id)++)
		issuers_keep(issuers, pem, id, &issuer);
	assert_false(issuers_find(issuers, pem, "ca", &found));
	assert_true(issuers_find(issuers, pem, "b", &found));
	assert_int_equal(sk_X509_num(found.chain), 1);
	assert_ptr_equal(found.key, issuer.key);
}

static void
lets_a_key_sign_its_own_certificate_only(void **state)
{
	CLEANUP(pkey) EVP_PKEY *key = fixture_key("P-256");
	CLEANUP(pkey) EVP_PKEY *other = fixture_key("P-256");
	CLEANUP(x509_req) X509_REQ *own = fixture_request(key, "a", NULL);
	CLEANUP(x509_req) X509_REQ *foreign = fixture_request(other, "b", NULL);
	CLEANUP(x509_stack) x509_stack *issued = NULL;
	CLEANUP(x509_stack) x509_stack *chain = NULL;
	CLEANUP_DONE(issuer) struct issuer issuer = {NULL, NULL};
	struct profile profile = {.kind = PROFILE_CA};
	struct error err;

	(void)state;
	fake_keys_add("a", key);
	assert_int_equal(issuer_open_self("a", &issuer, &err), ERROR_NONE);
	assert_int_equal(issue_certificate(&issuer, &profile, foreign,
			     FIXTURE_NOW, &issued, &err),
	    ERROR_INVALID);
	assert_int_equal(issue_certificate(&issuer, &profile, own, FIXTURE_NOW,
			     &issued, &err),
	    ERROR_NONE);
	chain = read_again(issued);
	assert_int_equal(sk_X509_num(chain), 1);
	assert_int_equal(X509_self_signed(sk_X509_value(chain, 0), 1), 1);
	assert_true(certificate_is_ca(sk_X509_value(chain, 0)));
}

static void
asks_for_what_the_present_certificate_has(void **state)
{
	static const char *const extensions[] = {
	    "subjectAltName", "DNS:a.local", NULL};
	CLEANUP(pkey) EVP_PKEY *key = fixture_key("P-256");
	CLEANUP(pkey) EVP_PKEY *ca_key = fixture_key("P-256");
	CLEANUP(x509) X509 *ca = fixture_ca(ca_key, "ca", YEAR);
	CLEANUP(x509_req)
	X509_REQ *first = fixture_request(key, "a", extensions);
	CLEANUP(x509) X509 *present = NULL;
	CLEANUP(x509_req) X509_REQ *request = NULL;
	CLEANUP(x509) X509 *next = NULL;
	struct profile profile = {0};
	struct error err;

	(void)state;
	fake_keys_add("a", key);
	assert_int_equal(profile_certificate(&profile, first, ca, ca_key,
			     FIXTURE_NOW, &present, &err),
	    ERROR_NONE);
	assert_int_equal(
	    request_create(&profile, NULL, "a", &request, &err), ERROR_INVALID);
	assert_int_equal(
	    request_create(&profile, present, "a", &request, &err), ERROR_NONE);
	assert_int_equal(X509_REQ_verify(request, key), 1);
	assert_int_equal(profile_certificate(&profile, request, ca, ca_key,
			     FIXTURE_NOW, &next, &err),
	    ERROR_NONE);
	assert_int_equal(X509_NAME_cmp(X509_get_subject_name(present),
			     X509_get_subject_name(next)),
	    0);
	assert_int_equal(X509_check_host(next, "a.local", 0, 0, NULL), 1);
}

static int
usage_asked_for(const struct profile *profile, const X509 *current)
{
	CLEANUP(x509_req) X509_REQ *request = NULL;
	STACK_OF(X509_EXTENSION) * extensions;
	EXTENDED_KEY_USAGE *usages;
	int nid = NID_undef;
	struct error err;

	assert_int_equal(
	    request_create(profile, current, "a", &request, &err), ERROR_NONE);
	extensions = X509_REQ_get_extensions(request);
	usages = X509V3_get_d2i(extensions, NID_ext_key_usage, NULL, NULL);
	if (sk_ASN1_OBJECT_num(usages) == 1)
		nid = OBJ_obj2nid(sk_ASN1_OBJECT_value(usages, 0));
	EXTENDED_KEY_USAGE_free(usages);
	sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
	return nid;
}

static void
asks_for_the_usage_of_its_profile_where_that_is_wished_for(void **state)
{
	CLEANUP(pkey) EVP_PKEY *key = fixture_key("P-256");
	struct profile profile = {.common_name = "a"};

	(void)state;
	fake_keys_add("a", key);
	assert_int_equal(usage_asked_for(&profile, NULL), NID_undef);
	profile.ask_usage = true;
	assert_int_equal(usage_asked_for(&profile, NULL), NID_client_auth);
	profile.kind = PROFILE_SERVER;
	assert_int_equal(usage_asked_for(&profile, NULL), NID_server_auth);
	profile.kind = PROFILE_CA;
	assert_int_equal(usage_asked_for(&profile, NULL), NID_undef);
}

/* What is in place was for something else. */
static void
asks_for_what_the_profile_is_and_not_for_what_was_before(void **state)
{
	CLEANUP(pkey) EVP_PKEY *key = fixture_key("P-256");
	CLEANUP(x509_name) X509_NAME *name = fixture_name("a");
	struct certificate_plan plan = {.subject = name,
	    .public_key = key,
	    .not_before = FIXTURE_NOW,
	    .not_after = FIXTURE_NOW + FIXTURE_DAY,
	    .for_client = true,
	    .path_length = CERTIFICATE_NO_PATH_LENGTH};
	CLEANUP(x509) X509 *present = NULL;
	CLEANUP(x509_req) X509_REQ *request = NULL;
	struct profile profile = {.common_name = "a", .ask_usage = true};
	STACK_OF(X509_EXTENSION) * extensions;
	BASIC_CONSTRAINTS *constraints;
	ASN1_BIT_STRING *usage;
	struct error err;

	(void)state;
	fake_keys_add("a", key);
	assert_int_equal(
	    certificate_create(&plan, key, &present, &err), ERROR_NONE);
	profile.kind = PROFILE_SERVER;
	assert_int_equal(usage_asked_for(&profile, present), NID_server_auth);
	profile.kind = PROFILE_CLIENT;
	assert_int_equal(usage_asked_for(&profile, present), NID_client_auth);
	profile.kind = PROFILE_CA;
	assert_int_equal(usage_asked_for(&profile, present), NID_undef);
	assert_int_equal(
	    request_create(&profile, present, "a", &request, &err), ERROR_NONE);
	extensions = X509_REQ_get_extensions(request);
	constraints =
	    X509V3_get_d2i(extensions, NID_basic_constraints, NULL, NULL);
	usage = X509V3_get_d2i(extensions, NID_key_usage, NULL, NULL);
	assert_true(constraints && constraints->ca);
	assert_true(usage && ASN1_BIT_STRING_get_bit(usage, 5)); /* certs */
	BASIC_CONSTRAINTS_free(constraints);
	ASN1_BIT_STRING_free(usage);
	sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
}

/* Others ask by a name of their own; extensions are theirs in any case. */
static void
renames_a_request_for_a_key_that_it_may_use(void **state)
{
	static const char *const extensions[] = {
	    "subjectAltName", "DNS:a.local", NULL};
	CLEANUP(pkey) EVP_PKEY *key = fixture_key("P-256");
	CLEANUP(pkey) EVP_PKEY *other = fixture_key("P-256");
	CLEANUP(x509_req)
	X509_REQ *asked = fixture_request(key, "a", extensions);
	CLEANUP(x509_req) X509_REQ *foreign = fixture_request(other, "a", NULL);
	CLEANUP(x509_req) X509_REQ *renamed = NULL;
	CLEANUP(x509_req) X509_REQ *none = NULL;
	CLEANUP(string) char *name = NULL;
	struct profile profile = {.common_name = "b"};
	const struct profile nameless = {0};
	const struct profile same = {.common_name = "a"};
	struct error err;

	(void)state;
	assert_int_equal(
	    request_rename(&profile, asked, "k", &none, &err), ERROR_NONE);
	assert_null(none); /* no such key */
	fake_keys_add("k", key);
	assert_int_equal(
	    request_rename(&profile, foreign, "k", &none, &err), ERROR_NONE);
	assert_null(none); /* not for that key */
	assert_int_equal(
	    request_rename(&nameless, asked, "k", &none, &err), ERROR_NONE);
	assert_null(none);
	assert_int_equal(
	    request_rename(&same, asked, "k", &none, &err), ERROR_NONE);
	assert_null(none);

	assert_int_equal(
	    request_rename(&profile, asked, "k", &renamed, &err), ERROR_NONE);
	assert_int_equal(X509_REQ_verify(renamed, key), 1);
	assert_int_equal(
	    name_common_name(X509_REQ_get_subject_name(renamed), &name, &err),
	    ERROR_NONE);
	assert_string_equal(name, "b");
	assert_int_equal(X509_REQ_get_attr_count(renamed), 1);
	fake_keys_unplug();
	assert_int_equal(request_rename(&profile, asked, "k", &none, &err),
	    ERROR_UNAVAILABLE);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(
		issues_leaf_first_then_the_chain, teardown),
	    cmocka_unit_test_teardown(
		refuses_an_issuer_that_is_no_ca, teardown),
	    cmocka_unit_test_teardown(
		refuses_an_issuer_outside_its_dates, teardown),
	    cmocka_unit_test_teardown(
		refuses_a_key_that_is_not_the_issuers, teardown),
	    cmocka_unit_test_teardown(
		says_when_the_key_is_out_of_reach, teardown),
	    cmocka_unit_test_teardown(
		asks_for_a_key_again_only_if_the_certificate_is_another,
		teardown),
	    cmocka_unit_test_teardown(
		keeps_a_bounded_number_of_issuers, teardown),
	    cmocka_unit_test_teardown(
		lets_a_key_sign_its_own_certificate_only, teardown),
	    cmocka_unit_test_teardown(
		asks_for_what_the_present_certificate_has, teardown),
	    cmocka_unit_test_teardown(
		renames_a_request_for_a_key_that_it_may_use, teardown),
	    cmocka_unit_test_teardown(
		asks_for_the_usage_of_its_profile_where_that_is_wished_for,
		teardown),
	    cmocka_unit_test_teardown(
		asks_for_what_the_profile_is_and_not_for_what_was_before,
		teardown),
	};

	return cmocka_run_group_tests_name(
	    "certd issue", tests, create_issuers, free_issuers);
}
