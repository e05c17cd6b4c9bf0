/* SPDX-License-Identifier: MIT */
/*
 * keyd from the outside: a request in, a reply out, no socket and no token.
 */
#include "cmocka_wrap.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/file.h"
#include "fake_store.h"
#include "routes.h"

#define AZIOT "?api-version=2020-09-01"
#define AZIOT_NEWER "?api-version=2021-05-01"
#define OURS "?api-version=2026-12-01"

#define ROOT 0
#define ALICE 1001 /* may use a* */
#define STRANGER 1009

#define BYTES_32 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define REVERSED "Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA="
#define LETTERS_100                                                            \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define LETTERS_1000                                                           \
	LETTERS_100 LETTERS_100 LETTERS_100 LETTERS_100 LETTERS_100            \
	    LETTERS_100 LETTERS_100 LETTERS_100 LETTERS_100 LETTERS_100

static char directory[] = "/tmp/keyd-routes.XXXXXX";
static char index_path[64];
static struct acl *acl;
static struct key_store *store;
static struct index *records;
static struct handles *handles;
static struct keyd keyd;
static struct error err;

static int
setup(void **state)
{
	static const unsigned char mac_key[HANDLES_KEY_LENGTH] = {1};
	struct keys_parts parts = {0};

	(void)state;
	(void)strcpy(directory + strlen(directory) - 6, "XXXXXX");
	assert_non_null(mkdtemp(directory));
	(void)snprintf(
	    index_path, sizeof(index_path), "%s/index.json", directory);
	assert_int_equal(acl_create(&acl, &err), ERROR_NONE);
	assert_int_equal(acl_add(acl, "1001", "a*", &err), ERROR_NONE);
	assert_int_equal(index_open(index_path, &records, &err), ERROR_NONE);
	assert_int_equal(handles_create(mac_key, &handles, &err), ERROR_NONE);
	store = fake_store_open();
	parts =
	    (struct keys_parts){.store = store, .index = records, .acl = acl};
	keyd = (struct keyd){.handles = handles};
	assert_int_equal(keys_create(&parts, &keyd.keys, &err), ERROR_NONE);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	keys_free(keyd.keys);
	key_store_close(store);
	handles_free(handles);
	index_close(records);
	acl_free(acl);
	(void)unlink(index_path);
	return rmdir(directory);
}

/* Sends one request; the caller owns the body of the reply. */
static struct http_reply
send_as(uid_t uid, const char *method, const char *target, const char *body)
{
	struct http_service service = keyd_service(&keyd);
	struct http_message message = {
	    .method = method,
	    .target = target,
	    .content_type = "application/json",
	    .body = body ? body : "",
	    .body_length = body ? strlen(body) : 0,
	    .peer = {.uid = uid},
	};
	struct http_reply reply;

	http_dispatch(&service, &message, &reply);
	return reply;
}

/* The status of the reply; its body is not of interest. */
static unsigned
status_as(uid_t uid, const char *method, const char *target, const char *body)
{
	struct http_reply reply = send_as(uid, method, target, body);

	json_decref(reply.body);
	return reply.status;
}

/* The string member of a reply with 200; the caller frees it. */
static char *
string_of(const char *method, const char *target, const char *body,
    const char *member)
{
	struct http_reply reply = send_as(ROOT, method, target, body);
	CLEANUP(json) json_t *answer = reply.body;
	const char *text = json_string_value(json_object_get(answer, member));

	assert_int_equal(reply.status, 200);
	assert_non_null(text);
	return strdup(text);
}

static char *
create(const char *id, const char *preferred)
{
	CLEANUP(string)
	char *body = string_format(
	    "{\"keyId\":\"%s\",\"preferredAlgorithms\":\"%s\"}", id, preferred);

	return string_of("POST", "/keypair" AZIOT, body, "keyHandle");
}

static char *
parameter(const char *name, const char *handle)
{
	CLEANUP(string)
	char *target = string_format("/parameters/%s" AZIOT, name);
	CLEANUP(string)
	char *body = string_format("{\"keyHandle\":\"%s\"}", handle);

	return string_of("POST", target, body, "value");
}

