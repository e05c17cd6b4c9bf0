/* SPDX-License-Identifier: MIT */
/* What an issued certificate contains, whatever the request asks for. */
#include "cmocka_wrap.h"

#include <string.h>

#include "profile_fixture.h"

static void
assert_common_name(const X509 *certificate, const char *expected)
{
	CLEANUP(string) char *name = NULL;
	struct error err;

	assert_int_equal(
	    name_common_name(X509_get_subject_name(certificate), &name, &err),
	    ERROR_NONE);
	assert_string_equal(name, expected);
}

static void
assert_time(const ASN1_TIME *time, int64_t expected)
{
	struct error err;
	int64_t when;

	assert_int_equal(time_from_asn1(time, &when, &err), ERROR_NONE);
	assert_true(when == expected);
}

static void
makes_a_client_certificate_by_default(void **state)
{
	struct profile profile = {0};
	CLEANUP(x509)
	X509 *certificate =
	    profile_issue(*state, &profile, "RSA-2048", "dev1", NULL);

	assert_common_name(certificate, "dev1");
	assert_int_equal(X509_get_version(certificate), X509_VERSION_3);
	assert_false(certificate_is_ca(certificate));
	assert_int_equal(X509_get_key_usage(certificate),
	    KU_DIGITAL_SIGNATURE | KU_KEY_ENCIPHERMENT);
	assert_int_equal(
	    X509_get_extended_key_usage(certificate), XKU_SSL_CLIENT);
	assert_time(X509_get0_notBefore(certificate),
	    FIXTURE_NOW - PROFILE_BACKDATE_SECONDS);
	assert_time(
	    X509_get0_notAfter(certificate), FIXTURE_NOW + 30 * FIXTURE_DAY);
}

static void
does_not_make_a_ca_because_the_request_asks(void **state)
{
	static const char *const extensions[] = {"basicConstraints",
	    "critical,CA:TRUE", "keyUsage", "critical,keyCertSign",
	    "extendedKeyUsage", "codeSigning", NULL};
	struct profile profile = {0};
	CLEANUP(x509)
	X509 *certificate =
	    profile_issue(*state, &profile, "P-256", "dev1", extensions);

	assert_false(certificate_is_ca(certificate));
	assert_int_equal(X509_check_ca(certificate), 0);
	assert_int_equal(X509_get_key_usage(certificate), KU_DIGITAL_SIGNATURE);
	assert_int_equal(
	    X509_get_extended_key_usage(certificate), XKU_SSL_CLIENT);
}

static void
takes_names_and_tls_usages_from_the_request(void **state)
{
	static const char *const extensions[] = {"subjectAltName",
	    "DNS:dev1.local,IP:10.0.0.1", "extendedKeyUsage",
	    "serverAuth,clientAuth,codeSigning", NULL};
	struct profile profile = {0};
	CLEANUP(x509)
	X509 *certificate =
	    profile_issue(*state, &profile, "P-256", "dev1", extensions);

	assert_int_equal(
	    X509_check_host(certificate, "dev1.local", 0, 0, NULL), 1);
	assert_int_equal(X509_check_ip_asc(certificate, "10.0.0.1", 0), 1);
	assert_int_equal(X509_get_extended_key_usage(certificate),
	    XKU_SSL_CLIENT | XKU_SSL_SERVER);
}

static void
makes_a_server_certificate_when_asked(void **state)
{
	static const char *const extensions[] = {
	    "extendedKeyUsage", "serverAuth", NULL};
	struct profile profile = {0};
	CLEANUP(x509)
	X509 *certificate =
	    profile_issue(*state, &profile, "P-256", "dev1", extensions);

	assert_int_equal(
	    X509_get_extended_key_usage(certificate), XKU_SSL_SERVER);
}

static void
prefers_the_configured_name(void **state)
{
	struct profile profile = {
	    .common_name = "configured", .expiry_days = 7};
	CLEANUP(x509)
	X509 *certificate =
	    profile_issue(*state, &profile, "P-256", "asked", NULL);
	CLEANUP(x509)
	X509 *nameless = profile_issue(*state, &profile, "P-256", NULL, NULL);

	assert_common_name(certificate, "configured");
	assert_common_name(nameless, "configured");
	assert_time(
	    X509_get0_notAfter(certificate), FIXTURE_NOW + 7 * FIXTURE_DAY);
}

static void
needs_a_name_from_somewhere(void **state)
{
	const struct authority *authority = *state;
	CLEANUP(x509_req)
	X509_REQ *request = fixture_request(authority->key, NULL, NULL);
	struct profile profile = {0};
	X509 *certificate = NULL;
	struct error err;

	assert_int_equal(
	    profile_certificate(&profile, request, authority->certificate,
		authority->key, FIXTURE_NOW, &certificate, &err),
	    ERROR_INVALID);
	assert_null(certificate);
}

