/* SPDX-License-Identifier: MIT */
/* What the configuration decides, by kind of profile and by list. */
#include "cmocka_wrap.h"

#include <string.h>

#include "profile_fixture.h"

/* A profile of this kind with a request that asks for everything. */
static X509 *
issue_all(const struct authority *authority, const struct profile *profile)
{
	static const char *const extensions[] = {"subjectAltName",
	    "DNS:a.local,IP:10.0.0.1,URI:urn:a,email:a@b,RID:1.2.3",
	    "extendedKeyUsage", "clientAuth,serverAuth,codeSigning",
	    "basicConstraints", "critical,CA:TRUE", NULL};

	return profile_issue(authority, profile, "P-256", "dev1", extensions);
}

static void
decides_by_profile_what_a_certificate_is_for(void **state)
{
	static const struct {
		enum profile_kind kind;
		unsigned usages;
		int names;
	} cases[] = {
	    {PROFILE_BY_REQUEST,      XKU_SSL_CLIENT | XKU_SSL_SERVER, 5},
	    {PROFILE_DEVICE_IDENTITY, XKU_SSL_CLIENT,                  0},
	    {PROFILE_CLIENT,          XKU_SSL_CLIENT,                  3},
	    {PROFILE_SERVER,          XKU_SSL_SERVER,                  2},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct profile profile = {.kind = cases[i].kind};
		CLEANUP(x509) X509 *certificate = issue_all(*state, &profile);
		GENERAL_NAMES *names = X509_get_ext_d2i(
		    certificate, NID_subject_alt_name, NULL, NULL);

		assert_int_equal(
		    X509_get_extended_key_usage(certificate), cases[i].usages);
		assert_int_equal(
		    names ? sk_GENERAL_NAME_num(names) : 0, cases[i].names);
		assert_false(certificate_is_ca(certificate));
		GENERAL_NAMES_free(names);
	}
}

static void
makes_a_ca_with_a_path_length_only_by_profile(void **state)
{
	struct profile profile = {.kind = PROFILE_CA, .path_length = 1};
	CLEANUP(x509) X509 *certificate = issue_all(*state, &profile);

	assert_true(certificate_is_ca(certificate));
	assert_int_equal(X509_get_pathlen(certificate), 1);
	assert_int_equal(X509_get_key_usage(certificate),
	    KU_DIGITAL_SIGNATURE | KU_KEY_CERT_SIGN | KU_CRL_SIGN);
	assert_int_equal(
	    X509_get_ext_by_NID(certificate, NID_ext_key_usage, -1), -1);
	assert_int_equal(
	    X509_get_ext_by_NID(certificate, NID_subject_alt_name, -1), -1);
}

static void
takes_over_only_what_the_list_accepts(void **state)
{
	char organization[] = "O", uri[] = "uri", usage[] = "usage";
	char *items[] = {organization, uri, usage};
	const struct config_strings names = {3, items};
	struct profile profile = {.kind = PROFILE_SERVER};
	const struct authority *authority = *state;
	CLEANUP(x509) X509 *certificate = NULL;
	CLEANUP(pkey) EVP_PKEY *key = fixture_key("P-256");
	CLEANUP(x509_req) X509_REQ *request = NULL;
	static const char *const extensions[] = {"subjectAltName",
	    "DNS:a,URI:urn:a", "extendedKeyUsage", "clientAuth", NULL};
	GENERAL_NAMES *left;
	struct error err;

	request = fixture_request(key, "dev1", extensions);
	assert_int_equal(
	    X509_NAME_add_entry_by_txt(X509_REQ_get_subject_name(request), "O",
		MBSTRING_UTF8, (const unsigned char *)"Contoso", -1, -1, 0),
	    1);
	assert_int_equal(
	    profile_accept_parse(&names, PROFILE_SERVER, &profile.accept, &err),
	    ERROR_NONE);
	assert_int_equal(
	    profile_certificate(&profile, request, authority->certificate,
		authority->key, FIXTURE_NOW, &certificate, &err),
	    ERROR_NONE);
	assert_int_equal(
	    X509_NAME_entry_count(X509_get_subject_name(certificate)), 1);
	assert_int_equal(X509_get_extended_key_usage(certificate),
	    XKU_SSL_SERVER | XKU_SSL_CLIENT);
	left = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	assert_int_equal(sk_GENERAL_NAME_num(left), 1);
	assert_int_equal(sk_GENERAL_NAME_value(left, 0)->type, GEN_URI);
	GENERAL_NAMES_free(left);
}

