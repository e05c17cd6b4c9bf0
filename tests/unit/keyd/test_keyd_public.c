/* SPDX-License-Identifier: MIT */
/* Public halves: what tokens say of them, in all its forms. */
#include "cmocka_wrap.h"

#include <openssl/ec.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "ecdsa.h"
#include "key_public.h"

static const unsigned char p256_oid[] = {
    0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};

static struct error err;

static struct key_public
public_of(EVP_PKEY *pkey)
{
	struct key_public key;

	assert_non_null(pkey);
	assert_int_equal(key_public_from_pkey(pkey, &key, &err), ERROR_NONE);
	return key;
}

static void
reads_a_point_in_every_form(void **state)
{
	static const char *const curves[] = {"P-256", "P-384", "P-521"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		CLEANUP(pkey) EVP_PKEY *pkey = EVP_EC_gen(curves[i]);
		struct key_public key = public_of(pkey), again = key;
		unsigned char compressed[KEY_POINT_MAX];
		unsigned char octets[KEY_POINT_MAX + 3] = {0x04, 0x81};
		size_t header = key.point_length < 0x80 ? 2 : 3;

		assert_string_equal(key.curve->name, curves[i]);
		assert_int_equal(
		    key_public_set_point(&again, compressed,
			key_public_compressed_point(&key, compressed), &err),
		    ERROR_NONE);
		assert_memory_equal(again.point, key.point, key.point_length);

		octets[header - 1] = (unsigned char)key.point_length;
		memcpy(octets + header, key.point, key.point_length);
		assert_int_equal(key_public_set_point(&again, octets,
				     header + key.point_length, &err),
		    ERROR_NONE);
		assert_memory_equal(again.point, key.point, key.point_length);
	}
}

static void
refuses_what_is_no_point(void **state)
{
	CLEANUP(pkey) EVP_PKEY *pkey = EVP_EC_gen("P-256");
	struct key_public key = public_of(pkey), other = key;
	unsigned char bad[KEY_POINT_MAX];

	(void)state;
	memcpy(bad, key.point, key.point_length);
	bad[10] ^= 1; /* not on the curve */
	assert_int_equal(
	    key_public_set_point(&other, bad, key.point_length, &err),
	    ERROR_INVALID);
	assert_int_equal(
	    key_public_set_point(&other, key.point, key.point_length - 1, &err),
	    ERROR_INVALID);
	assert_int_equal(
	    key_public_set_point(&other, bad, 0, &err), ERROR_INVALID);
	bad[0] = 0; /* the point at infinity */
	assert_int_equal(
	    key_public_set_point(&other, bad, 1, &err), ERROR_INVALID);
}

static void
drops_leading_zeros_of_rsa(void **state)
{
	static const unsigned char modulus[] = {0, 0, 0xc1, 0x02};
	static const unsigned char exponent[] = {0, 1, 0, 1};
	struct key_public key = {0};

	(void)state;
	assert_int_equal(
	    key_public_set_rsa(&key, modulus, 4, exponent, 4, &err),
	    ERROR_NONE);
	assert_int_equal(key.modulus_length, 2);
	assert_int_equal(key.exponent_length, 3);
	assert_int_equal(
	    key_public_set_rsa(&key, modulus, 2, exponent, 4, &err),
	    ERROR_INVALID);
}

/* What OpenSSL puts into a certificate as subject key identifier. */
static void
assert_tag_is_subject_key_identifier(EVP_PKEY *pkey)
{
	CLEANUP(x509) X509 *certificate = X509_new();
	struct key_public key = public_of(pkey);
	unsigned char identifier[EVP_MAX_MD_SIZE];
	struct key_tag tag;
	unsigned length;

	assert_true(X509_set_pubkey(certificate, pkey));
	assert_true(
	    X509_pubkey_digest(certificate, EVP_sha1(), identifier, &length));
	assert_int_equal(key_public_tag(&key, &tag, &err), ERROR_NONE);
	assert_int_equal(tag.length, length);
	assert_memory_equal(tag.data, identifier, length);
}

