/* SPDX-License-Identifier: MIT */
/* Which certification requests certd looks at. */
#include "cmocka_wrap.h"

#include <string.h>

#include "csr.h"
#include "pki_fixture.h"

static const char certificate[] =
    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
static const char broken_request[] =
    "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n"
    "-----END CERTIFICATE REQUEST-----\n";

static void
reads_requests_of_every_usual_key(void **state)
{
	static const char *const types[] = {
	    "P-256", "P-384", "RSA-2048", "ED25519"};

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		CLEANUP(pkey) EVP_PKEY *key = fixture_key(types[i]);
		CLEANUP(string) char *pem = fixture_request_pem(key, "a", NULL);
		CLEANUP(x509_req) X509_REQ *request = NULL;
		struct error err;

		print_message("%s\n", types[i]);
		assert_int_equal(csr_read(pem, &request, &err), ERROR_NONE);
	}
}

static void
refuses_a_request_that_another_key_signed(void **state)
{
	CLEANUP(pkey) EVP_PKEY *key = fixture_key("P-256");
	CLEANUP(pkey) EVP_PKEY *other = fixture_key("P-256");
	CLEANUP(x509_req) X509_REQ *request = fixture_request(key, "a", NULL);
	X509_REQ *read = NULL;
	char *pem = NULL;
	struct error err;

	(void)state;
	assert_int_equal(X509_REQ_set_pubkey(request, other), 1);
	assert_true(X509_REQ_sign(request, key, EVP_sha256()) > 0);
	assert_int_equal(request_to_pem(request, &pem, &err), ERROR_NONE);
	assert_int_equal(csr_read(pem, &read, &err), ERROR_INVALID);
	assert_null(read);
	assert_non_null(strstr(err.message, "not signed by the key in it"));
	free(pem);
}

static void
refuses_keys_that_are_too_weak(void **state)
{
	CLEANUP(pkey) EVP_PKEY *key = fixture_key("RSA-1024");
	CLEANUP(string) char *pem = fixture_request_pem(key, "a", NULL);
	X509_REQ *request = NULL;
	struct error err;

	(void)state;
	assert_int_equal(csr_read(pem, &request, &err), ERROR_INVALID);
	assert_non_null(strstr(err.message, "RSA from 2048 bits"));
}

static void
refuses_text_that_is_no_request(void **state)
{
	static const char *const texts[] = {
	    "",
	    "hello",
	    "-----BEGIN CERTIFICATE REQUEST-----\n",
	    broken_request,
	    certificate,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		X509_REQ *request = NULL;
		struct error err;

		assert_int_equal(
		    csr_read(texts[i], &request, &err), ERROR_INVALID);
		assert_null(request);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_requests_of_every_usual_key),
	    cmocka_unit_test(refuses_a_request_that_another_key_signed),
	    cmocka_unit_test(refuses_keys_that_are_too_weak),
	    cmocka_unit_test(refuses_text_that_is_no_request),
	};

	return cmocka_run_group_tests_name("certd csr", tests, NULL, NULL);
}
