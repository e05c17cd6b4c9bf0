/* SPDX-License-Identifier: MIT */
/* That every route asks whether its caller has the right to the key. */
#include "cmocka_wrap.h"

#include <openssl/pem.h>
#include <string.h>

#include "common/file.h"
#include "common/openssl.h"
#include "keyd_fixture.h"

#define BYTES_32 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define BYTES_64 /* BYTES_32 twice */                                          \
	"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8AAQIDBAUGBwgJCgsMDQ4PE"    \
	"BESExQVFhcYGRobHB0eHw=="
#define POINT                                                                  \
	"BGsX0fLhLEJH+Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT+NC4v4af5uO5+tKfA+eFi"   \
	"vOM1drMV7Oy7ZAaDe/UfU="
#define GCM                                                                    \
	"\"algorithm\":\"AEAD\",\"parameters\":{\"iv\":\"AQ==\",\"aad\":\"\"}"
#define ES256 "\"algorithm\":\"ES256\",\"digest\":\"" BYTES_32 "\""
#define HS256 "\"algorithm\":\"HMAC-SHA256\",\"parameters\":{\"message\":\"\"}"

/* A call that root may make; in its body, "$name" stands for a value. */
struct call {
	const char *method;
	const char *pattern;
	const char *param;
	const char *body;
	unsigned status; /* what root is answered */
};

/* In this order: each leaves what those behind it need. */
static const struct call calls[] = {
    {"POST",   "/keypair",           NULL,         "{\"keyId\":\"b1\"}",                        200},
    {"POST",   "/keypair",           NULL,         "{\"keyId\":\"b-new\"}",                     200},
    {"GET",    "/keypair/{}",        "b1",         NULL,					200},
    {"GET",    "/keypair/{}",        "b-none",     NULL,                                        400},
    {"POST",   "/key",               NULL,         "{\"keyId\":\"bs\",\"usage\":\"sign\"}",     200},
    {"POST",   "/key",               NULL,         "{\"keyId\":\"b-more\",\"usage\":\"sign\"}", 200},
    {"GET",    "/key/{}",            "bs",         NULL,					200},
    {"POST",   "/parameters/{}",     "algorithm",  "{\"keyHandle\":\"$pair\"}",                 200},
    {"POST",   "/sign",              NULL,
     "{\"keyHandle\":\"$pair\",\"algorithm\":\"ECDSA\",\"parameters\":"
	"{\"digest\":\"" BYTES_32 "\"}}",
     200											   },
    {"POST",   "/sign",              NULL,         "{\"keyHandle\":\"$signs\"," HS256 "}",      200},
    {"POST",   "/sign",              NULL,         "{\"keyHandle\":\"$derived\"," HS256 "}",    200},
    {"POST",   "/encrypt",           NULL,
     "{\"keyHandle\":\"$rsa\",\"algorithm\":\"RSA-PKCS1\","
	"\"plaintext\":\"\"}",								  200},
    {"POST",   "/encrypt",           NULL,
     "{\"keyHandle\":\"$encrypts\"," GCM ",\"plaintext\":\"\"}",                                200},
    {"POST",   "/encrypt",           NULL,
     "{\"keyHandle\":\"$derived\"," GCM ",\"plaintext\":\"\"}",                                 200},
    {"POST",   "/decrypt",           NULL,
     "{\"keyHandle\":\"$encrypts\"," GCM ",\"ciphertext\":\"$ciphertext\"}",
     200											   },
    {"POST",   "/derivedkey",        NULL,
     "{\"baseKeyHandle\":\"$signs\",\"derivationData\":\"AQ==\"}",                              200},
    {"POST",   "/derivedkey/export", NULL,         "{\"keyHandle\":\"$derived\"}",              200},
    {"GET",    "/keys/{}",           "b1",         NULL,					200},
    {"GET",    "/keys/{}",           "bs",         NULL,					200},
    {"GET",    "/keys/{}",           "b-none",     NULL,					400},
    {"GET",    "/keys/{}/public",    "b1",         NULL,                                        200},
    {"POST",   "/keys/{}/import",    "b-imported", "{\"pem\":\"$pem\"}",                        204},
    {"POST",   "/keys/{}/sign",      "b1",         "{" ES256 "}",                               200},
    {"POST",   "/keys/{}/sign",      "bs",
     "{\"algorithm\":\"HS256\",\"message\":\"\"}",                                              200},
    {"POST",   "/keys/{}/verify",    "b1",
     "{" ES256 ",\"signature\":\"" BYTES_64 "\"}",                                              200},
    {"POST",   "/keys/{}/verify",    "bs",
     "{\"algorithm\":\"HS256\",\"message\":\"\",\"signature\":\"" BYTES_64
	"\"}",										  200},
    {"POST",   "/keys/{}/decrypt",   "b2",
     "{\"algorithm\":\"RSA-NO-PADDING\",\"ciphertext\":\"$block\"}",                            200},
    {"POST",   "/keys/{}/derive",    "b3",
     "{\"algorithm\":\"ECDH\",\"pem\":\"$public\"}",                                            200},
    {"POST",   "/keys/{}/derive",    "b3",
     "{\"algorithm\":\"ECDH\",\"point\":\"" POINT "\"}",                                        200},
    {"POST",   "/handles/delegate",  NULL,
     "{\"keyHandle\":\"$pair\",\"uid\":1001}",						  200},
 /* changes of what is there */
    {"POST",   "/key",               NULL,
     "{\"keyId\":\"bs\",\"usage\":\"sign\",\"keyBytes\":\"" ZEROES "\"}",
     200											   },
    {"POST",   "/keypair/{}",        "a1",         "{\"from\":\"b1\"}",                         204},
    {"POST",   "/keypair/{}",        "b1",         "{\"from\":\"a1\"}",                         204},
    {"DELETE", "/keypair",           NULL,         "{\"keyHandle\":\"$pair\"}",                 204},
    {"DELETE", "/key",               NULL,         "{\"keyHandle\":\"$signs\"}",                204},
    {"DELETE", "/keys/{}",           "b2",         NULL,					204},
    {"DELETE", "/keys/{}",           "be",         NULL,					204},
    {"DELETE", "/keys/{}",           "b-none",     NULL,                                        204},
};

