/* SPDX-License-Identifier: MIT */
/* What HTTP answers of EST servers mean, and what their bodies hold. */
#include "cmocka_wrap.h"

#include <string.h>

#include "est_answer.h"
#include "est_body.h"
#include "est_csrattrs.h"
#include "est_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define PKCS7_TYPE "application/pkcs7-mime"

static enum est_verdict
judge(const char *operation, long status, const char *type, const char *body,
    long retry_after, int64_t *ret_wait, struct error *err)
{
	struct https_response response = {.status = status,
	    .body = (char *)(uintptr_t)body,
	    .body_length = strlen(body),
	    .retry_after_seconds = retry_after,
	    .location = "https://other.example/est"};

	(void)snprintf(
	    response.content_type, sizeof(response.content_type), "%s", type);
	return est_answer_judge(operation, &response, ret_wait, err);
}

static void
knows_what_a_status_means(void **state)
{
	static const struct {
		const char *operation;
		long status;
		const char *type;
		enum est_verdict verdict;
	} cases[] = {
	    {EST_ENROLL,   200, PKCS7_TYPE,                           EST_DONE   },
	    {EST_ENROLL,   200, PKCS7_TYPE "; smime-type=certs-only", EST_DONE   },
	    {EST_ENROLL,   200, "Application/PKCS7-mime",             EST_DONE   },
	    {EST_ENROLL,   200, "text/html",                          EST_REFUSED},
	    {EST_ENROLL,   200, PKCS7_TYPE "x",                       EST_REFUSED},
	    {EST_CSRATTRS, 200, "application/csrattrs",               EST_DONE   },
	    {EST_CSRATTRS, 200, PKCS7_TYPE,                           EST_REFUSED},
	    {EST_CSRATTRS, 204, "",                                   EST_NOTHING},
	    {EST_CSRATTRS, 404, "",                                   EST_NOTHING},
	    {EST_CSRATTRS, 501, "",                                   EST_NOTHING},
	    {EST_CACERTS,  204, "",				   EST_REFUSED},
	    {EST_CACERTS,  404, "",				   EST_REFUSED},
	    {EST_ENROLL,   202, "",				   EST_LATER  },
	    {EST_ENROLL,   302, "",				   EST_REFUSED},
	    {EST_ENROLL,   400, "",				   EST_REFUSED},
	    {EST_ENROLL,   401, "",				   EST_REFUSED},
	    {EST_ENROLL,   408, "",				   EST_LATER  },
	    {EST_ENROLL,   429, "",				   EST_LATER  },
	    {EST_ENROLL,   500, "",				   EST_LATER  },
	    {EST_ENROLL,   501, "",				   EST_REFUSED},
	    {EST_ENROLL,   503, "",				   EST_LATER  },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct error err = {.message = ""};
		int64_t wait;
		enum est_verdict verdict = judge(cases[i].operation,
		    cases[i].status, cases[i].type, "", -1, &wait, &err);

		if (verdict != cases[i].verdict)
			fail_msg("%s %ld '%s': %d", cases[i].operation,
			    cases[i].status, cases[i].type, (int)verdict);
		if (verdict == EST_LATER)
			assert_int_equal(wait, EST_RETRY_AFTER_SECONDS);
		if (verdict == EST_LATER || verdict == EST_REFUSED)
			assert_true(strlen(err.message) > 10);
	}
}

static void
shows_what_the_server_says(void **state)
{
	struct error err;
	int64_t wait;

	(void)state;
	assert_int_equal(judge(EST_ENROLL, 400, "text/html",
			     "<html>\n<b>OU</b> is\r\n missing\x1b[1m </html>",
			     -1, &wait, &err),
	    EST_REFUSED);
	assert_non_null(strstr(err.message, "'OU is missing [1m'"));
	assert_non_null(strstr(err.message, "400"));
	assert_int_equal(
	    judge(EST_ENROLL, 503, "", "full", 7, &wait, &err), EST_LATER);
	assert_int_equal(wait, 7);
	assert_non_null(strstr(err.message, "'full'"));
	assert_int_equal(
	    judge(EST_ENROLL, 302, "", "", -1, &wait, &err), EST_REFUSED);
	assert_non_null(strstr(err.message, "https://other.example/est"));
}

static char *
as_pem(const char *base64)
{
	static char text[16384];

	(void)snprintf(text, sizeof(text),
	    "-----BEGIN PKCS7-----\r\n%.64s\r\n%s\r\n-----END PKCS7-----\r\n",
	    base64, base64 + 64);
	return text;
}

static void
reads_certificates_with_and_without_armour(void **state)
{
	struct est_fixture fixture;
	struct error err = {.message = ""};

	(void)state;
	est_fixture_open(&fixture);
	{
		CLEANUP(x509_stack)
		x509_stack *both =
		    est_fixture_stack(2, (X509 *[]){fixture.root, fixture.ca});
		CLEANUP(string) char *text = est_fixture_pkcs7(both);
		CLEANUP(x509_stack) x509_stack *plain = NULL;
		CLEANUP(x509_stack) x509_stack *armoured = NULL;

		if (est_certificates(text, &plain, &err) ||
		    est_certificates(as_pem(text), &armoured, &err))
			fail_msg("%s", err.message);
		assert_int_equal(sk_X509_num(plain), 2);
		assert_int_equal(sk_X509_num(armoured), 2);
	}
	est_fixture_close(&fixture);
}

