/* SPDX-License-Identifier: MIT */
/* The calls that aziot does not have: using keys by their ids. */
#include "cmocka_wrap.h"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <string.h>

#include "common/base64.h"
#include "common/file.h"
#include "common/openssl.h"
#include "keyd_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define DIGEST_32 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

/* ---- sign, verify ---- */

static char *
sign(const char *id, const char *algorithm, const char *input)
{
	CLEANUP(string) char *path = keyd_fixture_path(id, "sign");

	return keyd_fixture_get(ROOT, "signature", "POST", path,
	    "{\"algorithm\":\"%s\",%s}", algorithm, input);
}

static bool
verify(const char *id, const char *algorithm, const char *input,
    const char *signature)
{
	CLEANUP(string) char *path = keyd_fixture_path(id, "verify");
	CLEANUP(json)
	json_t *answer = keyd_fixture_ask(ROOT, "POST", path, 200,
	    "{\"algorithm\":\"%s\",%s,\"signature\":\"%s\"}", algorithm, input,
	    signature);
	const json_t *valid = json_object_get(answer, "valid");

	assert_true(json_is_boolean(valid));
	return json_is_true(valid);
}

static void
verifies_what_it_signs_and_nothing_else(void **state)
{
	static const struct {
		const char *id;
		const char *algorithm;
	} cases[] = {
	    {"p256",    "ES256"       },
	    {"p384",    "ES384"       },
	    {"p521",    "ES512"       },
	    {"p256",    "ECDSA-SHA256"},
	    {"p256",    "ECDSA-SHA384"},
	    {"p256",    "ECDSA-SHA512"},
	    {"p384",    "ECDSA-SHA256"},
	    {"p384",    "ECDSA-SHA384"},
	    {"p384",    "ECDSA-SHA512"},
	    {"p521",    "ECDSA-SHA256"},
	    {"p521",    "ECDSA-SHA384"},
	    {"p521",    "ECDSA-SHA512"},
	    {"ed25519", "EdDSA"       },
	    {"rsa",     "RS256"       },
	    {"rsa",     "RS384"       },
	    {"rsa",     "RS512"       },
	    {"rsa",     "PS256"       },
	    {"rsa",     "PS384"       },
	    {"rsa",     "PS512"       },
	    {"rsa",     "RSA-PKCS1"   },
	    {"secret",  "HS256"       },
	};
	static const char message[] = "\"message\":\"aGVsbG8=\"";
	static const char other[] = "\"message\":\"aGVsbA==\"";

	(void)state;
	keyd_fixture_make_pair("p256", "ec-p256", "sign");
	keyd_fixture_make_pair("p384", "ec-p384", "sign");
	keyd_fixture_make_pair("p521", "ec-p521", "sign");
	keyd_fixture_make_pair("ed25519", "ed25519", "sign");
	keyd_fixture_make_pair("rsa", "rsa-2048", "sign");
	keyd_fixture_make_secret("secret");
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *id = cases[i].id, *name = cases[i].algorithm;
		CLEANUP(string) char *signature = sign(id, name, message);

		print_message("%s\n", name);
		assert_true(verify(id, name, message, signature));
		assert_false(verify(id, name, other, signature));
		assert_false(verify(id, name, message, ""));
		assert_false(verify(id, name, message, "AAAA"));
		signature[8] = signature[8] == 'A' ? 'B' : 'A';
		assert_false(verify(id, name, message, signature));
	}
}

static void
hashes_a_message_as_its_caller_would(void **state)
{
	/* SHA-256 of "hello" */
	static const char digest[] =
	    "\"digest\":\"LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=\"";
	static const char message[] = "\"message\":\"aGVsbG8=\"";
	CLEANUP(string) char *of_message = NULL;
	CLEANUP(string) char *of_digest = NULL;

	(void)state;
	keyd_fixture_make_pair("p", "ec-p256", "sign");
	keyd_fixture_make_pair("r", "rsa-2048", "sign");
	of_message = sign("p", "ES256", message);
	assert_true(verify("p", "ES256", digest, of_message));
	of_digest = sign("r", "PS256", digest);
	assert_true(verify("r", "PS256", message, of_digest));
}

static void
verifies_without_the_private_half(void **state)
{
	CLEANUP(string) char *signature = NULL;
	static const char message[] = "\"message\":\"aGVsbG8=\"";

	(void)state;
	keyd_fixture_make_pair("d", "ec-p256", "decrypt,derive");
	assert_int_equal(
	    keyd_fixture_status(ROOT, "POST", "/keys/d/sign" OURS,
		"{\"algorithm\":\"ES256\",\"digest\":\"" DIGEST_32 "\"}"),
	    400);
	keyd_fixture_make_pair("s", "ec-p256", "sign");
	signature = sign("s", "ES256", message);
	/* The pairs of the fake store are all the same. */
	assert_true(verify("d", "ES256", message, signature));
}

