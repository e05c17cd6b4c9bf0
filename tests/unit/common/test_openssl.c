/* SPDX-License-Identifier: MIT */
/* What OpenSSL holds, as text: PEM, names, dates past 2049; and why not. */
#include "cmocka_wrap.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

#include "common/file.h"
#include "common/public_key.h"
#include "pki_fixture.h"

static void
reads_and_writes_a_chain_in_order(void **state)
{
	CLEANUP(pkey) EVP_PKEY *key = fixture_key("P-256");
	CLEANUP(x509) X509 *ca = fixture_ca(key, "ca", INT64_C(2682456245));
	CLEANUP(x509) X509 *leaf = fixture_leaf(key, "leaf", ca, key);
	CLEANUP(string) char *leaf_pem = fixture_pem(leaf);
	CLEANUP(string) char *ca_pem = fixture_pem(ca);
	CLEANUP(string)
	char *bundle =
	    string_format("# leaf\n%s\r\n# ca\n%s", leaf_pem, ca_pem);
	CLEANUP(string) char *plain = string_format("%s%s", leaf_pem, ca_pem);
	CLEANUP(x509_stack) x509_stack *chain = NULL;
	CLEANUP(string) char *again = NULL;
	struct error err;

	(void)state;
	assert_int_equal(
	    certificates_from_pem(bundle, &chain, &err), ERROR_NONE);
	assert_int_equal(sk_X509_num(chain), 2);
	assert_int_equal(X509_cmp(sk_X509_value(chain, 0), leaf), 0);
	assert_int_equal(X509_cmp(sk_X509_value(chain, 1), ca), 0);
	assert_int_equal(certificates_to_pem(chain, &again, &err), ERROR_NONE);
	assert_string_equal(again, plain);
	assert_false(certificate_is_ca(leaf));
	assert_true(certificate_is_ca(ca));
}

static void
says_which_certificate_of_a_chain_is_broken(void **state)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----\n";
	static const char end[] = "-----END CERTIFICATE-----\n";
	CLEANUP(pkey) EVP_PKEY *key = fixture_key("P-256");
	CLEANUP(x509) X509 *ca = fixture_ca(key, "ca", INT64_C(2682456245));
	CLEANUP(string) char *good = fixture_pem(ca);
	const struct {
		const char *pem[3];
		const char *message;
	} cases[] = {
	    {{"", "", ""},           "there is no PEM certificate"},
	    {{"nothing", "", ""},    "there is no PEM certificate"},
	    {{begin, "AAAA\n", end}, "certificate 1: "            },
	    {{good, begin, ""},      "certificate 2: "            },
	    {{good, begin, end},     "certificate 2: "            },
	    {{good, begin, good},    "certificate 2: "            },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CLEANUP(string)
		char *pem = string_format("%s%s%s", cases[i].pem[0],
		    cases[i].pem[1], cases[i].pem[2]);
		x509_stack *chain = NULL;
		struct error err;

		assert_int_equal(
		    certificates_from_pem(pem, &chain, &err), ERROR_INVALID);
		print_message("%s\n", err.message);
		assert_memory_equal(
		    err.message, cases[i].message, strlen(cases[i].message));
		assert_null(chain);
		assert_int_equal(ERR_peek_error(), 0);
	}
}

static void
reads_and_writes_requests_and_public_keys(void **state)
{
	CLEANUP(pkey) EVP_PKEY *key = fixture_key("P-256");
	CLEANUP(string) char *pem = fixture_request_pem(key, "device", NULL);
	CLEANUP(x509_req) X509_REQ *request = NULL;
	CLEANUP(string) char *again = NULL;
	CLEANUP(string) char *public_pem = NULL;
	X509_REQ *none = NULL;
	struct error err;

	(void)state;
	assert_int_equal(
	    request_from_pem_without_key(pem, &request, &err), ERROR_NONE);
	assert_int_equal(request_to_pem(request, &again, &err), ERROR_NONE);
	assert_string_equal(again, pem);
	assert_int_equal(public_key_to_pem(key, &public_pem, &err), ERROR_NONE);
	assert_memory_equal(public_pem, "-----BEGIN PUBLIC KEY-----\n", 27);
	assert_int_equal(request_from_pem_without_key(public_pem, &none, &err),
	    ERROR_INVALID);
	assert_null(none);
}

