/* SPDX-License-Identifier: MIT */
/* What keyd refuses, with which status, and unusual things that it takes. */
#include "cmocka_wrap.h"

#include <string.h>

#include "common/file.h"
#include "keyd_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define LETTERS_50 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define LETTERS_250 LETTERS_50 LETTERS_50 LETTERS_50 LETTERS_50 LETTERS_50
#define LETTERS_1000 LETTERS_250 LETTERS_250 LETTERS_250 LETTERS_250

static char *ec, *rsa; /* handles of the keys "ec" and "rsa" */

static int
setup(void **state)
{
	int result = keyd_fixture_setup(state);

	ec = keyd_fixture_create("ec", "*");
	rsa = keyd_fixture_create("rsa", "rsa-2048");
	return result;
}

/* Whatever a test did, it made no key and removed none. */
static int
teardown(void **state)
{
	unsigned count = fake_store_count(fixture->store, NULL);

	free(ec);
	free(rsa);
	return keyd_fixture_teardown(state) || count != 2;
}

static void
assert_status(
    const char *method, const char *target, const char *body, unsigned status)
{
	print_message("%s %s %s\n", method, target, body ? body : "");
	assert_int_equal(
	    keyd_fixture_status(ROOT, method, target, body), status);
}

static void
refuses_requests_that_are_none(void **state)
{
	static const struct {
		const char *method;
		const char *target;
		const char *body;
		unsigned status;
	} cases[] = {
	    {"GET",   "/keypair/ec",                        NULL, 400},
	    {"GET",   "/keypair/ec?api-version=2019-01-01", NULL, 400},
	    {"GET",   "/nothing" AZIOT,                     NULL, 404},
	    {"GET",   "/keys" AZIOT,                        NULL, 404},
	    {"GET",   "/keys/" OURS,                        NULL, 404},
	    {"PUT",   "/keypair" AZIOT,                     "{}", 400},
	    {"PATCH", "/keypair" AZIOT,                     "{}", 400},
	    {"POST",  "/keypair" AZIOT,                     NULL, 400},
	    {"POST",  "/keypair" AZIOT,                     "{",  422},
	    {"POST",  "/keypair" AZIOT,                     "[]", 422},
	    {"POST",  "/keypair" AZIOT,                     "7",  422},
	    {"POST",  "/key/a" AZIOT,                       "{}", 400},
	    {"POST",  "/random" AZIOT,                      "{}", 404},
	    {"POST",  "/handles/delegate" AZIOT,            "{}", 404},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_status(cases[i].method, cases[i].target, cases[i].body,
		    cases[i].status);
}

static void
refuses_ids_in_bodies(void **state)
{
	static const struct {
		const char *body;
		unsigned status;
	} cases[] = {
	    {"{}",						 422},
	    {"{\"keyId\":null}",				   422},
	    {"{\"keyId\":1}",				      422},
	    {"{\"keyId\":[\"a\"]}",                                422},
	    {"{\"keyId\":\"x\",\"keyId\":\"y\"}",                  422},
	    {"{\"keyId\":\"\"}",				   400},
	    {"{\"keyId\":\"a\\u0000\"}",                           422},
	    {"{\"keyId\":\"a\\n\"}",                               400},
	    {"{\"keyId\":\"a\xff\"}",                              422},
	    {"{\"keyId\":\"" LETTERS_250 "123456\"}",              400},
	    {"{\"keyId\":\"" LETTERS_1000 "\"}",                   400},
	    {"{\"keyId\":\"handle-validation-key\"}",              401},
	    {"{\"keyId\":\"x\",\"preferredAlgorithms\":7}",        422},
	    {"{\"keyId\":\"x\",\"preferredAlgorithms\":\"\"}",     400},
	    {"{\"keyId\":\"x\",\"preferredAlgorithms\":\"dsa:\"}", 400},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_status(
		    "POST", "/keypair" AZIOT, cases[i].body, cases[i].status);
}

static void
refuses_ids_in_paths(void **state)
{
	static const struct {
		const char *segment;
		unsigned status;
	} cases[] = {
	    {"",		      404},
	    {"none",                  400},
	    {"a/b",                   404},
	    {"%00",                   404},
	    {"%ff",                   404},
	    {"%0a",                   400},
	    {LETTERS_250 "123456",    400},
	    {LETTERS_1000,            400},
	    {"handle-validation-key", 401},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		CLEANUP(string)
		char *target =
		    string_format("/keypair/%s" AZIOT, cases[i].segment);

		assert_status("GET", target, NULL, cases[i].status);
	}
}

static void
refuses_moves(void **state)
{
	static const struct {
		const char *to;
		const char *body;
		unsigned status;
	} cases[] = {
	    {"ec",  "{}",				   422},
	    {"ec",  "{\"from\":null}",                      422},
	    {"ec",  "{\"from\":\"ec\"}",                    400},
	    {"x",   "{\"from\":\"y\"}",                     400},
	    {"x",   "{\"from\":\"\"}",                      400},
	    {"old", "{\"from\":\"ec\"}",                    400},
	    {"x",   "{\"from\":\"old\"}",                   400},
	    {"x",   "{\"from\":\"handle-validation-key\"}", 401},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		CLEANUP(string)
		char *target = string_format("/keypair/%s" AZIOT, cases[i].to);

		assert_status("POST", target, cases[i].body, cases[i].status);
	}
}

static void
refuses_handles(void **state)
{
	static const struct {
		const char *body;
		unsigned status;
	} cases[] = {
	    {"{}",				   422},
	    {"{\"keyHandle\":null}",                 422},
	    {"{\"keyHandle\":\"\"}",                 400},
	    {"{\"keyHandle\":\"ec\"}",               400},
	    {"{\"keyHandle\":\"sr=AA==&sig=AA==\"}", 400},
	};
	static const char *const calls[][2] = {
	    {"DELETE", "/keypair" AZIOT             },
	    {"POST",   "/parameters/algorithm" AZIOT},
	    {"POST",   "/sign" AZIOT                },
	    {"POST",   "/encrypt" AZIOT             },
	    {"POST",   "/decrypt" AZIOT             },
	    {"DELETE", "/key" AZIOT                 },
	    {"POST",   "/derivedkey/export" AZIOT   },
	    {"POST",   "/handles/delegate" OURS     },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		for (size_t j = 0; j < COUNT(calls); j++)
			assert_status(calls[j][0], calls[j][1], cases[i].body,
			    cases[i].status);
}

static void
refuses_an_altered_handle(void **state)
{
	CLEANUP(string)
	char *body = string_format("{\"keyHandle\":\"%s\"}", ec);
	char *middle = strstr(body, "sr=") + 40;

	(void)state;
	*middle = *middle == 'A' ? 'B' : 'A';
	assert_status("DELETE", "/keypair" AZIOT, body, 400);
}

static void
refuses_parameters_of_another_kind(void **state)
{
	CLEANUP(string)
	char *of_ec = string_format("{\"keyHandle\":\"%s\"}", ec);
	CLEANUP(string)
	char *of_rsa = string_format("{\"keyHandle\":\"%s\"}", rsa);

	(void)state;
	assert_status("POST", "/parameters/nonsense" AZIOT, of_ec, 400);
	assert_status("POST", "/parameters/rsa-modulus" AZIOT, of_ec, 400);
	assert_status("POST", "/parameters/rsa-exponent" AZIOT, of_ec, 400);
	assert_status("POST", "/parameters/ec-point" AZIOT, of_rsa, 400);
	assert_status("POST", "/parameters/ec-curve-oid" AZIOT, of_rsa, 400);
}

static void
refuses_what_it_cannot_sign(void **state)
{
	const struct {
		const char *path;
		const char *handle;
		const char *algorithm;
		const char *input;
		unsigned status;
	} cases[] = {
	    {"/sign",    ec,  "ECDSA",          "",                                   422},
	    {"/sign",    ec,  "ECDSA",          ",\"parameters\":null",               422},
	    {"/sign",    ec,  "ECDSA",          ",\"parameters\":{}",                 422},
	    {"/sign",    ec,  "EdDSA",          ",\"parameters\":{}",                 422},
	    {"/sign",    ec,  "HMAC-SHA256",    ",\"parameters\":{}",                 422},
	    {"/sign",    ec,  "HMAC-SHA256",    ",\"parameters\":{\"message\":\"\"}",
             400									 },
	    {"/encrypt", rsa, "RSA-PKCS1",      "",                                   422},
	    {"/encrypt", rsa, "RSA-PKCS1",      ",\"plaintext\":\"AA\"",              422},
	    {"/encrypt", rsa, "RSA-NO-PADDING", ",\"plaintext\":\"AA==\"",            400},
	    {"/encrypt", ec,  "RSA-PKCS1",      ",\"plaintext\":\"AA==\"",            400},
	    {"/encrypt", rsa, "RSA-OAEP",       ",\"plaintext\":\"AA==\"",            422},
	    {"/encrypt", rsa, "AEAD",           ",\"plaintext\":\"AA==\"",            422},
	    {"/encrypt", rsa, "AEAD",
             ",\"plaintext\":\"AA==\",\"parameters\":"
		"{\"iv\":\"AA==\",\"aad\":\"\"}",				     400},
	    {"/decrypt", rsa, "RSA-PKCS1",      ",\"ciphertext\":\"AA==\"",           400},
	    {"/decrypt", rsa, "RSA-OAEP",       ",\"ciphertext\":\"AA==\"",           422},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		CLEANUP(string)
		char *target = string_format("%s" AZIOT, cases[i].path);
		CLEANUP(string)
		char *body = string_format(
		    "{\"keyHandle\":\"%s\",\"algorithm\":\"%s\"%s}",
		    cases[i].handle, cases[i].algorithm, cases[i].input);

		assert_status("POST", target, body, cases[i].status);
	}
}

static void
refuses_digests(void **state)
{
	const struct {
		const char *handle;
		const char *digest;
		unsigned status;
	} cases[] = {
	    {ec,  "AA==", 200},
	    {ec,  "",     400},
	    {ec,  "AA",   422},
	    {ec,  "_w==", 422},
	    {rsa, "AA==", 400},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		CLEANUP(string)
		char *body = string_format(
		    "{\"keyHandle\":\"%s\",\"algorithm\":\"ECDSA\","
		    "\"parameters\":{\"digest\":\"%s\"}}",
		    cases[i].handle, cases[i].digest);

		assert_status("POST", "/sign" AZIOT, body, cases[i].status);
	}
}

static void
refuses_to_sign_by_id(void **state)
{
	static const struct {
		const char *id;
		const char *body;
		unsigned status;
	} cases[] = {
	    {"ec",   "{}",					     422},
	    {"ec",   "{\"algorithm\":\"ES256\"}",                      422},
	    {"ec",   "{\"algorithm\":\"ES256\",\"message\":\"AA==\"}", 200},
	    {"ec",
             "{\"algorithm\":\"ES256\",\"message\":\"AA==\",\"digest\":"
		"\"\"}",					       422},
	    {"ec",   "{\"algorithm\":\"EdDSA\",\"message\":\"AA==\"}", 400},
	    {"ec",   "{\"algorithm\":\"HS256\",\"message\":\"AA==\"}", 400},
	    {"ec",   "{\"algorithm\":\"ES256\",\"digest\":\"AA==\"}",  400},
	    {"ec",   "{\"algorithm\":\"ES999\",\"digest\":\"AA==\"}",  400},
	    {"rsa",  "{\"algorithm\":\"ES256\",\"digest\":\"AA==\"}",  400},
	    {"none", "{\"algorithm\":\"ES256\",\"digest\":\"AA==\"}",  400},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		CLEANUP(string)
		char *target = string_format("/keys/%s/sign" OURS, cases[i].id);

		assert_status("POST", target, cases[i].body, cases[i].status);
	}
}

static void
takes_unusual_ids(void **state)
{
	static const struct {
		const char *id;
		const char *segment;
	} ids[] = {
	    {"a b",               "a%20b"            },
	    {"a/b",               "a%2fb"            },
	    {"%41",               "%2541"            },
	    {"caf\xc3\xa9",       "caf%C3%A9"        },
	    {"a+b&c=d;e",         "a+b&c=d;e"        },
	    {LETTERS_250 "12345", LETTERS_250 "12345"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(ids); i++) {
		CLEANUP(string)
		char *handle = keyd_fixture_create(ids[i].id, "*");
		CLEANUP(string)
		char *target = string_format("/keys/%s" OURS, ids[i].segment);
		CLEANUP(string)
		char *id = keyd_fixture_string("GET", target, NULL, "id");

		assert_non_null(handle);
		assert_string_equal(id, ids[i].id);
		fake_store_lose(fixture->store, ids[i].id);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(refuses_requests_that_are_none),
	    TEST(refuses_ids_in_bodies),
	    TEST(refuses_ids_in_paths),
	    TEST(refuses_moves),
	    TEST(refuses_handles),
	    TEST(refuses_an_altered_handle),
	    TEST(refuses_parameters_of_another_kind),
	    TEST(refuses_what_it_cannot_sign),
	    TEST(refuses_digests),
	    TEST(refuses_to_sign_by_id),
	    TEST(takes_unusual_ids),
	};

	return cmocka_run_group_tests_name("keyd bad input", tests, NULL, NULL);
}