/* ---- public, decrypt, derive ---- */

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

/* "hello", as somebody else encrypts it; base64. */
static char *
encrypt(EVP_PKEY *key, int padding, const char *hash, const char *label)
{
	CLEANUP(pkey_ctx) EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
	unsigned char text[512];
	size_t length = sizeof(text);

	assert_int_equal(EVP_PKEY_encrypt_init(context), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(context, padding), 1);
	if (hash)
		assert_int_equal(EVP_PKEY_CTX_set_rsa_oaep_md(
				     context, EVP_get_digestbyname(hash)),
		    1);
	if (label)
		assert_int_equal(EVP_PKEY_CTX_set0_rsa_oaep_label(context,
				     OPENSSL_strdup(label), (int)strlen(label)),
		    1);
	assert_int_equal(EVP_PKEY_encrypt(context, text, &length,
			     (const unsigned char *)"hello", 5),
	    1);
	return base64_encode(text, length);
}

static unsigned
decrypt_status(const char *id, const char *algorithm, const char *ciphertext)
{
	CLEANUP(string) char *path = keyd_fixture_path(id, "decrypt");
	CLEANUP(string)
	char *body =
	    string_format("{\"algorithm\":\"%s\",\"ciphertext\":\"%s\"}",
		algorithm, ciphertext);

	return keyd_fixture_status(ROOT, "POST", path, body);
}

static void
decrypts_what_others_encrypt(void **state)
{
	static const struct {
		const char *algorithm;
		int padding;
		const char *hash, *label;
	} cases[] = {
	    {"RSA1_5",       RSA_PKCS1_PADDING,      NULL,     NULL},
	    {"RSA-OAEP",     RSA_PKCS1_OAEP_PADDING, "SHA1",   NULL},
	    {"RSA-OAEP-256", RSA_PKCS1_OAEP_PADDING, "SHA256", NULL},
	    {"RSA-OAEP-256", RSA_PKCS1_OAEP_PADDING, "SHA256", "a" },
	    {"RSA-OAEP-384", RSA_PKCS1_OAEP_PADDING, "SHA384", NULL},
	    {"RSA-OAEP-512", RSA_PKCS1_OAEP_PADDING, "SHA512", NULL},
	};
	CLEANUP(pkey) EVP_PKEY *key = NULL;

	(void)state;
	keyd_fixture_make_pair("r", "rsa-2048", "decrypt");
	key = public_of("r");
	for (size_t i = 0; i < COUNT(cases); i++) {
		CLEANUP(string)
		char *ciphertext = encrypt(
		    key, cases[i].padding, cases[i].hash, cases[i].label);
		CLEANUP(string)
		char *plain = keyd_fixture_get(ROOT, "plaintext", "POST",
		    "/keys/r/decrypt" OURS,
		    "{\"algorithm\":\"%s\",\"ciphertext\":\"%s\",\"label\":%s}",
		    cases[i].algorithm, ciphertext,
		    cases[i].label ? "\"YQ==\"" : "null");

		assert_string_equal(plain, "aGVsbG8=");
	}
}

static void
refuses_to_decrypt(void **state)
{
	CLEANUP(pkey) EVP_PKEY *key = NULL;
	CLEANUP(string) char *ciphertext = NULL;

	(void)state;
	keyd_fixture_make_pair("r", "rsa-2048", "decrypt");
	keyd_fixture_make_pair("s", "rsa-2048", "sign");
	keyd_fixture_make_pair("p", "ec-p256", "sign");
	key = public_of("r");
	ciphertext = encrypt(key, RSA_PKCS1_OAEP_PADDING, "SHA256", NULL);
	assert_int_equal(decrypt_status("r", "RSA-OAEP-256", ciphertext), 200);
	assert_int_equal(decrypt_status("r", "RSA-OAEP", ciphertext), 400);
	assert_int_equal(decrypt_status("r", "RSA-OAEP-256", "AAAA"), 400);
	assert_int_equal(decrypt_status("r", "RSA-OAEP-256", "A"), 422);
	assert_int_equal(decrypt_status("r", "AEAD", ciphertext), 400);
	assert_int_equal(decrypt_status("s", "RSA-OAEP-256", ciphertext), 400);
	assert_int_equal(decrypt_status("p", "RSA-OAEP-256", ciphertext), 400);
	assert_int_equal(decrypt_status("none", "RSA1_5", ciphertext), 400);
}