static void
writes_the_configured_subject_in_order(void **state)
{
	char texts[3][2][8] = {
	    {"C",  "DE"     },
            {"O",  "Contoso"},
            {"CN", "dev7"   }
        };
	struct config_pair pairs[] = {
	    {.key = texts[0][0], .value = texts[0][1]},
	    {.key = texts[1][0], .value = texts[1][1]},
	    {.key = texts[2][0], .value = texts[2][1]},
	};
	const struct config_map subject = {3, pairs};
	struct profile profile = {.subject = &subject};
	CLEANUP(x509)
	X509 *certificate = profile_issue(*state, &profile, "P-256", "a", NULL);
	CLEANUP(string)
	char *text =
	    X509_NAME_oneline(X509_get_subject_name(certificate), NULL, 0);

	assert_string_equal(text, "/C=DE/O=Contoso/CN=dev7");
}

static void
signs_with_the_digest_that_is_configured(void **state)
{
	struct profile profile = {.digest = EVP_sha384()};
	CLEANUP(x509)
	X509 *certificate = profile_issue(*state, &profile, "P-256", "a", NULL);

	assert_int_equal(
	    X509_get_signature_nid(certificate), NID_ecdsa_with_SHA384);
}

static void
copies_a_requests_extensions_only_for_aziot(void **state)
{
	struct profile profile = {.copy_extensions = true};
	CLEANUP(x509) X509 *certificate = issue_all(*state, &profile);

	assert_true(certificate_is_ca(certificate));
	assert_true(X509_get_ext_by_NID(
			certificate, NID_subject_key_identifier, -1) >= 0);
	assert_true(X509_get_ext_by_NID(
			certificate, NID_authority_key_identifier, -1) >= 0);
}

/* Tries to issue under an issuer of another life; returns the error. */
static enum error_code
try_under(const struct authority *authority, X509 *issuer,
    const struct profile *profile, struct error *err)
{
	CLEANUP(pkey) EVP_PKEY *key = fixture_key("P-256");
	CLEANUP(x509_req) X509_REQ *request = fixture_request(key, "a", NULL);
	CLEANUP(x509) X509 *certificate = NULL;

	return profile_certificate(profile, request, issuer, authority->key,
	    FIXTURE_NOW, &certificate, err);
}

static void
says_when_the_issuer_ends_too_early(void **state)
{
	const struct authority *authority = *state;
	CLEANUP(x509)
	X509 *young =
	    fixture_ca(authority->key, "young", FIXTURE_NOW + 2 * FIXTURE_DAY);
	struct profile profile = {.expiry_days = 3};
	struct error err;

	assert_int_equal(
	    try_under(authority, young, &profile, &err), ERROR_TIMEOUT);
	assert_non_null(strstr(err.message, "ends on 2027-01-17"));
	assert_non_null(strstr(err.message, "at most 2"));
	profile.expiry_days = 2;
	assert_int_equal(
	    try_under(authority, young, &profile, &err), ERROR_NONE);
	profile = (struct profile){.expiry_days = 3, .clip = true};
	assert_int_equal(
	    try_under(authority, young, &profile, &err), ERROR_NONE);
}

static void
refuses_a_ca_below_one_that_may_have_none(void **state)
{
	const struct authority *authority = *state;
	struct profile profile = {.kind = PROFILE_CA};
	CLEANUP(x509) X509 *last = issue_all(authority, &profile);
	struct error err;

	assert_int_equal(
	    try_under(authority, last, &profile, &err), ERROR_INVALID);
	assert_non_null(strstr(err.message, "path length is 0"));
	/* That it would end too early, too, is not the only thing wrong. */
	profile.expiry_days = 36500;
	assert_int_equal(
	    try_under(authority, last, &profile, &err), ERROR_INVALID);
	profile.expiry_days = 0;
	profile.kind = PROFILE_SERVER;
	assert_int_equal(
	    try_under(authority, last, &profile, &err), ERROR_NONE);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(decides_by_profile_what_a_certificate_is_for),
	    cmocka_unit_test(makes_a_ca_with_a_path_length_only_by_profile),
	    cmocka_unit_test(takes_over_only_what_the_list_accepts),
	    cmocka_unit_test(writes_the_configured_subject_in_order),
	    cmocka_unit_test(signs_with_the_digest_that_is_configured),
	    cmocka_unit_test(copies_a_requests_extensions_only_for_aziot),
	    cmocka_unit_test(says_when_the_issuer_ends_too_early),
	    cmocka_unit_test(refuses_a_ca_below_one_that_may_have_none),
	};

	return cmocka_run_group_tests_name("certd kinds of profiles", tests,
	    profile_authority_create, profile_authority_free);
}
