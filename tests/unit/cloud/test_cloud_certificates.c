/* SPDX-License-Identifier: MIT */
/* The cache of certificates that enrollments have. */
#include "cmocka_wrap.h"

#include "certificate_cache.h"
#include "pki_fixture.h"

#define MANY (CERTIFICATE_CACHE_SLOTS + 1)

struct der {
	unsigned char *data;
	size_t length;
};

/* Certificates of one key that differ in their serial number at least. */
static struct der
make_der(EVP_PKEY *key)
{
	X509 *certificate = fixture_ca(key, "plant", FIXTURE_NOW + FIXTURE_DAY);
	struct der der = {NULL, 0};
	int length = i2d_X509(certificate, &der.data);

	assert_true(length > 0);
	der.length = (size_t)length;
	X509_free(certificate);
	return der;
}

static X509 *
read_der(struct certificate_cache *cache, const struct der *der)
{
	X509 *certificate = NULL;
	struct error err;

	assert_int_equal(certificate_cache_read(
			     cache, der->data, der->length, &certificate, &err),
	    ERROR_NONE);
	return certificate;
}

/* A reader may keep what it got, whatever becomes of the cache. */
static void
test_gives_the_same_certificate_again(void **state)
{
	struct certificate_cache cache = {0};
	CLEANUP(pkey) EVP_PKEY *key = fixture_key("P-256");
	struct der der = make_der(key);
	X509 *first = read_der(&cache, &der);
	X509 *second = read_der(&cache, &der);

	(void)state;
	assert_ptr_equal(first, second);
	X509_free(first);
	certificate_cache_done(&cache);
	assert_true(certificate_matches_key(second, key));
	X509_free(second);
	OPENSSL_free(der.data);
}

static void
test_never_gives_another_one(void **state)
{
	struct certificate_cache cache = {0};
	CLEANUP(pkey) EVP_PKEY *key = fixture_key("P-256");
	struct der ders[MANY];

	(void)state;
	for (size_t i = 0; i < MANY; i++)
		ders[i] = make_der(key);
	/* More than there are slots, so that two share one; and twice. */
	for (size_t i = 0; i < (size_t)2 * MANY; i++) {
		const struct der *der = &ders[i % MANY];
		X509 *certificate = read_der(&cache, der);
		unsigned char *data = NULL;
		int length = i2d_X509(certificate, &data);

		assert_int_equal(length, der->length);
		assert_memory_equal(data, der->data, der->length);
		OPENSSL_free(data);
		X509_free(certificate);
	}
	certificate_cache_done(&cache);
	for (size_t i = 0; i < MANY; i++)
		OPENSSL_free(ders[i].data);
}

static void
test_refuses_what_is_no_certificate(void **state)
{
	struct certificate_cache cache = {0};
	CLEANUP(pkey) EVP_PKEY *key = fixture_key("P-256");
	struct der der = make_der(key);
	X509 *certificate = NULL;
	struct error err;

	(void)state;
	X509_free(read_der(&cache, &der));
	assert_int_equal(certificate_cache_read(&cache, der.data,
			     der.length - 1, &certificate, &err),
	    ERROR_INVALID);
	assert_int_equal(
	    certificate_cache_read(&cache, "", 0, &certificate, &err),
	    ERROR_INVALID);
	assert_null(certificate);
	certificate_cache_done(&cache);
	OPENSSL_free(der.data);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_gives_the_same_certificate_again),
	    cmocka_unit_test(test_never_gives_another_one),
	    cmocka_unit_test(test_refuses_what_is_no_certificate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
