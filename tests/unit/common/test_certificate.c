/* SPDX-License-Identifier: MIT */
/* Certificates of our own making, as OpenSSL's own verifier sees them. */
#include "cmocka_wrap.h"

#include <openssl/x509_vfy.h>
#include <string.h>

#include "pki_fixture.h"

#define YEAR_2055 INT64_C(2682374400)

static void
assert_verifies(X509 *leaf, X509 *ca, int64_t when)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *context = X509_STORE_CTX_new();

	assert_int_equal(X509_STORE_add_cert(store, ca), 1);
	assert_int_equal(X509_STORE_CTX_init(context, store, leaf, NULL), 1);
	X509_STORE_CTX_set_time(context, 0, (time_t)when);
	X509_STORE_CTX_set_flags(
	    context, X509_V_FLAG_X509_STRICT | X509_V_FLAG_CHECK_SS_SIGNATURE);
	X509_STORE_CTX_set_purpose(context, X509_PURPOSE_SSL_CLIENT);
	if (X509_verify_cert(context) != 1)
		fail_msg("%s", X509_verify_cert_error_string(
				   X509_STORE_CTX_get_error(context)));
	X509_STORE_CTX_free(context);
	X509_STORE_free(store);
}

static void
signs_with_every_kind_of_key(void **state)
{
	static const struct {
		const char *type;
		int signature;
	} cases[] = {
	    {"P-256",    NID_ecdsa_with_SHA256      },
	    {"P-384",    NID_ecdsa_with_SHA384      },
	    {"P-521",    NID_ecdsa_with_SHA512      },
	    {"RSA-2048", NID_sha256WithRSAEncryption},
	    {"ED25519",  NID_ED25519                },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CLEANUP(pkey) EVP_PKEY *key = fixture_key(cases[i].type);
		CLEANUP(x509)
		X509 *ca =
		    fixture_ca(key, "ca", FIXTURE_NOW + 30 * FIXTURE_DAY);
		CLEANUP(x509) X509 *leaf = fixture_leaf(key, "leaf", ca, key);

		print_message("%s\n", cases[i].type);
		assert_int_equal(
		    X509_get_signature_nid(leaf), cases[i].signature);
		assert_verifies(leaf, ca, FIXTURE_NOW);
	}
}

static void
lives_past_2049(void **state)
{
	CLEANUP(pkey) EVP_PKEY *key = fixture_key("P-256");
	CLEANUP(x509) X509 *ca = fixture_ca(key, "ca", YEAR_2055);
	CLEANUP(x509) X509 *leaf = fixture_leaf(key, "leaf", ca, key);
	struct error err;
	int64_t until;

	(void)state;
	assert_int_equal(X509_get0_notAfter(ca)->type, V_ASN1_GENERALIZEDTIME);
	assert_int_equal(X509_get0_notBefore(ca)->type, V_ASN1_UTCTIME);
	assert_int_equal(
	    time_from_asn1(X509_get0_notAfter(ca), &until, &err), ERROR_NONE);
	assert_true(until == YEAR_2055);
	assert_verifies(leaf, ca, FIXTURE_NOW);
}

static void
has_a_random_positive_serial_of_128_bits(void **state)
{
	CLEANUP(pkey) EVP_PKEY *key = fixture_key("P-256");
	CLEANUP(x509) X509 *one = fixture_ca(key, "ca", YEAR_2055);
	CLEANUP(x509) X509 *other = fixture_ca(key, "ca", YEAR_2055);
	CLEANUP(bignum)
	BIGNUM *serial = ASN1_INTEGER_to_BN(X509_get0_serialNumber(one), NULL);

	(void)state;
	assert_int_equal(BN_num_bits(serial), 128);
	assert_false(BN_is_negative(serial));
	assert_int_not_equal(ASN1_INTEGER_cmp(X509_get0_serialNumber(one),
				 X509_get0_serialNumber(other)),
	    0);
}

static void
marks_leaves_and_authorities_apart(void **state)
{
	CLEANUP(pkey) EVP_PKEY *ec = fixture_key("P-256");
	CLEANUP(pkey) EVP_PKEY *rsa = fixture_key("RSA-2048");
	CLEANUP(x509) X509 *ca = fixture_ca(ec, "ca", YEAR_2055);
	CLEANUP(x509) X509 *ec_leaf = fixture_leaf(ec, "ec", ca, ec);
	CLEANUP(x509) X509 *rsa_leaf = fixture_leaf(rsa, "rsa", ca, ec);

	(void)state;
	assert_true(certificate_is_ca(ca));
	assert_false(certificate_is_ca(ec_leaf));
	assert_int_equal(X509_get_key_usage(ca),
	    KU_DIGITAL_SIGNATURE | KU_KEY_CERT_SIGN | KU_CRL_SIGN);
	assert_int_equal(X509_get_key_usage(ec_leaf), KU_DIGITAL_SIGNATURE);
	assert_int_equal(X509_get_key_usage(rsa_leaf),
	    KU_DIGITAL_SIGNATURE | KU_KEY_ENCIPHERMENT);
	assert_int_equal(X509_get_extended_key_usage(ec_leaf), XKU_SSL_CLIENT);
	assert_int_equal(ASN1_OCTET_STRING_cmp(X509_get0_subject_key_id(ca),
			     X509_get0_authority_key_id(ec_leaf)),
	    0);
}

static void
refuses_a_date_that_no_certificate_holds(void **state)
{
	CLEANUP(pkey) EVP_PKEY *key = fixture_key("P-256");
	CLEANUP(x509_name) X509_NAME *subject = fixture_name("a");
	struct certificate_plan plan = {.subject = subject,
	    .public_key = key,
	    .not_after = INT64_C(253402300800) /* the year 10000 */};
	X509 *certificate = NULL;
	struct error err;

	(void)state;
	assert_int_equal(
	    certificate_create(&plan, key, &certificate, &err), ERROR_INVALID);
	assert_null(certificate);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(signs_with_every_kind_of_key),
	    cmocka_unit_test(lives_past_2049),
	    cmocka_unit_test(has_a_random_positive_serial_of_128_bits),
	    cmocka_unit_test(marks_leaves_and_authorities_apart),
	    cmocka_unit_test(refuses_a_date_that_no_certificate_holds),
	};

	return cmocka_run_group_tests_name("certificate", tests, NULL, NULL);
}
