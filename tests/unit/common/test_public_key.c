/* SPDX-License-Identifier: MIT */
/* Requests and certificates without their keys, and the keys apart. */
#include "cmocka_wrap.h"

#include <openssl/err.h>
#include <string.h>

#include "common/file.h"
#include "common/public_key.h"
#include "pki_fixture.h"

static const char *const key_types[] = {
    "P-256", "P-384", "P-521", "secp256k1", "RSA-2048", "ED25519"};

#define KEY_TYPES (sizeof(key_types) / sizeof(key_types[0]))

/* The curves are named as OpenSSL does, which the fixture does not all know. */
static EVP_PKEY *
make_key(const char *type)
{
	return strcmp(type, "P-521") == 0 || strcmp(type, "secp256k1") == 0
		   ? EVP_EC_gen(type)
		   : fixture_key(type);
}

static void
reads_a_request_without_its_key_and_its_key(void **state)
{
	(void)state;
	for (size_t i = 0; i < KEY_TYPES; i++) {
		CLEANUP(pkey) EVP_PKEY *key = make_key(key_types[i]);
		CLEANUP(string) char *pem = fixture_request_pem(key, "a", NULL);
		CLEANUP(x509_req) X509_REQ *request = NULL;
		CLEANUP(pkey) EVP_PKEY *read = NULL;
		struct error err;

		print_message("%s\n", key_types[i]);
		assert_int_equal(
		    request_from_pem_without_key(pem, &request, &err),
		    ERROR_NONE);
		assert_null(X509_REQ_get0_pubkey(request));
		ERR_clear_error();
		assert_int_equal(
		    public_key_read(
			X509_REQ_get_X509_PUBKEY(request), &read, &err),
		    ERROR_NONE);
		assert_int_equal(EVP_PKEY_eq(read, key), 1);
		assert_int_equal(X509_REQ_verify(request, read), 1);
	}
}

static void
reads_the_first_certificate_of_a_text_without_its_key(void **state)
{
	CLEANUP(pkey) EVP_PKEY *key = fixture_key("P-256");
	CLEANUP(x509) X509 *ca = fixture_ca(key, "ca", FIXTURE_NOW);
	CLEANUP(x509) X509 *leaf = fixture_leaf(key, "leaf", ca, key);
	CLEANUP(string) char *ca_pem = fixture_pem(ca);
	CLEANUP(string) char *leaf_pem = fixture_pem(leaf);
	CLEANUP(string)
	char *pem = string_format("# note\n%s%s", leaf_pem, ca_pem);
	CLEANUP(x509) X509 *read = NULL;
	struct error err;

	(void)state;
	assert_int_equal(
	    certificate_from_pem_without_key(pem, &read, &err), ERROR_NONE);
	assert_null(X509_get0_pubkey(read));
	ERR_clear_error();
	assert_int_equal(X509_NAME_cmp(X509_get_subject_name(read),
			     X509_get_subject_name(leaf)),
	    0);
	assert_true(public_key_equal(
	    X509_get_X509_PUBKEY(read), X509_get_X509_PUBKEY(ca)));
}

static void
reads_all_certificates_of_a_text_without_their_keys(void **state)
{
	CLEANUP(pkey) EVP_PKEY *key = fixture_key("P-256");
	CLEANUP(x509) X509 *ca = fixture_ca(key, "ca", FIXTURE_NOW);
	CLEANUP(x509) X509 *leaf = fixture_leaf(key, "leaf", ca, key);
	CLEANUP(string) char *ca_pem = fixture_pem(ca);
	CLEANUP(string) char *leaf_pem = fixture_pem(leaf);
	CLEANUP(string) char *pem = string_format("%s%s", leaf_pem, ca_pem);
	CLEANUP(string)
	char *torn = string_format("%s%.90s\n", leaf_pem, ca_pem);
	CLEANUP(x509_stack) x509_stack *chain = NULL;
	x509_stack *none = NULL;
	char digest[65], read_digest[65];
	struct error err;

	(void)state;
	assert_int_equal(
	    certificates_from_pem_without_keys(pem, &chain, &err), ERROR_NONE);
	assert_int_equal(sk_X509_num(chain), 2);
	assert_null(X509_get0_pubkey(sk_X509_value(chain, 1)));
	ERR_clear_error();
	assert_int_equal(certificate_digest(ca, digest, &err), ERROR_NONE);
	assert_int_equal(
	    certificate_digest(sk_X509_value(chain, 1), read_digest, &err),
	    ERROR_NONE);
	assert_string_equal(digest, read_digest);
	assert_int_equal(certificates_from_pem_without_keys(torn, &none, &err),
	    ERROR_INVALID);
	assert_non_null(strstr(err.message, "certificate 2"));
	assert_null(none);
}