static void
serves_aziots_calls(void **state)
{
	CLEANUP(string) char *ec = create("a1", "*");
	CLEANUP(string) char *rsa = create("a2", "rsa-2048");
	CLEANUP(string)
	char *loaded =
	    string_of("GET", "/keypair/a1" AZIOT_NEWER, NULL, "keyHandle");
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
	char *signature = string_of("POST", "/sign" AZIOT, sign, "signature");
	CLEANUP(string)
	char *ciphertext =
	    string_of("POST", "/encrypt" AZIOT, encrypt, "ciphertext");

	(void)state;
	assert_string_equal(ec_name, "ECDSA");
	assert_string_equal(rsa_name, "RSA");
	assert_string_equal(curve, "BggqhkjOPQMBBw==");
	assert_string_equal(
	    point, "A2sX0fLhLEJH+Lzm5WOkQPJ3A32BLeszoPShOUXYmMKW");
	assert_string_equal(exponent, "AQAB");
	assert_int_equal(strncmp(signature, "MEQCIB", 6), 0);
	assert_string_equal(ciphertext, REVERSED);
}

static void
moves_and_deletes(void **state)
{
	CLEANUP(string) char *handle = create("a1", "*");
	CLEANUP(string)
	char *body = string_format("{\"keyHandle\":\"%s\"}", handle);
	static const char from[] = "{\"from\":\"a1\"}";

	(void)state;
	assert_int_equal(
	    status_as(ROOT, "POST", "/keypair/a%2F3" AZIOT, from), 204);
	assert_int_equal(
	    status_as(ROOT, "POST", "/keypair/a%2F3" AZIOT, from), 204);
	assert_int_equal(
	    status_as(ROOT, "GET", "/keypair/a%2F3" AZIOT, NULL), 200);
	assert_int_equal(
	    status_as(ROOT, "POST", "/keypair/a1" AZIOT, "{\"from\":\"a/3\"}"),
	    204);
	assert_int_equal(
	    status_as(ROOT, "DELETE", "/keypair" AZIOT, body), 204);
	assert_int_equal(
	    status_as(ROOT, "DELETE", "/keypair" AZIOT, body), 204);
	assert_int_equal(fake_store_count(store, NULL), 0);
}

static void
shows_keys(void **state)
{
	CLEANUP(string) char *ec = create("a1", "*");
	CLEANUP(string) char *rsa = create("a2", "rsa-2048");
	struct http_reply reply = send_as(ROOT, "GET", "/keys" OURS, NULL);
	CLEANUP(json) json_t *body = reply.body;
	const json_t *keys = json_object_get(body, "keys");
	const char *id, *kind, *algorithm, *curve, *location, *created;
	const char *oid, *point;
	int sensitive, extractable, size;

	(void)state;
	assert_int_equal(reply.status, 200);
	assert_int_equal(json_array_size(keys), 2);
	assert_int_equal(
	    json_unpack(json_array_get(keys, 0),
		"{s:s,s:s,s:s,s:s,s:s,s:b,s:b,s:s,s:{s:s,s:s}}", "id", &id,
		"kind", &kind, "algorithm", &algorithm, "curve", &curve,
		"location", &location, "sensitive", &sensitive, "extractable",
		&extractable, "created", &created, "parameters", "ec-curve-oid",
		&oid, "ec-point", &point),
	    0);
	assert_string_equal(id, "a1");
	assert_string_equal(kind, "pair");
	assert_string_equal(algorithm, "EC");
	assert_string_equal(curve, "P-256");
	assert_string_equal(location, "pkcs11:token=fake;object=a1");
	assert_true(sensitive && !extractable);
	assert_int_equal(json_unpack(json_array_get(keys, 1), "{s:s,s:s,s:i}",
			     "id", &id, "algorithm", &algorithm, "size", &size),
	    0);
	assert_string_equal(algorithm, "RSA");
	assert_int_equal(size, 2048);
	assert_int_equal(status_as(ROOT, "GET", "/keys/a1" OURS, NULL), 200);
	assert_int_equal(status_as(ROOT, "GET", "/keys/a9" OURS, NULL), 400);
}

static void
a_key_that_cannot_be_reached_says_why(void **state)
{
	CLEANUP(string) char *handle = create("a1", "*");
	struct http_reply reply;
	const char *text;

	(void)state;
	fake_store_unplug(store, true);
	reply = send_as(ROOT, "GET", "/keys" OURS, NULL);
	assert_int_equal(
	    json_unpack(reply.body, "{s:[{s:s}]}", "keys", "error", &text), 0);
	assert_non_null(strstr(text, "unplugged"));
	json_decref(reply.body);
	assert_int_equal(status_as(ROOT, "GET", "/keys/a1" OURS, NULL), 503);
}

