/* SPDX-License-Identifier: MIT */
/* What the store does with pairs, in a token and in files. */
#include "cmocka_wrap.h"

#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <string.h>
#include <unistd.h>

#include "common/file.h"
#include "store_fixture.h"

static struct key_store *store;
static struct error err;

static const unsigned char bytes[512] = {0, 1, 2, 3, 4, 5, 6, 7};

static int
open_store(void **state)
{
	(void)state;
	store = store_fixture_open(STORE_TOKEN, false);
	return 0;
}

static int
close_store(void **state)
{
	(void)state;
	key_store_close(store);
	return 0;
}

static struct key_facts
generated(const char *label, enum key_spec spec, unsigned usage)
{
	struct key_facts facts;

	if (key_store_generate(store, label, spec, usage, &facts, &err))
		fail_msg("%s", err.message);
	return facts;
}

static struct key_name
name_of(const struct key_facts *facts, const char *label)
{
	return (struct key_name){
	    .kind = facts->kind,
	    .label = label,
	    .tag = facts->tag,
	    .serial = facts->serial,
	};
}

/* A pair in a PEM file below the folder, as a preloaded key. */
static char *
write_pair(const char *file, EVP_PKEY *pair)
{
	CLEANUP(string) char *path = store_fixture_path(file);
	CLEANUP(bio) BIO *bio = BIO_new_file(path, "w");

	assert_int_equal(
	    PEM_write_bio_PrivateKey(bio, pair, NULL, NULL, 0, NULL, NULL), 1);
	return string_format("file://%s", path);
}

static void
assert_signs(
    const struct key_name *name, enum key_mechanism mechanism, size_t length)
{
	struct key_input input = {bytes, length}, other = {bytes + 1, length};
	struct key_signature signature;
	struct key_facts facts;

	if (key_store_find(store, name, &facts, &err) ||
	    key_store_sign(store, name, mechanism, &input, &signature, &err))
		fail_msg("%s", err.message);
	assert_true(
	    store_fixture_verifies(&facts, mechanism, &input, &signature));
	assert_false(
	    store_fixture_verifies(&facts, mechanism, &other, &signature));
}