/* The PEM of key, under a passphrase if there is one. */
static char *
private_pem(EVP_PKEY *key, const char *passphrase)
{
	CLEANUP(bio) BIO *bio = BIO_new(BIO_s_mem());
	char *data;
	long length;

	assert_true(PEM_write_bio_PKCS8PrivateKey(bio, key,
	    passphrase ? EVP_aes_128_cbc() : NULL, passphrase,
	    passphrase ? (int)strlen(passphrase) : 0, NULL, NULL));
	length = BIO_get_mem_data(bio, &data);
	return strndup(data, (size_t)length);
}

static void
reads_private_keys_without_asking_for_a_passphrase(void **state)
{
	CLEANUP(pkey) EVP_PKEY *key = fixture_key("P-256");
	CLEANUP(secret) char *plain = private_pem(key, NULL);
	CLEANUP(secret) char *encrypted = private_pem(key, "1234");
	CLEANUP(pkey) EVP_PKEY *again = NULL;
	EVP_PKEY *none = NULL;
	struct error err;

	(void)state;
	assert_int_equal(private_key_from_pem(plain, &again, &err), ERROR_NONE);
	assert_int_equal(EVP_PKEY_eq(key, again), 1);
	assert_int_equal(
	    private_key_from_pem(encrypted, &none, &err), ERROR_INVALID);
	assert_memory_equal(err.message, "not an unencrypted PEM", 22);
	assert_int_equal(
	    private_key_from_pem("nothing", &none, &err), ERROR_INVALID);
	assert_null(none);
}

static void
tells_whose_certificate_it_is(void **state)
{
	CLEANUP(pkey) EVP_PKEY *key = fixture_key("P-256");
	CLEANUP(pkey) EVP_PKEY *other = fixture_key("P-256");
	CLEANUP(pkey) EVP_PKEY *rsa = fixture_key("RSA-1024");
	CLEANUP(x509) X509 *ca = fixture_ca(key, "ca", INT64_C(2682456245));

	(void)state;
	assert_true(certificate_matches_key(ca, key));
	assert_false(certificate_matches_key(ca, other));
	assert_false(certificate_matches_key(ca, rsa));
	assert_int_equal(ERR_peek_error(), 0);
}

static void
add_name(X509_NAME *name, int type, const char *value, int length)
{
	assert_true(X509_NAME_add_entry_by_NID(name, NID_commonName, type,
	    (const unsigned char *)value, length, -1, 0));
}

static void
reads_the_last_common_name(void **state)
{
	CLEANUP(x509_name) X509_NAME *name = X509_NAME_new();
	CLEANUP(string) char *text = NULL;
	CLEANUP(string) char *latin = NULL;
	char *none = NULL;
	struct error err;

	(void)state;
	assert_int_equal(name_common_name(name, &none, &err), ERROR_INVALID);
	assert_string_equal(err.message, "the name has no CN");
	add_name(name, V_ASN1_UTF8STRING, "first", -1);
	add_name(name, V_ASN1_UTF8STRING, "last", -1);
	assert_int_equal(name_common_name(name, &text, &err), ERROR_NONE);
	assert_string_equal(text, "last");
	add_name(name, V_ASN1_T61STRING, "\xe4", 1);
	assert_int_equal(name_common_name(name, &latin, &err), ERROR_NONE);
	assert_string_equal(latin, "\xc3\xa4");
	add_name(name, V_ASN1_UTF8STRING, "device\0evil", 11);
	assert_int_equal(name_common_name(name, &none, &err), ERROR_INVALID);
	assert_string_equal(err.message, "the CN has a NUL in it");
	assert_null(none);
}