static void
signs_by_id(void **state)
{
	CLEANUP(string) char *ec = create("a1", "*");
	CLEANUP(string) char *rsa = create("a2", "rsa-2048");
	CLEANUP(string)
	char *raw = string_of("POST", "/keys/a1/sign" OURS,
	    "{\"algorithm\":\"ES256\",\"digest\":\"" BYTES_32 "\"}",
	    "signature");
	CLEANUP(string)
	char *pss = string_of("POST", "/keys/a2/sign" OURS,
	    "{\"algorithm\":\"PS256\",\"digest\":\"" BYTES_32 "\"}",
	    "signature");
	CLEANUP(string)
	char *info = string_of("POST", "/keys/a2/sign" OURS,
	    "{\"algorithm\":\"RSA-PKCS1\",\"message\":\"" BYTES_32 "\"}",
	    "signature");

	(void)state;
	assert_int_equal(strlen(raw), 88); /* 64 bytes */
	assert_string_equal(pss, REVERSED);
	assert_string_equal(info, REVERSED);
}

static void
asks_who_calls_on_every_route(void **state)
{
	CLEANUP(string) char *handle = create("b1", "*");
	CLEANUP(string)
	char *with_handle = string_format(
	    "{\"keyHandle\":\"%s\",\"algorithm\":\"ECDSA\",\"parameters\":"
	    "{\"digest\":\"" BYTES_32 "\"}}",
	    handle);
	CLEANUP(string)
	char *encrypt =
	    string_format("{\"keyHandle\":\"%s\",\"algorithm\":\"RSA-PKCS1\","
			  "\"plaintext\":\"\"}",
		handle);
	const struct {
		const char *method;
		const char *target;
		const char *body;
	} cases[] = {
	    {"POST",   "/keypair" AZIOT,              "{\"keyId\":\"b1\"}" },
	    {"POST",   "/keypair" AZIOT,              "{\"keyId\":\"new\"}"},
	    {"GET",    "/keypair/b1" AZIOT,           NULL                 },
	    {"GET",    "/keypair/none" AZIOT,         NULL                 },
	    {"POST",   "/keypair/a1" AZIOT,           "{\"from\":\"b1\"}"  },
	    {"POST",   "/keypair/b1" AZIOT,           "{\"from\":\"a1\"}"  },
	    {"DELETE", "/keypair" AZIOT,              with_handle          },
	    {"POST",   "/parameters/algorithm" AZIOT, with_handle          },
	    {"POST",   "/sign" AZIOT,                 with_handle          },
	    {"POST",   "/encrypt" AZIOT,              encrypt              },
	    {"GET",    "/keys/b1" OURS,               NULL                 },
	    {"POST",   "/keys/b1/sign" OURS,
             "{\"algorithm\":\"ES256\",\"digest\":\"" BYTES_32 "\"}"       },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("%s %s\n", cases[i].method, cases[i].target);
		assert_int_equal(status_as(ALICE, cases[i].method,
				     cases[i].target, cases[i].body),
		    401);
		assert_int_equal(status_as(STRANGER, cases[i].method,
				     cases[i].target, cases[i].body),
		    401);
	}
	assert_int_equal(status_as(STRANGER, "GET", "/keys" OURS, NULL), 200);
	assert_int_equal(fake_store_count(store, NULL), 1);
}