static const struct {
	enum key_spec spec;
	const char *name; /* of OpenSSL, for a file */
	unsigned bits;
	size_t count;
	struct {
		enum key_mechanism mechanism;
		size_t length;
	} uses[4];
} kinds[] = {
    {KEY_SPEC_P256,    "P-256",   0,    1, {{KEY_ECDSA, 32}}        },
    {KEY_SPEC_P384,    "P-384",   0,    1, {{KEY_ECDSA, 48}}        },
    {KEY_SPEC_P521,    "P-521",   0,    1, {{KEY_ECDSA, 64}}        },
    {KEY_SPEC_ED25519, "ED25519", 0,    1, {{KEY_EDDSA, 500}}       },
    {KEY_SPEC_RSA2048, "RSA",     2048, 3,
     {{KEY_RSA_PKCS1, 51}, {KEY_RSA_RAW, 256}, {KEY_PSS_SHA256, 32}}},
    {KEY_SPEC_RSA3072, "RSA",     3072, 1, {{KEY_RSA_PKCS1, 51}}    },
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static void
signs_with_every_kind_of_pair_in_the_token(void **state)
{
	(void)state;
	for (size_t i = 0; i < KINDS; i++) {
		struct key_facts facts =
		    generated("signer", kinds[i].spec, KEY_SIGNS);
		struct key_name name = name_of(&facts, "signer");

		assert_int_equal(facts.usage, KEY_SIGNS);
		assert_true(facts.sensitive && facts.always_sensitive &&
			    facts.never_extractable && facts.local);
		assert_false(facts.extractable);
		for (size_t j = 0; j < kinds[i].count; j++)
			assert_signs(&name, kinds[i].uses[j].mechanism,
			    kinds[i].uses[j].length);
		assert_int_equal(
		    key_store_destroy(store, &name, &err), ERROR_NONE);
		assert_int_equal(key_store_find(store, &name, &facts, &err),
		    ERROR_NOT_FOUND);
	}
}

static EVP_PKEY *
make_pair(size_t i)
{
	if (kinds[i].bits)
		return EVP_RSA_gen(kinds[i].bits);
	if (kinds[i].spec == KEY_SPEC_ED25519)
		return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	return EVP_EC_gen(kinds[i].name);
}

static void
signs_with_every_kind_of_pair_in_a_file(void **state)
{
	(void)state;
	for (size_t i = 0; i < KINDS; i++) {
		CLEANUP(pkey) EVP_PKEY *pair = make_pair(i);
		CLEANUP(string) char *uri = write_pair("signer.pem", pair);
		struct key_name name = {.uri = uri, .label = "signer"};

		for (size_t j = 0; j < kinds[i].count; j++)
			assert_signs(&name, kinds[i].uses[j].mechanism,
			    kinds[i].uses[j].length);
	}
}

/* ---- decrypting ---- */

static void
encrypt(const struct key_public *key, enum key_padding padding,
    const char *label, const struct key_input *plain,
    struct key_plain *ret_ciphertext)
{
	static const struct {
		int padding;
		const char *hash;
	} ways[] = {
	    [KEY_PADDING_NONE] = {RSA_NO_PADDING,         NULL    },
	    [KEY_PADDING_PKCS1] = {RSA_PKCS1_PADDING,      NULL    },
	    [KEY_PADDING_OAEP_SHA1] = {RSA_PKCS1_OAEP_PADDING, "SHA1"  },
	    [KEY_PADDING_OAEP_SHA256] = {RSA_PKCS1_OAEP_PADDING, "SHA256"},
	    [KEY_PADDING_OAEP_SHA384] = {RSA_PKCS1_OAEP_PADDING, "SHA384"},
	    [KEY_PADDING_OAEP_SHA512] = {RSA_PKCS1_OAEP_PADDING, "SHA512"},
	};
	CLEANUP(pkey) EVP_PKEY *pkey = NULL;
	CLEANUP(pkey_ctx) EVP_PKEY_CTX *context = NULL;

	assert_int_equal(key_public_to_pkey(key, &pkey, &err), ERROR_NONE);
	context = EVP_PKEY_CTX_new(pkey, NULL);
	assert_int_equal(EVP_PKEY_encrypt_init(context), 1);
	assert_int_equal(
	    EVP_PKEY_CTX_set_rsa_padding(context, ways[padding].padding), 1);
	if (ways[padding].hash) {
		const EVP_MD *hash = EVP_get_digestbyname(ways[padding].hash);

		assert_int_equal(
		    EVP_PKEY_CTX_set_rsa_oaep_md(context, hash), 1);
		assert_int_equal(
		    EVP_PKEY_CTX_set_rsa_mgf1_md(context, hash), 1);
		assert_int_equal(EVP_PKEY_CTX_set0_rsa_oaep_label(context,
				     OPENSSL_strdup(label), (int)strlen(label)),
		    1);
	}
	ret_ciphertext->length = sizeof(ret_ciphertext->data);
	assert_int_equal(
	    EVP_PKEY_encrypt(context, ret_ciphertext->data,
		&ret_ciphertext->length, plain->data, plain->length),
	    1);
}

static void
assert_decrypts(const struct key_name *name, const struct key_public *key,
    enum key_padding padding)
{
	struct key_input plain = {
	    bytes, padding == KEY_PADDING_NONE ? 256 : 20};
	struct key_input label = {(const unsigned char *)"to", 2};
	struct key_input other = {(const unsigned char *)"at", 2};
	struct key_input block = {bytes, 256}; /* begins as no padding does */
	struct key_plain encrypted, decrypted;
	struct key_input ciphertext;

	encrypt(key, padding, "to", &plain, &encrypted);
	ciphertext = (struct key_input){encrypted.data, encrypted.length};
	if (key_store_decrypt(
		store, name, padding, &ciphertext, &label, &decrypted, &err))
		fail_msg("padding %d: %s", (int)padding, err.message);
	assert_int_equal(decrypted.length, plain.length);
	assert_memory_equal(decrypted.data, plain.data, plain.length);
	if (padding == KEY_PADDING_NONE)
		return;

	if (padding != KEY_PADDING_PKCS1)
		assert_int_equal(key_store_decrypt(store, name, padding,
				     &ciphertext, &other, &decrypted, &err),
		    ERROR_INVALID);
	encrypt(key, KEY_PADDING_NONE, "to", &block, &encrypted);
	assert_int_equal(key_store_decrypt(store, name, padding, &ciphertext,
			     &label, &decrypted, &err),
	    ERROR_INVALID);
	assert_string_equal(err.message,
	    "the ciphertext is not one for this key and algorithm");
}

static void
decrypts_by_every_padding(void **state)
{
	struct key_facts facts =
	    generated("reader", KEY_SPEC_RSA2048, KEY_DECRYPTS | KEY_SIGNS);
	CLEANUP(pkey) EVP_PKEY *pair = EVP_RSA_gen(2048);
	CLEANUP(string) char *uri = write_pair("reader.pem", pair);
	struct key_name in_token = name_of(&facts, "reader");
	struct key_name in_file = {.uri = uri, .label = "reader"};
	struct key_facts of_file;

	(void)state;
	assert_int_equal(facts.usage, KEY_DECRYPTS | KEY_SIGNS);
	assert_int_equal(
	    key_store_find(store, &in_file, &of_file, &err), ERROR_NONE);
	for (enum key_padding padding = KEY_PADDING_NONE;
	     padding <= KEY_PADDING_OAEP_SHA512; padding++) {
		assert_decrypts(&in_token, &facts.public, padding);
		assert_decrypts(&in_file, &of_file.public, padding);
	}
	assert_signs(&in_token, KEY_RSA_PKCS1, 51);
}

static void
a_key_does_what_it_was_made_for(void **state)
{
	struct key_facts facts =
	    generated("narrow", KEY_SPEC_RSA2048, KEY_SIGNS);
	struct key_name name = name_of(&facts, "narrow");
	struct key_input block = {bytes, 256}, none = {bytes, 0};
	struct key_plain plain;

	(void)state;
	assert_int_equal(key_store_decrypt(store, &name, KEY_PADDING_NONE,
			     &block, &none, &plain, &err),
	    ERROR_INVALID);
	assert_non_null(strstr(err.message, "CKR_KEY_FUNCTION_NOT_PERMITTED"));
	assert_int_equal(key_store_generate(store, "ec", KEY_SPEC_P256,
			     KEY_DECRYPTS, &facts, &err),
	    ERROR_INVALID);
	assert_int_equal(key_store_generate(store, "rsa", KEY_SPEC_RSA2048,
			     KEY_DERIVES, &facts, &err),
	    ERROR_INVALID);
}

/* ---- agreeing ---- */

static void
assert_agrees(const struct key_name *name, const struct key_public *key)
{
	CLEANUP(pkey) EVP_PKEY *other = EVP_EC_gen(key->curve->name);
	CLEANUP(pkey) EVP_PKEY *pkey = NULL;
	CLEANUP(pkey_ctx) EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(other, NULL);
	unsigned char expected[KEY_POINT_MAX];
	size_t length = sizeof(expected);
	struct key_plain secret;
	struct key_public peer;

	assert_int_equal(key_public_from_pkey(other, &peer, &err), ERROR_NONE);
	if (key_store_agree(store, name, &peer, &secret, &err))
		fail_msg("%s", err.message);
	assert_int_equal(key_public_to_pkey(key, &pkey, &err), ERROR_NONE);
	assert_int_equal(EVP_PKEY_derive_init(context), 1);
	assert_int_equal(EVP_PKEY_derive_set_peer(context, pkey), 1);
	assert_int_equal(EVP_PKEY_derive(context, expected, &length), 1);
	assert_int_equal(secret.length, length);
	assert_memory_equal(secret.data, expected, length);
}

static void
agrees_on_a_secret_on_every_curve(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct key_facts facts =
		    generated("agrees", kinds[i].spec, KEY_DERIVES);
		struct key_name in_token = name_of(&facts, "agrees");
		CLEANUP(pkey) EVP_PKEY *pair = make_pair(i);
		CLEANUP(string) char *uri = write_pair("agrees.pem", pair);
		struct key_name in_file = {.uri = uri, .label = "agrees"};
		struct key_facts of_file;

		assert_int_equal(facts.usage, KEY_DERIVES);
		assert_int_equal(
		    key_store_find(store, &in_file, &of_file, &err),
		    ERROR_NONE);
		/* Each secret may begin with a zero, which must stay. */
		for (int j = 0; j < 20; j++) {
			assert_agrees(&in_token, &facts.public);
			assert_agrees(&in_file, &of_file.public);
		}
		assert_int_equal(
		    key_store_destroy(store, &in_token, &err), ERROR_NONE);
	}
}

