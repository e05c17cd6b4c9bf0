/* SPDX-License-Identifier: MIT */
/* Shared access signatures, and which proof a request gets. */
#include "cmocka_wrap.h"

#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>

#include "common/time.h"
#include "proof.h"

static char signed_text[256];

/* With the key "secret". */
static enum error_code
sign(const void *context, const void *data, size_t length,
    unsigned char ret_mac[static PROOF_MAC_LENGTH], struct error *err)
{
	unsigned mac_length;

	(void)err;
	assert_ptr_equal(context, signed_text);
	(void)snprintf(signed_text, sizeof(signed_text), "%.*s", (int)length,
	    (const char *)data);
	assert_non_null(HMAC(
	    EVP_sha256(), "secret", 6, data, length, ret_mac, &mac_length));
	assert_int_equal(mac_length, PROOF_MAC_LENGTH);
	return ERROR_NONE;
}

static enum error_code
cannot_sign(const void *context, const void *data, size_t length,
    unsigned char ret_mac[static PROOF_MAC_LENGTH], struct error *err)
{
	(void)context;
	(void)data;
	(void)length;
	memset(ret_mac, 0, PROOF_MAC_LENGTH);
	return error_set(err, ERROR_UNAVAILABLE, "keyd is away");
}

static const struct proof by_signature = {.sign = sign, .context = signed_text};

/* The value was computed by openssl dgst -sha256 -hmac. */
static void
signs_the_resource_as_it_is_sent(void **state)
{
	CLEANUP(string) char *header = NULL;
	struct error err;

	(void)state;
	assert_int_equal(
	    proof_signature(&by_signature, "0ne1/registrations/dev1",
		"registration", 1800000000, &header, &err),
	    ERROR_NONE);
	assert_string_equal(
	    signed_text, "0ne1%2Fregistrations%2Fdev1\n1800000000");
	assert_string_equal(header,
	    "Authorization: SharedAccessSignature "
	    "sr=0ne1%2Fregistrations%2Fdev1"
	    "&sig=H5eJB222Zrpf0dhPg0ES1Zukdyjue767OwprBIXIJHk%3D"
	    "&se=1800000000&skn=registration");
}

static void
leaves_out_a_policy_that_there_is_not(void **state)
{
	CLEANUP(string) char *header = NULL;
	struct error err;

	(void)state;
	assert_int_equal(proof_signature(&by_signature, "hub/devices/dev1",
			     NULL, 1800000000, &header, &err),
	    ERROR_NONE);
	assert_null(strstr(header, "skn="));
}

static void
signs_each_request_anew_after_its_own_headers(void **state)
{
	struct https_request request = {.headers = {"Accept: x"}};
	CLEANUP(string) char *header = NULL;
	const char *expires;
	struct error err;
	int64_t now = time_now();

	(void)state;
	assert_int_equal(
	    proof_apply(&by_signature, "r", NULL, &request, &header, &err),
	    ERROR_NONE);
	assert_ptr_equal(request.headers[1], header);
	assert_null(request.headers[2]);
	assert_null(request.key);
	expires = strstr(header, "&se=");
	assert_non_null(expires);
	assert_in_range(strtoll(expires + 4, NULL, 10),
	    now + PROOF_SIGNATURE_SECONDS, now + PROOF_SIGNATURE_SECONDS + 600);
}

static void
shows_a_certificate_without_any_header(void **state)
{
	struct https_request request = {.headers = {NULL}};
	EVP_PKEY *key = EVP_PKEY_new();
	x509_stack *chain = sk_X509_new_null();
	const struct proof proof = {.key = key, .chain = chain};
	char *header = signed_text;
	struct error err;

	(void)state;
	assert_int_equal(
	    proof_apply(&proof, "r", NULL, &request, &header, &err),
	    ERROR_NONE);
	assert_null(header);
	assert_null(request.headers[0]);
	assert_ptr_equal(request.key, key);
	assert_ptr_equal(request.chain, chain);
	EVP_PKEY_free(key);
	x509_stack_free(chain);
}

static void
says_why_it_cannot_sign(void **state)
{
	static const struct proof proof = {.sign = cannot_sign};
	struct https_request request = {.headers = {NULL}};
	char *header = signed_text;
	struct error err;

	(void)state;
	assert_int_equal(
	    proof_apply(&proof, "r", NULL, &request, &header, &err),
	    ERROR_UNAVAILABLE);
	assert_string_equal(err.message, "keyd is away");
	assert_null(request.headers[0]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(signs_the_resource_as_it_is_sent),
	    cmocka_unit_test(leaves_out_a_policy_that_there_is_not),
	    cmocka_unit_test(signs_each_request_anew_after_its_own_headers),
	    cmocka_unit_test(shows_a_certificate_without_any_header),
	    cmocka_unit_test(says_why_it_cannot_sign),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
