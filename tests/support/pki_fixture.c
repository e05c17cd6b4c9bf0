/* SPDX-License-Identifier: MIT */
#include "pki_fixture.h"

#include <openssl/rsa.h>
#include <string.h>

#include "cmocka_wrap.h"

EVP_PKEY *
fixture_key(const char *type)
{
	EVP_PKEY *key = NULL;

	if (strncmp(type, "RSA-", 4) == 0)
		key = EVP_RSA_gen((unsigned)strtoul(type + 4, NULL, 10));
	else if (strncmp(type, "P-", 2) == 0)
		key = EVP_EC_gen(type);
	else
		key = EVP_PKEY_Q_keygen(NULL, NULL, type);
	assert_non_null(key);
	return key;
}

X509_NAME *
fixture_name(const char *common_name)
{
	X509_NAME *name = NULL;
	struct error err;

	assert_int_equal(
	    name_from_common_name(common_name, &name, &err), ERROR_NONE);
	return name;
}

static void
add_extensions(X509_REQ *request, const char *const *extensions)
{
	STACK_OF(X509_EXTENSION) *stack = sk_X509_EXTENSION_new_null();
	X509V3_CTX context;

	X509V3_set_ctx(&context, NULL, NULL, request, NULL, 0);
	for (; *extensions; extensions += 2) {
		X509_EXTENSION *extension = X509V3_EXT_nconf(
		    NULL, &context, extensions[0], extensions[1]);

		assert_non_null(extension);
		assert_true(sk_X509_EXTENSION_push(stack, extension) > 0);
	}
	assert_int_equal(X509_REQ_add_extensions(request, stack), 1);
	sk_X509_EXTENSION_pop_free(stack, X509_EXTENSION_free);
}

X509_REQ *
fixture_request(
    EVP_PKEY *key, const char *common_name, const char *const *extensions)
{
	X509_REQ *request = X509_REQ_new();
	const EVP_MD *digest =
	    EVP_PKEY_is_a(key, "ED25519") ? NULL : EVP_sha256();

	assert_non_null(request);
	if (common_name) {
		CLEANUP(x509_name)
		X509_NAME *subject = fixture_name(common_name);

		assert_int_equal(
		    X509_REQ_set_subject_name(request, subject), 1);
	}
	if (extensions)
		add_extensions(request, extensions);
	assert_int_equal(X509_REQ_set_pubkey(request, key), 1);
	assert_true(X509_REQ_sign(request, key, digest) > 0);
	return request;
}

char *
fixture_request_pem(
    EVP_PKEY *key, const char *common_name, const char *const *extensions)
{
	CLEANUP(x509_req)
	X509_REQ *request = fixture_request(key, common_name, extensions);
	struct error err;
	char *pem = NULL;

	assert_int_equal(request_to_pem(request, &pem, &err), ERROR_NONE);
	return pem;
}

X509 *
fixture_ca(EVP_PKEY *key, const char *common_name, int64_t until)
{
	CLEANUP(x509_name) X509_NAME *subject = fixture_name(common_name);
	struct certificate_plan plan = {.subject = subject,
	    .public_key = key,
	    .not_before = FIXTURE_NOW - FIXTURE_DAY,
	    .not_after = until,
	    .is_ca = true,
	    .path_length = CERTIFICATE_NO_PATH_LENGTH};
	struct error err;
	X509 *certificate = NULL;

	assert_int_equal(
	    certificate_create(&plan, key, &certificate, &err), ERROR_NONE);
	return certificate;
}

X509 *
fixture_leaf(
    EVP_PKEY *key, const char *common_name, const X509 *ca, EVP_PKEY *ca_key)
{
	CLEANUP(x509_name) X509_NAME *subject = fixture_name(common_name);
	struct certificate_plan plan = {.subject = subject,
	    .public_key = key,
	    .issuer = ca,
	    .not_before = FIXTURE_NOW - FIXTURE_DAY,
	    .not_after = FIXTURE_NOW + FIXTURE_DAY,
	    .for_client = true};
	struct error err;
	X509 *certificate = NULL;

	assert_int_equal(
	    certificate_create(&plan, ca_key, &certificate, &err), ERROR_NONE);
	return certificate;
}

char *
fixture_pem(const X509 *certificate)
{
	struct error err;
	char *pem = NULL;

	assert_int_equal(
	    certificate_to_pem(certificate, &pem, &err), ERROR_NONE);
	return pem;
}