static void
refuses_what_it_cannot_do(void **state)
{
	CLEANUP(string) char *ec = create("ec", "*");
	CLEANUP(string) char *rsa = create("rsa", "rsa-2048");
	static const struct {
		const char *method;
		const char *target;
		const char *body; /* %1$s: handle of ec, %2$s: of rsa */
		unsigned status;
	} cases[] = {
  /* framing */
	    {"GET",    "/keypair/ec",                          NULL,                                   400},
	    {"GET",    "/keypair/ec?api-version=2019-01-01",   NULL,                                   400},
	    {"GET",    "/nothing" AZIOT,                       NULL,                                   404},
	    {"GET",    "/keys" AZIOT,                          NULL,                                   404},
	    {"PUT",    "/keypair" AZIOT,                       "{}",                                   400},
	    {"POST",   "/keypair" AZIOT,                       NULL,                                   400},
	    {"POST",   "/keypair" AZIOT,                       "{",                                    422},
	    {"POST",   "/keypair" AZIOT,                       "[]",                                   422},
 /* routes of a later keyd */
	    {"POST",   "/key" AZIOT,                           "{}",                                   404},
	    {"POST",   "/derivedkey" AZIOT,                    "{}",                                   404},
	    {"POST",   "/decrypt" AZIOT,                       "{}",                                   404},
 /* ids */
	    {"POST",   "/keypair" AZIOT,                       "{}",                                   422},
	    {"POST",   "/keypair" AZIOT,                       "{\"keyId\":null}",                     422},
	    {"POST",   "/keypair" AZIOT,                       "{\"keyId\":1}",                        422},
	    {"POST",   "/keypair" AZIOT,                       "{\"keyId\":\"\"}",                     400},
	    {"POST",   "/keypair" AZIOT,                       "{\"keyId\":\"a\\u0000\"}",             422},
	    {"POST",   "/keypair" AZIOT,                       "{\"keyId\":\"a\\n\"}",                 400},
	    {"POST",   "/keypair" AZIOT,                       "{\"keyId\":\"" LETTERS_1000 "\"}",     400},
	    {"POST",   "/keypair" AZIOT,                       "{\"keyId\":\"x\",\"keyId\":\"y\"}",
             422											  },
	    {"GET",    "/keypair/" LETTERS_1000 AZIOT,         NULL,                                   400},
	    {"GET",    "/keypair/%00" AZIOT,                   NULL,                                   404},
	    {"GET",    "/keypair/%ff" AZIOT,                   NULL,                                   404},
	    {"GET",    "/keypair/a/b" AZIOT,                   NULL,                                   404},
	    {"GET",    "/keypair/" AZIOT,                      NULL,                                   404},
	    {"GET",    "/keypair/none" AZIOT,                  NULL,                                   400},
	    {"GET",    "/keypair/handle-validation-key" AZIOT, NULL,                                   401},
 /* algorithms */
	    {"POST",   "/keypair" AZIOT,
             "{\"keyId\":\"x\",\"preferredAlgorithms\":7}",                                            422},
	    {"POST",   "/keypair" AZIOT,
             "{\"keyId\":\"x\",\"preferredAlgorithms\":\"\"}",                                         400},
	    {"POST",   "/keypair" AZIOT,
             "{\"keyId\":\"x\",\"preferredAlgorithms\":\"rsa-1024:dsa\"}",			     400},
 /* handles */
	    {"DELETE", "/keypair" AZIOT,                       "{}",                                   422},
	    {"DELETE", "/keypair" AZIOT,                       "{\"keyHandle\":\"\"}",                 400},
	    {"DELETE", "/keypair" AZIOT,                       "{\"keyHandle\":\"sr=AA==&sig=AA==\"}",
             400											  },
	    {"DELETE", "/keypair" AZIOT,                       "{\"keyHandle\":\"x%1$s\"}",            400},
 /* moves */
	    {"POST",   "/keypair/ec" AZIOT,                    "{}",                                   422},
	    {"POST",   "/keypair/ec" AZIOT,                    "{\"from\":\"ec\"}",                    400},
	    {"POST",   "/keypair/x" AZIOT,                     "{\"from\":\"y\"}",                     400},
	    {"POST",   "/keypair/x" AZIOT,                     "{\"from\":\"\"}",                      400},
 /* parameters */
	    {"POST",   "/parameters/nonsense" AZIOT,           "{\"keyHandle\":\"%1$s\"}",
             400											  },
	    {"POST",   "/parameters/rsa-modulus" AZIOT,
             "{\"keyHandle\":\"%1$s\"}",							       400},
	    {"POST",   "/parameters/ec-point" AZIOT,           "{\"keyHandle\":\"%2$s\"}",
             400											  },
 /* signatures */
	    {"POST",   "/sign" AZIOT,
             "{\"keyHandle\":\"%1$s\",\"algorithm\":\"ECDSA\"}",                                       422},
	    {"POST",   "/sign" AZIOT,
             "{\"keyHandle\":\"%1$s\",\"algorithm\":\"ECDSA\","
		"\"parameters\":{\"digest\":\"AA\"}}",						 422},
	    {"POST",   "/sign" AZIOT,
             "{\"keyHandle\":\"%1$s\",\"algorithm\":\"ECDSA\","
		"\"parameters\":{\"digest\":\"\"}}",						   400},
	    {"POST",   "/sign" AZIOT,
             "{\"keyHandle\":\"%2$s\",\"algorithm\":\"ECDSA\","
		"\"parameters\":{\"digest\":\"AA==\"}}",					       400},
	    {"POST",   "/sign" AZIOT,
             "{\"keyHandle\":\"%1$s\",\"algorithm\":\"HMAC-SHA256\","
		"\"parameters\":{\"message\":\"AA==\"}}",					      400},
	    {"POST",   "/sign" AZIOT,
             "{\"keyHandle\":\"%1$s\",\"algorithm\":\"EdDSA\","
		"\"parameters\":{}}",								  422},
	    {"POST",   "/encrypt" AZIOT,
             "{\"keyHandle\":\"%2$s\",\"algorithm\":\"AEAD\"}",                                        400},
	    {"POST",   "/encrypt" AZIOT,
             "{\"keyHandle\":\"%2$s\",\"algorithm\":\"RSA-PKCS1\"}",                                   422},
	    {"POST",   "/encrypt" AZIOT,
             "{\"keyHandle\":\"%2$s\",\"algorithm\":\"RSA-NO-PADDING\","
		"\"plaintext\":\"AA==\"}",							     400},
	    {"POST",   "/encrypt" AZIOT,
             "{\"keyHandle\":\"%1$s\",\"algorithm\":\"RSA-PKCS1\","
		"\"plaintext\":\"AA==\"}",							     400},
	    {"POST",   "/keys/ec/sign" OURS,                   "{}",                                   422},
	    {"POST",   "/keys/ec/sign" OURS,
             "{\"algorithm\":\"ES256\",\"message\":\"AA==\"}",                                         422},
	    {"POST",   "/keys/ec/sign" OURS,
             "{\"algorithm\":\"ES999\",\"digest\":\"AA==\"}",                                          400},
	    {"POST",   "/keys/none/sign" OURS,
             "{\"algorithm\":\"ES256\",\"digest\":\"" BYTES_32 "\"}",                                  400},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CLEANUP(string) char *first = NULL;
		const char *body = cases[i].body;
		const char *hole = body ? strstr(body, "%") : NULL;

		if (hole)
			first = string_format("%.*s%s%s", (int)(hole - body),
			    body, hole[1] == '1' ? ec : rsa, hole + 4);
		print_message("%s %s %s\n", cases[i].method, cases[i].target,
		    body ? body : "");
		assert_int_equal(status_as(ROOT, cases[i].method,
				     cases[i].target, hole ? first : body),
		    cases[i].status);
	}
	assert_int_equal(fake_store_count(store, NULL), 2);
}