static void
stays_within_the_life_of_the_issuer(void **state)
{
	struct authority authority = *(struct authority *)*state;
	CLEANUP(x509)
	X509 *young =
	    fixture_ca(authority.key, "young", FIXTURE_NOW + 2 * FIXTURE_DAY);
	struct profile profile = {0};
	CLEANUP(x509) X509 *certificate = NULL;
	struct error err;

	assert_int_equal(
	    time_to_asn1(FIXTURE_NOW - 10, X509_getm_notBefore(young), &err),
	    ERROR_NONE);
	authority.certificate = young;
	certificate =
	    profile_issue(&authority, &profile, "P-256", "dev1", NULL);
	assert_time(X509_get0_notBefore(certificate), FIXTURE_NOW - 10);
	assert_time(
	    X509_get0_notAfter(certificate), FIXTURE_NOW + 2 * FIXTURE_DAY);
}

static void
lives_past_2049_under_an_issuer_that_does(void **state)
{
	struct profile profile = {
	    .expiry_days = CERTD_EXPIRY_DAYS_MAX, .clip = true};
	CLEANUP(x509)
	X509 *certificate =
	    profile_issue(*state, &profile, "P-256", "dev1", NULL);

	assert_time(X509_get0_notAfter(certificate), YEAR_2055);
	assert_int_equal(
	    X509_get0_notAfter(certificate)->type, V_ASN1_GENERALIZEDTIME);
}

static void
refuses_extensions_that_are_there_twice(void **state)
{
	static const char *const extensions[] = {
	    "subjectAltName", "DNS:a", "subjectAltName", "DNS:b", NULL};
	const struct authority *authority = *state;
	CLEANUP(x509_req)
	X509_REQ *request = fixture_request(authority->key, "a", extensions);
	struct profile profile = {0};
	X509 *certificate = NULL;
	struct error err;

	assert_int_equal(
	    profile_certificate(&profile, request, authority->certificate,
		authority->key, FIXTURE_NOW, &certificate, &err),
	    ERROR_INVALID);
	assert_non_null(strstr(err.message, "twice"));
}

static void
refuses_extensions_that_do_not_decode(void **state)
{
	static const char *const extensions[] = {
	    "subjectAltName", "DER:30:03:82:05:61", NULL};
	const struct authority *authority = *state;
	CLEANUP(x509_req)
	X509_REQ *request = fixture_request(authority->key, "a", extensions);
	struct profile profile = {0};
	X509 *certificate = NULL;
	struct error err;

	assert_int_equal(
	    profile_certificate(&profile, request, authority->certificate,
		authority->key, FIXTURE_NOW, &certificate, &err),
	    ERROR_INVALID);
}

static void
cuts_long_names_between_characters(void **state)
{
	/* 70 characters of two bytes, and 64 of one. */
	char umlauts[70 * 2 + 1] = "";
	char ascii[64 + 1] = "";
	CLEANUP(string) char *cut = NULL;
	CLEANUP(string) char *same = NULL;

	(void)state;
	for (size_t i = 0; i < 70; i++) {
		umlauts[2 * i] = '\xc3';
		umlauts[2 * i + 1] = '\xa4';
	}
	memset(ascii, 'x', 64);
	cut = profile_cut_common_name(umlauts);
	same = profile_cut_common_name(ascii);
	assert_int_equal(strlen(cut), 64 * 2);
	assert_memory_equal(cut, umlauts, 64 * 2);
	assert_string_equal(same, ascii);
}

static void
issues_for_a_configured_name_of_any_length(void **state)
{
	static const char name[] =
	    "\xc3\xa4"
	    "0123456789012345678901234567890123456789012345678901234567890123"
	    "\xc3\xbc";
	struct profile profile = {.common_name = name};
	CLEANUP(string) char *expected = strndup(name, 65);
	CLEANUP(x509)
	X509 *certificate = profile_issue(*state, &profile, "P-256", "a", NULL);

	assert_common_name(certificate, expected);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(makes_a_client_certificate_by_default),
	    cmocka_unit_test(does_not_make_a_ca_because_the_request_asks),
	    cmocka_unit_test(takes_names_and_tls_usages_from_the_request),
	    cmocka_unit_test(makes_a_server_certificate_when_asked),
	    cmocka_unit_test(prefers_the_configured_name),
	    cmocka_unit_test(needs_a_name_from_somewhere),
	    cmocka_unit_test(stays_within_the_life_of_the_issuer),
	    cmocka_unit_test(lives_past_2049_under_an_issuer_that_does),
	    cmocka_unit_test(refuses_extensions_that_are_there_twice),
	    cmocka_unit_test(refuses_extensions_that_do_not_decode),
	    cmocka_unit_test(cuts_long_names_between_characters),
	    cmocka_unit_test(issues_for_a_configured_name_of_any_length),
	};

	return cmocka_run_group_tests_name("certd profile", tests,
	    profile_authority_create, profile_authority_free);
}