/* What another agrees on with the public half of id; base64. */
static char *
agree(EVP_PKEY *mine, const char *id)
{
	CLEANUP(pkey) EVP_PKEY *theirs = public_of(id);
	CLEANUP(pkey_ctx) EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(mine, NULL);
	unsigned char secret[128];
	size_t length = sizeof(secret);

	assert_int_equal(EVP_PKEY_derive_init(context), 1);
	assert_int_equal(EVP_PKEY_derive_set_peer(context, theirs), 1);
	assert_int_equal(EVP_PKEY_derive(context, secret, &length), 1);
	return base64_encode(secret, length);
}

/* A text of several lines within JSON. */
static char *
json_escape(const char *text)
{
	CLEANUP(json) json_t *string = json_string(text);

	return json_dumps(string, JSON_ENCODE_ANY);
}

static void
agrees_on_the_secret_that_the_other_has(void **state)
{
	static const char *const curves[][2] = {
	    {"ec-p256", "P-256"},
            {"ec-p384", "P-384"},
            {"ec-p521", "P-521"}
        };

	(void)state;
	for (size_t i = 0; i < COUNT(curves); i++) {
		CLEANUP(pkey) EVP_PKEY *mine = EVP_EC_gen(curves[i][1]);
		CLEANUP(string) char *pem = NULL;
		CLEANUP(string) char *escaped = NULL;
		CLEANUP(string) char *point = NULL;
		CLEANUP(string) char *expected = NULL;
		struct key_public public;
		struct error err;

		keyd_fixture_make_pair(curves[i][1], curves[i][0], "derive");
		expected = agree(mine, curves[i][1]);
		assert_int_equal(
		    public_key_to_pem(mine, &pem, &err), ERROR_NONE);
		assert_int_equal(
		    key_public_from_pkey(mine, &public, &err), ERROR_NONE);
		escaped = json_escape(pem);
		point = base64_encode(public.point, public.point_length);

		CLEANUP(string)
		char *path = keyd_fixture_path(curves[i][1], "derive");
		CLEANUP(string)
		char *by_pem = keyd_fixture_get(ROOT, "secret", "POST", path,
		    "{\"algorithm\":\"ECDH\",\"pem\":%s}", escaped);
		CLEANUP(string)
		char *by_point = keyd_fixture_get(ROOT, "secret", "POST", path,
		    "{\"algorithm\":\"ECDH\",\"point\":\"%s\"}", point);

		assert_string_equal(by_pem, expected);
		assert_string_equal(by_point, expected);
	}
}

static void
refuses_to_agree(void **state)
{
	static const struct {
		const char *id;
		const char *body;
		unsigned status;
	} cases[] = {
	    {"d", "{\"algorithm\":\"ECDH\"}",                             422},
	    {"d", "{\"algorithm\":\"ECDH\",\"point\":\"\",\"pem\":\"\"}", 422},
	    {"d", "{\"algorithm\":\"X\",\"point\":\"\"}",                 400},
	    {"d", "{\"algorithm\":\"ECDH\",\"point\":\"\"}",              400},
	    {"d", "{\"algorithm\":\"ECDH\",\"point\":\"BAAA\"}",          400},
	    {"d", "{\"algorithm\":\"ECDH\",\"pem\":\"nothing\"}",         400},
	    {"s",
             "{\"algorithm\":\"ECDH\",\"point\":"
		"\"A2sX0fLhLEJH+Lzm5WOkQPJ3A32BLeszoPShOUXYmMKW\"}",      400},
	    {"r", "{\"algorithm\":\"ECDH\",\"point\":\"BAAA\"}",          400},
	};

	(void)state;
	keyd_fixture_make_pair("d", "ec-p256", "derive");
	keyd_fixture_make_pair("s", "ec-p256", "sign");
	keyd_fixture_make_pair("r", "rsa-2048", "sign");
	for (size_t i = 0; i < COUNT(cases); i++) {
		CLEANUP(string)
		char *path = keyd_fixture_path(cases[i].id, "derive");

		print_message("%s\n", cases[i].body);
		assert_int_equal(
		    keyd_fixture_status(ROOT, "POST", path, cases[i].body),
		    cases[i].status);
	}
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(                                       \
	    name, keyd_fixture_setup, keyd_fixture_teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(verifies_what_it_signs_and_nothing_else),
	    TEST(hashes_a_message_as_its_caller_would),
	    TEST(verifies_without_the_private_half),
	    TEST(decrypts_what_others_encrypt),
	    TEST(refuses_to_decrypt),
	    TEST(agrees_on_the_secret_that_the_other_has),
	    TEST(refuses_to_agree),
	};

	return cmocka_run_group_tests_name("keyd by id", tests, NULL, NULL);
}