static void
tags_keys_as_certificates_do(void **state)
{
	CLEANUP(pkey) EVP_PKEY *ec = EVP_EC_gen("P-384");
	CLEANUP(pkey) EVP_PKEY *rsa = EVP_RSA_gen(2048);

	(void)state;
	assert_tag_is_subject_key_identifier(ec);
	assert_tag_is_subject_key_identifier(rsa);
}

static void
knows_nist_curves_and_ed25519_only(void **state)
{
	CLEANUP(pkey) EVP_PKEY *other = EVP_EC_gen("secp256k1");
	CLEANUP(pkey)
	EVP_PKEY *edwards = EVP_PKEY_Q_keygen(NULL, NULL, "ED448");
	struct key_public key;

	(void)state;
	assert_non_null(key_curve_of_oid(p256_oid, sizeof(p256_oid)));
	assert_null(key_curve_of_oid(p256_oid, sizeof(p256_oid) - 1));
	assert_int_equal(
	    key_public_from_pkey(other, &key, &err), ERROR_INVALID);
	assert_int_equal(
	    key_public_from_pkey(edwards, &key, &err), ERROR_INVALID);
}

static void
goes_to_openssl_and_back(void **state)
{
	EVP_PKEY *pairs[] = {
	    EVP_EC_gen("P-256"),
	    EVP_EC_gen("P-521"),
	    EVP_RSA_gen(2048),
	    EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct key_public key = public_of(pairs[i]);
		CLEANUP(pkey) EVP_PKEY *public = NULL;

		assert_int_equal(
		    key_public_to_pkey(&key, &public, &err), ERROR_NONE);
		assert_int_equal(EVP_PKEY_eq(public, pairs[i]), 1);
		EVP_PKEY_free(pairs[i]);
	}
}

static void
reads_a_point_of_ed25519_in_both_forms(void **state)
{
	CLEANUP(pkey)
	EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	struct key_public key = public_of(pkey), again = key;
	unsigned char octets[34] = {0x04, 32}, same[KEY_POINT_MAX];

	(void)state;
	assert_string_equal(key.curve->name, "Ed25519");
	assert_int_equal(key_public_compressed_point(&key, same), 32);
	assert_memory_equal(same, key.point, 32);
	memcpy(octets + 2, key.point, 32);
	assert_int_equal(
	    key_public_set_point(&again, octets, 34, &err), ERROR_NONE);
	assert_memory_equal(again.point, key.point, 32);
	assert_int_equal(
	    key_public_set_point(&again, key.point, 32, &err), ERROR_NONE);
	assert_int_equal(
	    key_public_set_point(&again, octets, 33, &err), ERROR_INVALID);
}

static void
converts_signatures_both_ways(void **state)
{
	struct key_signature raw = {64, {0}}, der, again;

	(void)state;
	raw.data[31] = 7;    /* r is short: leading zeros must come back */
	raw.data[32] = 0xff; /* s is negative without a zero in front */
	assert_int_equal(ecdsa_to_der(&raw, &der, &err), ERROR_NONE);
	assert_int_equal(ecdsa_from_der(&der, 32, &again, &err), ERROR_NONE);
	assert_int_equal(again.length, 64);
	assert_memory_equal(again.data, raw.data, 64);
	der.length--;
	assert_int_equal(
	    ecdsa_from_der(&der, 32, &again, &err), ERROR_INTERNAL);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_a_point_in_every_form),
	    cmocka_unit_test(refuses_what_is_no_point),
	    cmocka_unit_test(drops_leading_zeros_of_rsa),
	    cmocka_unit_test(tags_keys_as_certificates_do),
	    cmocka_unit_test(knows_nist_curves_and_ed25519_only),
	    cmocka_unit_test(goes_to_openssl_and_back),
	    cmocka_unit_test(reads_a_point_of_ed25519_in_both_forms),
	    cmocka_unit_test(converts_signatures_both_ways),
	};

	return cmocka_run_group_tests_name("keyd public", tests, NULL, NULL);
}
