/* SPDX-License-Identifier: MIT */
/* keyd from the outside: a request in, a reply out, no socket and no token. */
#include "cmocka_wrap.h"

#include <openssl/rsa.h>
#include <string.h>

#include "common/base64.h"
#include "common/file.h"
#include "keyd_fixture.h"

#define POINT "A2sX0fLhLEJH+Lzm5WOkQPJ3A32BLeszoPShOUXYmMKW"
#define UNCOMPRESSED                                                           \
	"BGsX0fLhLEJH+Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT+NC4v4af5uO5+tKfA+eFi"   \
	"vOM1drMV7Oy7ZAaDe/UfU="
#define FINGERPRINT                                                            \
	"aYvqY9xEo0RmP/FCmuoQhC3ye2uZHvJYZrLGwCzcxb4=" /* base64 of its        \
							  SHA-256 */
#define BYTES_32 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

static char *ec, *rsa; /* handles of the keys "a1" and "a2" */

static int
setup(void **state)
{
	int result = keyd_fixture_setup(state);

	ec = keyd_fixture_create("a1", "*");
	rsa = keyd_fixture_create("a2", "rsa-2048");
	return result;
}

static int
teardown(void **state)
{
	free(ec);
	free(rsa);
	return keyd_fixture_teardown(state);
}

static unsigned
status_of(const char *method, const char *target, const char *body)
{
	return keyd_fixture_status(ROOT, method, target, body);
}

static char *
parameter(const char *name, const char *handle)
{
	CLEANUP(string)
	char *target = string_format("/parameters/%s" AZIOT, name);
	CLEANUP(string)
	char *body = string_format("{\"keyHandle\":\"%s\"}", handle);

	return keyd_fixture_string("POST", target, body, "value");
}

/* The public half of the key id. */
static EVP_PKEY *
public_of(const char *id)
{
	struct key_info info;
	struct error err;
	EVP_PKEY *key;

	assert_int_equal(
	    keys_get(fixture->keys, AS(ROOT), PAIR(id), &info, &err),
	    ERROR_NONE);
	assert_int_equal(
	    key_public_to_pkey(&info.facts.public, &key, &err), ERROR_NONE);
	return key;
}

/* True if text is a signature of BYTES_32 by the RSA key a2. */
static bool
is_signature(const char *text, int padding, const EVP_MD *hash)
{
	CLEANUP(pkey) EVP_PKEY *key = public_of("a2");
	CLEANUP(pkey_ctx) EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
	CLEANUP(bytes) unsigned char *signature = NULL, *message = NULL;
	size_t length, message_length;
	struct error err;

	assert_int_equal(
	    base64_decode(text, &signature, &length, &err), ERROR_NONE);
	assert_int_equal(
	    base64_decode(BYTES_32, &message, &message_length, &err),
	    ERROR_NONE);
	assert_int_equal(EVP_PKEY_verify_init(context), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(context, padding), 1);
	if (hash)
		assert_int_equal(
		    EVP_PKEY_CTX_set_signature_md(context, hash), 1);
	return EVP_PKEY_verify(
		   context, signature, length, message, message_length) == 1;
}