/* ---- files ---- */

static void
notices_that_a_file_was_replaced(void **state)
{
	CLEANUP(pkey) EVP_PKEY *first = EVP_EC_gen("P-256");
	CLEANUP(pkey) EVP_PKEY *second = EVP_EC_gen("P-256");
	CLEANUP(string) char *uri = write_pair("replaced.pem", first);
	CLEANUP(string) char *again = NULL;
	struct key_name name = {.uri = uri, .label = "replaced"};
	struct key_facts before, after;

	(void)state;
	assert_int_equal(
	    key_store_find(store, &name, &before, &err), ERROR_NONE);
	again = write_pair("replaced.pem", second);
	assert_string_equal(again, uri);
	assert_int_equal(
	    key_store_find(store, &name, &after, &err), ERROR_NONE);
	assert_memory_not_equal(before.public.point, after.public.point,
	    before.public.point_length);
	assert_signs(&name, KEY_ECDSA, 32);
	assert_int_equal(unlink(uri + strlen("file://")), 0);
	assert_int_equal(
	    key_store_find(store, &name, &after, &err), ERROR_NOT_FOUND);
}

/* ---- random ---- */

static void
gives_random_bytes_of_any_length(void **state)
{
	struct key_store *without = store_fixture_open(NULL, false);
	struct key_store *stores[] = {store, without};
	static const unsigned char zeros[64];
	unsigned char first[5000], second[5000];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		memset(first, 0, sizeof(first));
		assert_int_equal(
		    key_store_random(stores[i], first, sizeof(first), &err),
		    ERROR_NONE);
		assert_int_equal(
		    key_store_random(stores[i], second, sizeof(second), &err),
		    ERROR_NONE);
		assert_memory_not_equal(first, second, sizeof(first));
		assert_memory_not_equal(
		    first + sizeof(first) - 64, zeros, sizeof(zeros));
		assert_int_equal(
		    key_store_random(stores[i], first, 0, &err), ERROR_NONE);
	}
	key_store_close(without);
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, open_store, close_store)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(signs_with_every_kind_of_pair_in_the_token),
	    TEST(signs_with_every_kind_of_pair_in_a_file),
	    TEST(decrypts_by_every_padding),
	    TEST(a_key_does_what_it_was_made_for),
	    TEST(agrees_on_a_secret_on_every_curve),
	    TEST(notices_that_a_file_was_replaced),
	    TEST(gives_random_bytes_of_any_length),
	};

	return cmocka_run_group_tests_name(
	    "store", tests, store_fixture_setup, store_fixture_teardown);
}
