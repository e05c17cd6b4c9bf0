/* SPDX-License-Identifier: MIT */
/* The calls that aziot does not have: what keys there are, and changing that.
 */
#include "cmocka_wrap.h"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <string.h>

#include "common/file.h"
#include "common/openssl.h"
#include "keyd_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static EVP_PKEY *
public_of(const char *id)
{
	CLEANUP(string) char *path = keyd_fixture_path(id, "public");
	CLEANUP(string)
	char *pem = keyd_fixture_get(ROOT, "pem", "GET", path, NULL);
	CLEANUP(bio) BIO *bio = BIO_new_mem_buf(pem, -1);
	EVP_PKEY *key = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);

	assert_non_null(key);
	return key;
}

/* A text of several lines within JSON. */
static char *
json_escape(const char *text)
{
	CLEANUP(json) json_t *string = json_string(text);

	return json_dumps(string, JSON_ENCODE_ANY);
}

/* ---- import, delete ---- */

static void
imports_a_pair_but_replaces_none(void **state)
{
	CLEANUP(pkey) EVP_PKEY *mine = EVP_EC_gen("P-384");
	CLEANUP(bio) BIO *bio = BIO_new(BIO_s_mem());
	CLEANUP(string) char *body = NULL;
	CLEANUP(json) json_t *refusal = NULL;
	CLEANUP(pkey) EVP_PKEY *public = NULL;
	char pem[1024] = "";

	(void)state;
	assert_int_equal(
	    PEM_write_bio_PKCS8PrivateKey(bio, mine, NULL, NULL, 0, NULL, NULL),
	    1);
	assert_true(BIO_read(bio, pem, sizeof(pem) - 1) > 0);

	CLEANUP(string) char *escaped = json_escape(pem);

	body = string_format("{\"pem\":%s,\"usage\":\"sign,derive\"}", escaped);
	assert_int_equal(
	    keyd_fixture_status(CAROL, "POST", "/keys/c/import" OURS, body),
	    401);
	assert_int_equal(
	    keyd_fixture_status(DAVE, "POST", "/keys/c/import" OURS, body),
	    204);
	refusal = keyd_fixture_ask(
	    DAVE, "POST", "/keys/c/import" OURS, 400, "%s", body);
	assert_string_equal(
	    json_string_value(json_object_get(refusal, "code")), "exists");
	public = public_of("c");
	assert_int_equal(EVP_PKEY_eq(public, mine), 1);
	assert_int_equal(
	    keyd_fixture_status(DAVE, "POST", "/keys/c2/import" OURS,
		"{\"pem\":\"-----BEGIN PRIVATE KEY-----\"}"),
	    400);
	assert_int_equal(
	    keyd_fixture_status(ROOT, "POST", "/keys/old/import" OURS, body),
	    400);
	assert_int_equal(fake_store_count(fixture->store, NULL), 1);
}

static void
deletes_the_kind_that_is_meant(void **state)
{
	(void)state;
	keyd_fixture_make_pair("x", "ec-p256", "sign");
	keyd_fixture_make_secret("x");
	assert_int_equal(keyd_fixture_status(ROOT, "DELETE",
			     "/keys/x" OURS "&kind=symmetric", NULL),
	    204);
	assert_int_equal(
	    keyd_fixture_status(ROOT, "GET", "/keypair/x" OURS, NULL), 200);
	assert_int_equal(
	    keyd_fixture_status(ROOT, "GET", "/key/x" OURS, NULL), 400);
	keyd_fixture_make_secret("x");
	assert_int_equal(
	    keyd_fixture_status(ROOT, "DELETE", "/keys/x" OURS, NULL), 204);
	assert_int_equal(
	    keyd_fixture_status(ROOT, "GET", "/key/x" OURS, NULL), 200);
	assert_int_equal(
	    keyd_fixture_status(ROOT, "DELETE", "/keys/x" OURS, NULL), 204);
	assert_int_equal(
	    keyd_fixture_status(ROOT, "DELETE", "/keys/x" OURS, NULL), 204);
	assert_int_equal(fake_store_count(fixture->store, NULL), 0);
	assert_int_equal(keyd_fixture_status(
			     ROOT, "DELETE", "/keys/x" OURS "&kind=both", NULL),
	    400);
	assert_int_equal(
	    keyd_fixture_status(ROOT, "DELETE", "/keys/old" OURS, NULL), 400);
}

static void
shows_symmetric_keys(void **state)
{
	CLEANUP(json) json_t *key = NULL;
	const char *kind, *algorithm;
	int size, has_certificates;

	(void)state;
	keyd_fixture_make_secret("m");
	key = keyd_fixture_ask(ROOT, "GET", "/keys/m" OURS, 200, NULL);
	assert_int_equal(
	    json_unpack(key, "{s:s, s:s, s:i, s:b}", "kind", &kind, "algorithm",
		&algorithm, "size", &size, "sensitive", &has_certificates),
	    0);
	assert_string_equal(kind, "symmetric");
	assert_string_equal(algorithm, "HMAC");
	assert_int_equal(size, 256);
	assert_int_equal(
	    keyd_fixture_status(ROOT, "GET", "/keys/m/public" OURS, NULL), 400);
}