static void
serves_aziots_calls(void **state)
{
	CLEANUP(string)
	char *loaded = keyd_fixture_string(
	    "GET", "/keypair/a1" AZIOT_NEWER, NULL, "keyHandle");
	CLEANUP(string) char *ec_name = parameter("algorithm", ec);
	CLEANUP(string) char *rsa_name = parameter("algorithm", rsa);
	CLEANUP(string) char *curve = parameter("ec-curve-oid", loaded);
	CLEANUP(string) char *point = parameter("ec-point", ec);
	CLEANUP(string) char *exponent = parameter("rsa-exponent", rsa);
	CLEANUP(string)
	char *sign = string_format(
	    "{\"keyHandle\":\"%s\",\"algorithm\":\"ECDSA\",\"parameters\":"
	    "{\"digest\":\"" BYTES_32 "\"}}",
	    ec);
	CLEANUP(string)
	char *encrypt = string_format(
	    "{\"keyHandle\":\"%s\",\"algorithm\":\"RSA-PKCS1\",\"parameters\":"
	    "null,\"plaintext\":\"" BYTES_32 "\"}",
	    rsa);
	CLEANUP(string)
	char *signature =
	    keyd_fixture_string("POST", "/sign" AZIOT, sign, "signature");
	CLEANUP(string)
	char *ciphertext = keyd_fixture_string(
	    "POST", "/encrypt" AZIOT, encrypt, "ciphertext");

	(void)state;
	assert_string_equal(ec_name, "ECDSA");
	assert_string_equal(rsa_name, "RSA");
	assert_string_equal(curve, "BggqhkjOPQMBBw==");
	assert_string_equal(point, POINT);
	assert_string_equal(exponent, "AQAB");
	assert_int_equal(strncmp(signature, "ME", 2), 0); /* a SEQUENCE */
	assert_true(is_signature(ciphertext, RSA_PKCS1_PADDING, NULL));
}

static void
moves_and_deletes(void **state)
{
	CLEANUP(string)
	char *body = string_format("{\"keyHandle\":\"%s\"}", ec);
	static const char from[] = "{\"from\":\"a1\"}";

	(void)state;
	assert_int_equal(status_of("POST", "/keypair/a%2F3" AZIOT, from), 204);
	assert_int_equal(status_of("POST", "/keypair/a%2F3" AZIOT, from), 204);
	assert_int_equal(status_of("GET", "/keypair/a%2F3" AZIOT, NULL), 200);
	assert_int_equal(
	    status_of("POST", "/keypair/a1" AZIOT, "{\"from\":\"a/3\"}"), 204);
	assert_int_equal(status_of("DELETE", "/keypair" AZIOT, body), 204);
	assert_int_equal(status_of("DELETE", "/keypair" AZIOT, body), 204);
	assert_int_equal(fake_store_count(fixture->store, NULL), 1);
}

static void
shows_an_ec_key(void **state)
{
	struct http_reply reply =
	    keyd_fixture_send(ROOT, "GET", "/keys/a1" OURS, NULL);
	CLEANUP(json) json_t *body = reply.body;
	CLEANUP(json)
	json_t *expected =
	    json_pack("{s:s,s:s,s:[sss],s:s,s:s,s:[s],s:s,s:b,s:b,s:b,s:b,s:b,"
		      "s:O,s:s,s:{s:s,s:s,s:s},s:[]}",
		"id", "a1", "kind", "pair", "rights", "use", "export", "manage",
		"algorithm", "EC", "curve", "P-256", "usage", "sign",
		"location", "pkcs11:token=fake;object=a1", "sensitive", 1,
		"extractable", 0, "alwaysSensitive", 1, "neverExtractable", 1,
		"local", 1, "created", json_object_get(body, "created"),
		"fingerprint", FINGERPRINT, "parameters", "ec-curve-oid",
		"BggqhkjOPQMBBw==", "ec-point-uncompressed", UNCOMPRESSED,
		"ec-point", POINT, "certificates");

	(void)state;
	assert_int_equal(reply.status, 200);
	assert_true(json_equal(body, expected));
}

static void
shows_an_rsa_key(void **state)
{
	struct http_reply reply =
	    keyd_fixture_send(ROOT, "GET", "/keys/a2" OURS, NULL);
	CLEANUP(json) json_t *body = reply.body;
	const char *algorithm, *modulus, *exponent;
	int size;

	(void)state;
	assert_int_equal(
	    json_unpack(body, "{s:s,s:i,s:{s:s,s:s}}", "algorithm", &algorithm,
		"size", &size, "parameters", "rsa-modulus", &modulus,
		"rsa-exponent", &exponent),
	    0);
	assert_string_equal(algorithm, "RSA");
	assert_int_equal(size, 2048);
	assert_int_equal(strlen(modulus), 344); /* 256 bytes */
	assert_string_equal(exponent, "AQAB");
}