static void
refuses_what_is_neither(void **state)
{
	static const char *const texts[] = {"", "hello",
	    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
	    "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n"
	    "-----END CERTIFICATE REQUEST-----\n",
	    "-----BEGIN CERTIFICATE-----\nProc-Type: 4,ENCRYPTED\n"
	    "DEK-Info: AES-128-CBC,00000000000000000000000000000000\n\n"
	    "AAAA\n-----END CERTIFICATE-----\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		X509 *certificate = NULL;
		X509_REQ *request = NULL;
		struct error err;

		assert_int_equal(certificate_from_pem_without_key(
				     texts[i], &certificate, &err),
		    ERROR_INVALID);
		assert_int_equal(
		    request_from_pem_without_key(texts[i], &request, &err),
		    ERROR_INVALID);
		assert_null(certificate);
		assert_null(request);
		assert_int_equal(ERR_peek_error(), 0);
	}
}

static void
copies_a_key_to_the_letter(void **state)
{
	(void)state;
	for (size_t i = 0; i < KEY_TYPES; i++) {
		CLEANUP(pkey) EVP_PKEY *key = make_key(key_types[i]);
		CLEANUP(x509_req)
		X509_REQ *request = fixture_request(key, "a", NULL);
		const X509_PUBKEY *from = X509_REQ_get_X509_PUBKEY(request);
		CLEANUP(x509) X509 *certificate = X509_new();
		X509_PUBKEY *to = X509_get_X509_PUBKEY(certificate);
		char digest[65], copied[65];
		struct error err;

		assert_int_equal(public_key_copy(from, to, &err), ERROR_NONE);
		assert_int_equal(
		    public_key_digest(from, digest, &err), ERROR_NONE);
		assert_int_equal(
		    public_key_digest(to, copied, &err), ERROR_NONE);
		assert_string_equal(digest, copied);
	}
}

/* The public key of key with its point written as form says. */
static X509_PUBKEY *
encode(EVP_PKEY *key, const char *form)
{
	X509_PUBKEY *encoded = NULL;

	assert_int_equal(
	    EVP_PKEY_set_utf8_string_param(key, "point-format", form), 1);
	assert_int_equal(X509_PUBKEY_set(&encoded, key), 1);
	return encoded;
}

static void
knows_a_key_in_another_encoding(void **state)
{
	CLEANUP(pkey) EVP_PKEY *key = fixture_key("P-256");
	CLEANUP(pkey) EVP_PKEY *other = fixture_key("P-256");
	X509_PUBKEY *whole = encode(key, "uncompressed");
	X509_PUBKEY *compressed = encode(key, "compressed");
	X509_PUBKEY *foreign = encode(other, "uncompressed");
	char digest[65], compressed_digest[65];
	struct error err;

	(void)state;
	assert_int_equal(public_key_digest(whole, digest, &err), ERROR_NONE);
	assert_int_equal(
	    public_key_digest(compressed, compressed_digest, &err), ERROR_NONE);
	assert_string_not_equal(digest, compressed_digest);
	assert_true(public_key_equal(whole, compressed));
	assert_false(public_key_equal(whole, foreign));
	X509_PUBKEY_free(whole);
	X509_PUBKEY_free(compressed);
	X509_PUBKEY_free(foreign);
}

static void
refuses_a_point_that_is_not_on_its_curve(void **state)
{
	CLEANUP(pkey) EVP_PKEY *key = fixture_key("P-256");
	CLEANUP(pkey) EVP_PKEY *read = NULL;
	X509_PUBKEY *encoded = encode(key, "uncompressed");
	const unsigned char *bits;
	unsigned char *moved;
	struct error err;
	int length;

	(void)state;
	assert_int_equal(
	    X509_PUBKEY_get0_param(NULL, &bits, &length, NULL, encoded), 1);
	moved = OPENSSL_memdup(bits, (size_t)length);
	moved[length - 1] ^= 1;
	assert_int_equal(
	    X509_PUBKEY_set0_param(encoded,
		OBJ_nid2obj(NID_X9_62_id_ecPublicKey), V_ASN1_OBJECT,
		OBJ_nid2obj(NID_X9_62_prime256v1), moved, length),
	    1);
	assert_int_equal(public_key_read(encoded, &read, &err), ERROR_INVALID);
	assert_null(read);
	assert_int_equal(ERR_peek_error(), 0);
	X509_PUBKEY_free(encoded);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_a_request_without_its_key_and_its_key),
	    cmocka_unit_test(
		reads_the_first_certificate_of_a_text_without_its_key),
	    cmocka_unit_test(
		reads_all_certificates_of_a_text_without_their_keys),
	    cmocka_unit_test(refuses_what_is_neither),
	    cmocka_unit_test(copies_a_key_to_the_letter),
	    cmocka_unit_test(knows_a_key_in_another_encoding),
	    cmocka_unit_test(refuses_a_point_that_is_not_on_its_curve),
	};

	return cmocka_run_group_tests_name("public key", tests, NULL, NULL);
}