static void
takes_unusual_ids(void **state)
{
	static const struct {
		const char *json;
		const char *segment;
	} ids[] = {
	    {"a b",                "a%20b"                       },
	    {"a/b",                "a%2fb"                       },
	    {"%41",                "%2541"                       },
	    {"caf\xc3\xa9",        "caf%C3%A9"                   },
	    {"a+b&c=d;e",          "a+b&c=d;e"                   },
	    {LETTERS_100 "*?[]{}", LETTERS_100 "*%3F%5B%5D%7B%7D"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		CLEANUP(string) char *handle = create(ids[i].json, "*");
		CLEANUP(string)
		char *target = string_format("/keys/%s" OURS, ids[i].segment);
		CLEANUP(string)
		char *id = string_of("GET", target, NULL, "id");

		assert_string_equal(id, ids[i].json);
	}
}

static void
a_keyd_that_cannot_work_says_why(void **state)
{
	struct keys *keys = keyd.keys;
	struct http_reply reply;
	const char *status, *message;

	(void)state;
	keyd.keys = NULL;
	(void)error_set(&keyd.trouble, ERROR_INVALID, "line 7 is wrong");
	reply = send_as(STRANGER, "GET", "/health" OURS, NULL);
	assert_int_equal(reply.status, 200);
	assert_int_equal(json_unpack(reply.body, "{s:s,s:s}", "status", &status,
			     "message", &message),
	    0);
	assert_string_equal(status, "degraded");
	assert_string_equal(message, "line 7 is wrong");
	json_decref(reply.body);
	assert_int_equal(
	    status_as(STRANGER, "GET", "/keypair/a" AZIOT, NULL), 503);
	assert_int_equal(status_as(ROOT, "GET", "/keys" OURS, NULL), 503);
	keyd.keys = keys;

	fake_store_unplug(store, true);
	reply = send_as(STRANGER, "GET", "/health" OURS, NULL);
	assert_int_equal(
	    json_unpack(reply.body, "{s:s}", "status", &status), 0);
	assert_string_equal(status, "degraded");
	json_decref(reply.body);
	assert_int_equal(
	    status_as(ROOT, "POST", "/keypair" AZIOT, "{\"keyId\":\"a\"}"),
	    503);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(serves_aziots_calls),
	    TEST(moves_and_deletes),
	    TEST(shows_keys),
	    TEST(a_key_that_cannot_be_reached_says_why),
	    TEST(signs_by_id),
	    TEST(asks_who_calls_on_every_route),
	    TEST(refuses_what_it_cannot_do),
	    TEST(takes_unusual_ids),
	    TEST(a_keyd_that_cannot_work_says_why),
	};

	return cmocka_run_group_tests_name("keyd routes", tests, NULL, NULL);
}