static void
lists_keys(void **state)
{
	struct http_reply reply =
	    keyd_fixture_send(ROOT, "GET", "/keys" OURS, NULL);
	CLEANUP(json) json_t *body = reply.body;
	const char *first, *second, *third;

	(void)state;
	assert_int_equal(json_unpack(body, "{s:[{s:s},{s:s},{s:s}!]}", "keys",
			     "id", &first, "id", &second, "id", &third),
	    0);
	assert_string_equal(first, "old");
	assert_string_equal(second, "a1");
	assert_string_equal(third, "a2");
}

static void
a_key_that_cannot_be_reached_says_why(void **state)
{
	struct http_reply reply;
	const char *text;

	(void)state;
	fake_store_unplug(fixture->store, true);
	reply = keyd_fixture_send(ROOT, "GET", "/keys" OURS, NULL);
	assert_int_equal(
	    json_unpack(reply.body, "{s:[{s:s}]}", "keys", "error", &text), 0);
	assert_non_null(strstr(text, "unplugged"));
	json_decref(reply.body);
	assert_int_equal(status_of("GET", "/keys/a1" OURS, NULL), 503);
}

static void
signs_by_id(void **state)
{
	CLEANUP(string)
	char *raw = keyd_fixture_string("POST", "/keys/a1/sign" OURS,
	    "{\"algorithm\":\"ES256\",\"digest\":\"" BYTES_32 "\"}",
	    "signature");
	CLEANUP(string)
	char *pss = keyd_fixture_string("POST", "/keys/a2/sign" OURS,
	    "{\"algorithm\":\"PS256\",\"digest\":\"" BYTES_32 "\"}",
	    "signature");
	CLEANUP(string)
	char *info = keyd_fixture_string("POST", "/keys/a2/sign" OURS,
	    "{\"algorithm\":\"RSA-PKCS1\",\"message\":\"" BYTES_32 "\"}",
	    "signature");

	(void)state;
	assert_int_equal(strlen(raw), 88); /* 64 bytes */
	assert_true(is_signature(pss, RSA_PKCS1_PSS_PADDING, EVP_sha256()));
	assert_true(is_signature(info, RSA_PKCS1_PADDING, NULL));
}

static bool
is_not_found(const char *target, const char *body)
{
	struct http_reply reply = keyd_fixture_send(ROOT, "POST", target, body);
	CLEANUP(json) json_t *answer = reply.body;
	const char *code = json_string_value(json_object_get(answer, "code"));

	return reply.status == 400 && code && strcmp(code, "not-found") == 0;
}