static void
names_the_certificates_beside_a_key(void **state)
{
	CLEANUP(json) json_t *key = NULL;
	const char *label;

	(void)state;
	keyd_fixture_make_pair("p", "ec-p256", "sign");
	fake_store_add_certificate(fixture->store, "the certificate",
	    fake_store_tag(fixture->store, "p"));
	key = keyd_fixture_ask(ROOT, "GET", "/keys/p" OURS, 200, NULL);
	assert_int_equal(
	    json_unpack(key, "{s:[s!]}", "certificates", &label), 0);
	assert_string_equal(label, "the certificate");
}

static void
shows_each_curve(void **state)
{
	static const char *const specs[][3] = {
	    {"ec-p384", "EC",    "P-384"  },
	    {"ec-p521", "EC",    "P-521"  },
	    {"ed25519", "EdDSA", "Ed25519"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(specs); i++) {
		CLEANUP(string)
		char *path = string_format("/keys/%s" OURS, specs[i][0]);
		CLEANUP(json) json_t *key = NULL;
		const char *algorithm, *curve, *point;

		keyd_fixture_make_pair(specs[i][0], specs[i][0], "sign");
		key = keyd_fixture_ask(ROOT, "GET", path, 200, NULL);
		assert_int_equal(json_unpack(key, "{s:s, s:s, s:{s:s}}",
				     "algorithm", &algorithm, "curve", &curve,
				     "parameters", "ec-point", &point),
		    0);
		assert_string_equal(algorithm, specs[i][1]);
		assert_string_equal(curve, specs[i][2]);
	}
}

/* ---- random ---- */

static void
gives_random_bytes(void **state)
{
	static const struct {
		const char *body;
		unsigned status;
	} cases[] = {
	    {"{\"length\":1}",     200},
	    {"{\"length\":65536}", 200},
	    {"{\"length\":65537}", 400},
	    {"{\"length\":0}",     400},
	    {"{\"length\":-1}",    400},
	    {"{\"length\":\"1\"}", 422},
	    {"{}",                 422},
	};
	CLEANUP(string) char *one = NULL;
	CLEANUP(string) char *other = NULL;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(keyd_fixture_status(ALICE, "POST",
				     "/random" OURS, cases[i].body),
		    cases[i].status);
	assert_int_equal(keyd_fixture_status(
			     STRANGER, "POST", "/random" OURS, cases[0].body),
	    401);
	one = keyd_fixture_get(
	    ALICE, "random", "POST", "/random" OURS, "{\"length\":32}");
	other = keyd_fixture_get(
	    ALICE, "random", "POST", "/random" OURS, "{\"length\":32}");
	assert_int_equal(strlen(one), 44);
	assert_string_not_equal(one, other);
}

/* ---- the id that PKCS#11 programs see ---- */

static char *
id_seen_of(const char *target)
{
	CLEANUP(json)
	json_t *answer = keyd_fixture_ask(ROOT, "GET", target, 200, "{}");
	const char *text =
	    json_string_value(json_object_get(answer, "pkcs11Id"));

	return text ? strdup(text) : NULL;
}

static void
shows_the_pkcs11_id_that_a_pair_was_made_with(void **state)
{
	CLEANUP(string) char *of_first = NULL;
	CLEANUP(string) char *of_second = NULL;
	CLEANUP(string) char *of_old = NULL;

	(void)state;
	assert_int_equal(keyd_fixture_status(ROOT, "POST", "/keypair" OURS,
			     "{\"keyId\":\"a\",\"pkcs11Id\":\"AP8=\"}"),
	    200);
	assert_int_equal(keyd_fixture_status(ROOT, "POST", "/keypair" OURS,
			     "{\"keyId\":\"b\",\"pkcs11Id\":null}"),
	    200);
	/* aziot's versions do not know it. */
	assert_int_equal(
	    keyd_fixture_status(ROOT, "POST", "/keypair?api-version=2021-05-01",
		"{\"keyId\":\"c\",\"pkcs11Id\":7}"),
	    200);
	of_first = id_seen_of("/keys/a" OURS);
	of_second = id_seen_of("/keys/b" OURS);
	of_old = id_seen_of("/keys/c" OURS);
	assert_string_equal(of_first, "AP8=");
	assert_null(of_second);
	assert_null(of_old);
}

static void
refuses_a_pkcs11_id_that_cannot_be(void **state)
{
	static const struct {
		const char *body;
		unsigned status;
	} cases[] = {
	    {"{\"keyId\":\"a\",\"pkcs11Id\":7}",                             422},
	    {"{\"keyId\":\"a\",\"pkcs11Id\":\"?\"}",                         422},
	    {"{\"keyId\":\"a\",\"pkcs11Id\":\"\"}",                          400},
 /* 65 bytes */
	    {"{\"keyId\":\"a\",\"pkcs11Id\":\""
	     "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	     "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"}", 400},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(keyd_fixture_status(ROOT, "POST",
				     "/keypair" OURS, cases[i].body),
		    cases[i].status);
	assert_int_equal(
	    keyd_fixture_status(ROOT, "GET", "/keys/a" OURS, NULL), 400);
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(                                       \
	    name, keyd_fixture_setup, keyd_fixture_teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(imports_a_pair_but_replaces_none),
	    TEST(deletes_the_kind_that_is_meant),
	    TEST(shows_symmetric_keys),
	    TEST(names_the_certificates_beside_a_key),
	    TEST(shows_each_curve),
	    TEST(gives_random_bytes),
	    TEST(shows_the_pkcs11_id_that_a_pair_was_made_with),
	    TEST(refuses_a_pkcs11_id_that_cannot_be),
	};

	return cmocka_run_group_tests_name("keyd manage", tests, NULL, NULL);
}