/* What is about no key; the list has those of the caller. */
static const struct call keyless[] = {
    {.method = "GET",  .pattern = "/keys"   },
    {.method = "POST", .pattern = "/random" },
    {.method = "GET",  .pattern = "/health" },
    {.method = "GET",  .pattern = "/metrics"},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static json_t *values; /* what bodies can name */

static void
add_value(const char *name, const char *text)
{
	assert_int_equal(
	    json_object_set_new(values, name, json_string(text)), 0);
}

static void
add_made(const char *name, char *text)
{
	add_value(name, text);
	free(text);
}

static void
add_keys(void)
{
	const char *signs;

	add_made("pair", keyd_fixture_create("b1", "*"));
	keyd_fixture_make_pair("b2", "rsa-2048", "sign,decrypt");
	keyd_fixture_make_pair("b3", "ec-p256", "derive");
	add_made("rsa", keyd_fixture_get(ROOT, "keyHandle", "GET",
			    "/keypair/b2" OURS, NULL));
	add_made("public",
	    keyd_fixture_get(ROOT, "pem", "GET", "/keys/b3/public" OURS, NULL));
	add_made("signs", keyd_fixture_import("bs", "sign", ZEROES));
	add_made("encrypts", keyd_fixture_import("be", "encrypt", ZEROES));
	signs = json_string_value(json_object_get(values, "signs"));
	add_made(
	    "derived", keyd_fixture_derive("/derivedkey" OURS, signs, "AQ=="));
}

/* A private key that is in no token. */
static void
add_pem(void)
{
	CLEANUP(pkey) EVP_PKEY *mine = EVP_EC_gen("P-256");
	CLEANUP(bio) BIO *bio = BIO_new(BIO_s_mem());
	char pem[1024] = "";

	assert_int_equal(
	    PEM_write_bio_PKCS8PrivateKey(bio, mine, NULL, NULL, 0, NULL, NULL),
	    1);
	assert_true(BIO_read(bio, pem, sizeof(pem) - 1) > 0);
	add_value("pem", pem);
}

static void
add_ciphertexts(void)
{
	const char *handle =
	    json_string_value(json_object_get(values, "encrypts"));
	char block[345] = ""; /* 256 zero bytes */

	memset(block, 'A', 342);
	memset(block + 342, '=', 2);
	add_value("block", block);
	add_made("ciphertext",
	    keyd_fixture_get(ROOT, "ciphertext", "POST", "/encrypt" OURS,
		"{\"keyHandle\":\"%s\"," GCM ",\"plaintext\":\"\"}", handle));
}

static int
setup(void **state)
{
	int result = keyd_fixture_setup(state);

	values = json_object();
	add_keys();
	add_pem();
	add_ciphertexts();
	return result;
}

static int
teardown(void **state)
{
	json_decref(values);
	return keyd_fixture_teardown(state);
}

static char *
body_of(const struct call *call)
{
	CLEANUP(json) json_t *body = NULL;
	const char *name, *text;
	json_t *member;

	if (!call->body)
		return NULL;
	body = json_loads(call->body, 0, NULL);
	assert_non_null(body);
	json_object_foreach(body, name, member)
	{
		text = json_string_value(member);
		if (!text || *text != '$')
			continue;
		member = json_object_get(values, text + 1);
		assert_non_null(member);
		assert_int_equal(json_object_set(body, name, member), 0);
	}
	return json_dumps(body, 0);
}

static char *
target_of(const struct call *call)
{
	size_t length = strcspn(call->pattern, "{");
	const char *rest = call->pattern + length;

	if (*rest)
		rest += strlen("{}");
	return string_format("%.*s%s%s" OURS, (int)length, call->pattern,
	    call->param ? call->param : "", rest);
}

/* Neither who has rights to other keys, nor who has none; but root. */
static void
refuses_each_call_to_who_has_no_right_to_the_key(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(calls); i++) {
		CLEANUP(string) char *target = target_of(&calls[i]);
		CLEANUP(string) char *body = body_of(&calls[i]);
		const char *method = calls[i].method;
		size_t count = fake_store_count(fixture->store, NULL);

		print_message("%s %s %s\n", method, target, body ? body : "");
		assert_int_equal(
		    keyd_fixture_status(ALICE, method, target, body), 401);
		assert_int_equal(
		    keyd_fixture_status(STRANGER, method, target, body), 401);
		assert_int_equal(fake_store_count(fixture->store, NULL), count);
		/* It was they, not what they said. */
		assert_int_equal(
		    keyd_fixture_status(ROOT, method, target, body),
		    calls[i].status);
	}
}

static bool
is_among(const struct call *all, size_t count, const struct http_route *route)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(all[i].method, route->method) == 0 &&
		    strcmp(all[i].pattern, route->pattern) == 0)
			return true;
	return false;
}

static void
leaves_out_no_route_to_a_key(void **state)
{
	(void)state;
	for (size_t i = 0; i < keyd_route_count; i++) {
		const struct http_route *route = &keyd_routes[i];

		print_message("%s %s\n", route->method, route->pattern);
		assert_int_not_equal(is_among(calls, COUNT(calls), route),
		    is_among(keyless, COUNT(keyless), route));
	}
}

static void
lists_to_a_stranger_nothing(void **state)
{
	CLEANUP(json)
	json_t *answer =
	    keyd_fixture_ask(STRANGER, "GET", "/keys" OURS, 200, NULL);

	(void)state;
	assert_int_equal(json_array_size(json_object_get(answer, "keys")), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(refuses_each_call_to_who_has_no_right_to_the_key),
	    cmocka_unit_test(leaves_out_no_route_to_a_key),
	    TEST(lists_to_a_stranger_nothing),
	};

	return cmocka_run_group_tests_name("keyd callers", tests, NULL, NULL);
}