static void
uses_no_other_key_than_the_caller_has_seen(void **state)
{
	static const struct {
		const char *target;
		const char *body; /* without its end */
	} calls[] = {
	    {"/keys/a1/sign" OURS,
             "{\"algorithm\":\"ES256\",\"digest\":\"" BYTES_32 "\""     },
	    {"/keys/a1/verify" OURS,
             "{\"algorithm\":\"ES256\",\"digest\":\"" BYTES_32
		"\",\"signature\":\"\""                                 },
	    {"/keys/a1/derive" OURS,
             "{\"algorithm\":\"ECDH\",\"point\":\"" UNCOMPRESSED "\""   },
	    {"/keys/a1/decrypt" OURS,
             "{\"algorithm\":\"RSA1_5\",\"ciphertext\":\"" BYTES_32 "\""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		CLEANUP(string)
		char *same = string_format(
		    "%s,\"fingerprint\":\"" FINGERPRINT "\"}", calls[i].body);
		CLEANUP(string)
		char *other = string_format(
		    "%s,\"fingerprint\":\"" BYTES_32 "\"}", calls[i].body);

		print_message("%s\n", calls[i].target);
		assert_true(is_not_found(calls[i].target, other));
		assert_false(is_not_found(calls[i].target, same));
	}
	assert_int_equal(status_of("POST", calls[0].target,
			     "{\"algorithm\":\"ES256\",\"digest\":\"" BYTES_32
			     "\",\"fingerprint\":\"" FINGERPRINT "\"}"),
	    200);
}

static void
a_keyd_that_cannot_work_says_why(void **state)
{
	struct keys *keys = fixture->keyd.keys;
	struct http_reply reply;
	const char *status, *message;

	(void)state;
	fixture->keyd.keys = NULL;
	(void)error_set(
	    &fixture->keyd.trouble, ERROR_INVALID, "line 7 is wrong");
	reply = keyd_fixture_send(STRANGER, "GET", "/health" OURS, NULL);
	assert_int_equal(reply.status, 200);
	assert_int_equal(json_unpack(reply.body, "{s:s,s:s}", "status", &status,
			     "message", &message),
	    0);
	assert_string_equal(status, "degraded");
	assert_string_equal(message, "line 7 is wrong");
	json_decref(reply.body);
	assert_int_equal(
	    keyd_fixture_status(STRANGER, "GET", "/keypair/a" AZIOT, NULL),
	    503);
	assert_int_equal(status_of("GET", "/keys" OURS, NULL), 503);
	fixture->keyd.keys = keys;

	fake_store_unplug(fixture->store, true);
	reply = keyd_fixture_send(STRANGER, "GET", "/health" OURS, NULL);
	assert_int_equal(
	    json_unpack(reply.body, "{s:s}", "status", &status), 0);
	assert_string_equal(status, "degraded");
	json_decref(reply.body);
	assert_int_equal(
	    status_of("POST", "/keypair" AZIOT, "{\"keyId\":\"a\"}"), 503);
}

/* The first token that GET /health tells of. */
static void
assert_token_is(const char *expected_state, const char *expected_message)
{
	const char *label, *state, *since, *message;
	struct http_reply reply =
	    keyd_fixture_send(STRANGER, "GET", "/health" OURS, NULL);

	assert_int_equal(reply.status, 200);
	assert_int_equal(json_unpack(reply.body, "{s:[{s:s,s:s,s:s,s:s}]}",
			     "tokens", "label", &label, "state", &state,
			     "since", &since, "message", &message),
	    0);
	assert_string_equal(label, "device");
	assert_string_equal(state, expected_state);
	assert_string_equal(since, "2026-12-01T00:00:00Z");
	assert_string_equal(message, expected_message);
	json_decref(reply.body);
}

static void
says_how_its_tokens_are(void **state)
{
	(void)state;
	assert_token_is("open", "");
	fake_store_unplug(fixture->store, true);
	assert_token_is("fails", "the token is unplugged");
}

static void
a_call_that_hangs_degrades_it(void **state)
{
	const char *status, *message;
	struct http_reply reply;

	(void)state;
	fake_store_hang(fixture->store, true);
	reply = keyd_fixture_send(STRANGER, "GET", "/health" OURS, NULL);
	assert_int_equal(json_unpack(reply.body, "{s:s,s:s}", "status", &status,
			     "message", &message),
	    0);
	assert_string_equal(status, "degraded");
	assert_non_null(strstr(message, "C_Sign has not returned"));
	json_decref(reply.body);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(serves_aziots_calls),
	    TEST(moves_and_deletes),
	    TEST(shows_an_ec_key),
	    TEST(shows_an_rsa_key),
	    TEST(lists_keys),
	    TEST(a_key_that_cannot_be_reached_says_why),
	    TEST(signs_by_id),
	    TEST(uses_no_other_key_than_the_caller_has_seen),
	    TEST(a_keyd_that_cannot_work_says_why),
	    TEST(says_how_its_tokens_are),
	    TEST(a_call_that_hangs_degrades_it),
	};

	return cmocka_run_group_tests_name("keyd routes", tests, NULL, NULL);
}