#define TEN "1234567890"
#define TOO_LONG TEN TEN TEN TEN TEN TEN "12345"

static void
builds_names_that_fit(void **state)
{
	static const char longest[] = TEN TEN TEN TEN TEN TEN "1234";
	static const char *const bad[] = {"", TOO_LONG, "\xff"};
	CLEANUP(x509_name) X509_NAME *name = NULL;
	CLEANUP(string) char *text = NULL;
	X509_NAME *none = NULL;
	struct error err;

	(void)state;
	assert_int_equal(
	    name_from_common_name(longest, &name, &err), ERROR_NONE);
	assert_int_equal(name_common_name(name, &text, &err), ERROR_NONE);
	assert_string_equal(text, longest);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(
		    name_from_common_name(bad[i], &none, &err), ERROR_INVALID);
		print_message("%s\n", err.message);
		assert_null(none);
	}
}

static void
converts_dates_of_every_century(void **state)
{
	static const struct {
		int64_t when;
		int type;
		const char *text;
	} cases[] = {
	    {0,		     V_ASN1_UTCTIME,         "700101000000Z"  },
	    {INT64_C(2147483648),   V_ASN1_UTCTIME,         "380119031408Z"  },
	    {INT64_C(2524607999),   V_ASN1_UTCTIME,         "491231235959Z"  },
	    {INT64_C(2524608000),   V_ASN1_GENERALIZEDTIME, "20500101000000Z"},
	    {INT64_C(2682456245),   V_ASN1_GENERALIZEDTIME, "20550101224405Z"},
	    {INT64_C(253402300799), V_ASN1_GENERALIZEDTIME, "99991231235959Z"},
	    {INT64_C(-631152001),   V_ASN1_GENERALIZEDTIME, "19491231235959Z"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ASN1_TIME *time = ASN1_TIME_new();
		int64_t again;
		struct error err;

		assert_int_equal(
		    time_to_asn1(cases[i].when, time, &err), ERROR_NONE);
		assert_int_equal(ASN1_STRING_type(time), cases[i].type);
		assert_string_equal(ASN1_STRING_get0_data(time), cases[i].text);
		assert_int_equal(
		    time_from_asn1(time, &again, &err), ERROR_NONE);
		assert_int_equal(again, cases[i].when);
		ASN1_TIME_free(time);
	}
}

static void
refuses_dates_that_are_none(void **state)
{
	static const int64_t outside[] = {
	    INT64_MIN, INT64_MAX, INT64_C(253402300800), INT64_C(-2208988801)};
	ASN1_TIME *time = ASN1_TIME_new();
	int64_t when;
	struct error err;

	(void)state;
	for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i++)
		assert_int_equal(
		    time_to_asn1(outside[i], time, &err), ERROR_INVALID);
	assert_true(ASN1_STRING_set(time, "nonsense", -1));
	assert_int_equal(time_from_asn1(time, &when, &err), ERROR_INVALID);
	ASN1_TIME_free(time);
}

static void
hashes_into_hex(void **state)
{
	char hex[65];
	struct error err;

	(void)state;
	assert_int_equal(sha256_hex("abc", 3, hex, &err), ERROR_NONE);
	assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396"
				 "177a9cb410ff61f20015ad");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_and_writes_a_chain_in_order),
	    cmocka_unit_test(says_which_certificate_of_a_chain_is_broken),
	    cmocka_unit_test(reads_and_writes_requests_and_public_keys),
	    cmocka_unit_test(
		reads_private_keys_without_asking_for_a_passphrase),
	    cmocka_unit_test(tells_whose_certificate_it_is),
	    cmocka_unit_test(reads_the_last_common_name),
	    cmocka_unit_test(builds_names_that_fit),
	    cmocka_unit_test(converts_dates_of_every_century),
	    cmocka_unit_test(refuses_dates_that_are_none),
	    cmocka_unit_test(hashes_into_hex),
	};

	return cmocka_run_group_tests_name("openssl", tests, NULL, NULL);
}