static void
refuses_what_is_not_a_pkcs7_with_certificates(void **state)
{
	CLEANUP(x509_stack) x509_stack *none = sk_X509_new_null();
	CLEANUP(string) char *empty = est_fixture_pkcs7(none);
	const char *const texts[] = {
	    "", "!", "AAAA", "MAA=", "<html></html>", empty};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		x509_stack *certificates = NULL;
		struct error err;

		assert_int_equal(
		    est_certificates(texts[i], &certificates, &err),
		    ERROR_UPSTREAM);
	}
}

static void
breaks_lines_as_mime_does(void **state)
{
	static const unsigned char data[100] = {1};
	CLEANUP(string) char *text = est_body_encode(data, sizeof(data));
	CLEANUP(bytes) unsigned char *again = NULL;
	size_t length;
	struct error err;

	(void)state;
	assert_int_equal(strcspn(text, "\n"), 64);
	assert_int_equal(
	    est_body_decode(text, &again, &length, &err), ERROR_NONE);
	assert_int_equal(length, sizeof(data));
	assert_memory_equal(again, data, sizeof(data));
}

static void
knows_the_key_and_the_hash_that_are_wished_for(void **state)
{
	/* RFC 7030 section 4.5.2's example: challengePassword, EC on P-384,
	 * macAddress as an extension request, ecdsa-with-SHA384 */
	static const char rfc[] =
	    "MEEGCSqGSIb3DQEJBzASBgcqhkjOPQIBMQcGBSuBBAAiMBYGCSqGSIb3DQEJDjE"
	    "JBgcrBgEBAQEWBggqhkjOPQQDAw==";
	CLEANUP(pkey) EVP_PKEY *key_256 = fixture_key("P-256");
	CLEANUP(pkey) EVP_PKEY *key_384 = fixture_key("P-384");
	CLEANUP(pkey) EVP_PKEY *key_rsa = fixture_key("RSA-2048");
	struct est_wishes wishes;
	struct error err = {.message = ""};

	(void)state;

	if (est_csrattrs_read(rfc, &wishes, &err))
		fail_msg("%s", err.message);
	assert_string_equal(wishes.key_kind, "ec-p384");
	assert_ptr_equal(wishes.hash, EVP_sha384());
	assert_string_equal(
	    wishes.missing, "challengePassword, 1.3.6.1.1.1.1.22");
	assert_false(wishes.usage || wishes.names);
	assert_true(est_wishes_allow(&wishes, key_384));
	assert_false(est_wishes_allow(&wishes, key_256));
	assert_false(est_wishes_allow(&wishes, key_rsa));
}

static void
knows_the_extensions_that_are_wished_for(void **state)
{
	static const struct {
		const char *text;
		bool usage;
		bool names;
		const char *missing;
	} cases[] = {
  /* extendedKeyUsage, subjectAltName, keyUsage as OIDs */
	    {"MA8GA1UdJQYDVR0RBgNVHQ8=",                                 true, true, "X509v3 Key Usage"},
 /* an extension request of extendedKeyUsage with clientAuth */
	    {"MCYwJAYJKoZIhvcNAQkOMRcwFTATBgNVHSUEDDAKBggrBgEFBQcDAg==", true,
             false,								  ""                },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct est_wishes wishes;
		struct error err = {.message = ""};

		if (est_csrattrs_read(cases[i].text, &wishes, &err))
			fail_msg("%s", err.message);
		assert_int_equal(wishes.usage, cases[i].usage);
		assert_int_equal(wishes.names, cases[i].names);
		assert_string_equal(wishes.missing, cases[i].missing);
		assert_null(wishes.hash);
	}
}

static void
asks_for_nothing_where_the_server_does_not(void **state)
{
	static const char *const texts[] = {"", "MAA="};
	CLEANUP(pkey) EVP_PKEY *key = fixture_key("P-256");

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct est_wishes wishes;
		struct error err = {.message = ""};

		if (est_csrattrs_read(texts[i], &wishes, &err))
			fail_msg("%s", err.message);
		assert_null(wishes.key_kind);
		assert_null(wishes.hash);
		assert_string_equal(wishes.missing, "");
		assert_true(est_wishes_allow(&wishes, key));
	}
}

static void
refuses_attributes_that_are_garbage(void **state)
{
	static const char *const texts[] = {
	    "!", "AAAA", "BAEA", "MAIEAA==", "MAMwAQA="};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct est_wishes wishes;
		struct error err;

		if (est_csrattrs_read(texts[i], &wishes, &err) !=
		    ERROR_UPSTREAM)
			fail_msg("'%s' was read", texts[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(knows_what_a_status_means),
	    cmocka_unit_test(shows_what_the_server_says),
	    cmocka_unit_test(reads_certificates_with_and_without_armour),
	    cmocka_unit_test(refuses_what_is_not_a_pkcs7_with_certificates),
	    cmocka_unit_test(breaks_lines_as_mime_does),
	    cmocka_unit_test(knows_the_key_and_the_hash_that_are_wished_for),
	    cmocka_unit_test(knows_the_extensions_that_are_wished_for),
	    cmocka_unit_test(asks_for_nothing_where_the_server_does_not),
	    cmocka_unit_test(refuses_attributes_that_are_garbage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
