/* SPDX-License-Identifier: MIT */
#include "est_fixture.h"

#include <openssl/pkcs7.h>

#include "cmocka_wrap.h"

#include "common/base64.h"

#define YEARS (3650 * FIXTURE_DAY)

static X509 *
issue_ca(const struct est_fixture *fixture)
{
	CLEANUP(x509_name) X509_NAME *subject = fixture_name("EST CA");
	struct certificate_plan plan = {.subject = subject,
	    .public_key = fixture->ca_key,
	    .issuer = fixture->root,
	    .not_before = FIXTURE_NOW - FIXTURE_DAY,
	    .not_after = FIXTURE_NOW + YEARS,
	    .is_ca = true,
	    .path_length = 0};
	struct error err;
	X509 *ca = NULL;

	assert_int_equal(
	    certificate_create(&plan, fixture->root_key, &ca, &err),
	    ERROR_NONE);
	return ca;
}

void
est_fixture_open(struct est_fixture *fixture)
{
	fixture->root_key = fixture_key("P-256");
	fixture->root =
	    fixture_ca(fixture->root_key, "EST root", FIXTURE_NOW + YEARS);
	fixture->ca_key = fixture_key("P-256");
	fixture->ca = issue_ca(fixture);
	fixture->device_key = fixture_key("P-256");
}

void
est_fixture_close(struct est_fixture *fixture)
{
	EVP_PKEY_free(fixture->root_key);
	X509_free(fixture->root);
	EVP_PKEY_free(fixture->ca_key);
	X509_free(fixture->ca);
	EVP_PKEY_free(fixture->device_key);
}

X509 *
est_fixture_issue(
    const struct est_fixture *fixture, struct certificate_plan plan)
{
	CLEANUP(x509_name) X509_NAME *subject = fixture_name("dev-1");
	struct error err;
	X509 *leaf = NULL;

	if (!plan.subject)
		plan.subject = subject;
	if (!plan.public_key)
		plan.public_key = fixture->device_key;
	if (!plan.not_before)
		plan.not_before = FIXTURE_NOW - FIXTURE_DAY;
	if (!plan.not_after)
		plan.not_after = FIXTURE_NOW + FIXTURE_DAY;
	plan.issuer = fixture->ca;
	if (!plan.path_length)
		plan.path_length = CERTIFICATE_NO_PATH_LENGTH;
	assert_int_equal(
	    certificate_create(&plan, fixture->ca_key, &leaf, &err),
	    ERROR_NONE);
	return leaf;
}

x509_stack *
est_fixture_stack(size_t count, X509 *const *certificates)
{
	x509_stack *stack = sk_X509_new_null();

	assert_non_null(stack);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(
		    X509_add_cert(stack, certificates[i], X509_ADD_FLAG_UP_REF),
		    1);
	return stack;
}

char *
est_fixture_pkcs7(const x509_stack *certificates)
{
	PKCS7 *message = PKCS7_new();
	unsigned char *der = NULL;
	char *text;
	int length;

	assert_int_equal(PKCS7_set_type(message, NID_pkcs7_signed), 1);
	assert_int_equal(PKCS7_content_new(message, NID_pkcs7_data), 1);
	for (int i = 0; i < sk_X509_num(certificates); i++)
		assert_int_equal(PKCS7_add_certificate(
				     message, sk_X509_value(certificates, i)),
		    1);
	length = i2d_PKCS7(message, &der);
	assert_true(length > 0);
	text = base64_encode(der, (size_t)length);
	assert_non_null(text);
	OPENSSL_free(der);
	PKCS7_free(message);
	return text;
}
