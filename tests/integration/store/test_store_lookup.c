/* SPDX-License-Identifier: MIT */
/* Keys by URI (RFC 7512), and what is said of those that are almost there. */
#include "cmocka_wrap.h"

#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>

#include "common/file.h"
#include "store_fixture.h"

#define PIN "?pin-value=" STORE_PIN

static struct key_store *store;
static struct error err;
static struct key_facts device_key;

static int
make_keys(void **state)
{
	if (store_fixture_setup(state))
		return -1;
	store_fixture_token("Other");
	store = store_fixture_open(STORE_TOKEN, false);
	if (key_store_generate(store, "device-id", KEY_SPEC_P256, KEY_SIGNS,
		&device_key, &err))
		fail_msg("%s", err.message);
	store_fixture_tool("--keypairgen", "--key-type", "EC:prime256v1",
	    "--label", "odd id", "--id", "00ff2525", "--usage-sign", NULL);
	store_fixture_tool("--keygen", "--key-type", "GENERIC:32", "--label",
	    "secret", "--id", "05", "--usage-sign", NULL);
	return 0;
}

static int
close_all(void **state)
{
	key_store_close(store);
	return store_fixture_teardown(state);
}

static enum error_code
look_up(const char *uri, bool candid)
{
	struct key_name name = {
	    .uri = uri, .label = "device-id", .candid = candid};
	struct key_facts facts;

	return key_store_find(store, &name, &facts, &err);
}

static void
assert_finds(const char *uri)
{
	if (look_up(uri, true))
		fail_msg("%s: %s", uri, err.message);
}

static void
finds_a_key_by_its_token_and_its_object(void **state)
{
	(void)state;
	assert_finds("pkcs11:token=device;object=device-id" PIN);
	assert_finds("pkcs11:token=device;object=device-id;type=private" PIN);
	assert_finds("pkcs11:token=device;object=odd%20id" PIN);
	assert_finds("pkcs11:token=device;id=%00%ff%25%25" PIN);
	assert_finds("pkcs11:token=device;id=%00%ff%25%25;object=odd%20id" PIN);
	/* Without object and id it is the key's own id. */
	assert_finds("pkcs11:token=device" PIN);
	assert_finds("pkcs11:object=device-id;token=device" PIN);
}

static void
finds_a_token_by_each_attribute(void **state)
{
	static const char *const attributes[] = {
	    "manufacturer=SoftHSM%20project",
	    "model=SoftHSM%20v2",
	    "slot-manufacturer=SoftHSM%20project",
	    "library-manufacturer=SoftHSM",
	    "library-version=2.6",
	    "library-description=Implementation%20of%20PKCS11",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]);
	     i++) {
		CLEANUP(string)
		char *uri =
		    string_format("pkcs11:token=device;%s" PIN, attributes[i]);

		assert_finds(uri);
	}
	assert_finds("pkcs11:token=device" PIN "&module-name=libsofthsm2");
	assert_finds("pkcs11:token=device" PIN "&module-path=" STORE_MODULE);
}

static void
finds_a_token_by_its_serial_and_its_slot(void **state)
{
	CLEANUP(string)
	char *serial = string_format("pkcs11:serial=%s" PIN, device_key.serial);
	/* SoftHSM's slot-id is the end of the serial. */
	CLEANUP(string)
	char *slot = string_format("pkcs11:slot-id=%lu" PIN,
	    strtoul(device_key.serial + 8, NULL, 16) & 0x7fffffff);

	(void)state;
	assert_finds(serial);
	assert_finds(slot);
}

static void
reads_the_pin_of_a_file(void **state)
{
	CLEANUP(string) char *path = store_fixture_path("pin");
	CLEANUP(string)
	char *uri =
	    string_format("pkcs11:token=device?pin-source=file:%s", path);

	(void)state;
	assert_int_equal(
	    file_write(path, STORE_PIN "\n", strlen(STORE_PIN) + 1, 0600, &err),
	    ERROR_NONE);
	assert_finds(uri);
}

/* clang-format off */
static const struct {
	const char *path; /* of the URI */
	const char *message;
} near_misses[] = {
	{"token=device;object=device-id;id=%02",
	 "token 'device' has no private key 'device-id'; 'device-id' has "
	 "another id: id=%"},
	{"token=device;object=other;id=%00%ff%25%25",
	 "has no private key 'other'; the key with this id is 'odd id'"},
	{"token=device;object=Device-ID",
	 "; 'device-id' differs only in case"},
	{"token=device;object=secret",
	 "; what it has of this name is a secret key (type=secret-key)"},
	{"token=device;object=nothing",
	 "; it has: '"},
	{"token=device;object=device-id;type=cert",
	 "the URI must name a private key: type=private, or no type"},
	{"token=device;object=device-id;type=public",
	 "type=private"},
	{"token=Device",
	 "token 'device' differs only in case from 'Device'"},
	{"token=other",
	 "token 'Other' differs only in case from 'other'"},
	{"token=device;serial=1234",
	 "token 'device' matches but for its serial, which is '"},
	{"token=device;model=v3",
	 "token 'device' matches but for its model, which is 'SoftHSM v2'"},
	{"token=device;slot-id=12345",
	 "token 'device' matches but for its slot-id, which is "},
	{"token=device;slot-description=left",
	 "token 'device' matches but for its slot-description"},
	{"token=device;library-manufacturer=ACME",
	 "is another library than the URI names"},
	{"token=gone",
	 "there are: '"},
};
/* clang-format on */

static void
names_what_is_almost_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(near_misses) / sizeof(near_misses[0]);
	     i++) {
		CLEANUP(string)
		char *uri = string_format("pkcs11:%s" PIN, near_misses[i].path);

		assert_true(look_up(uri, true) != ERROR_NONE);
		if (!strstr(err.message, near_misses[i].message))
			fail_msg("%s: %s", uri, err.message);
		assert_null(strstr(err.message, STORE_PIN));
	}
}

static void
tells_only_operators_which_other_keys_there_are(void **state)
{
	(void)state;
	assert_int_equal(
	    look_up("pkcs11:token=device;object=nothing" PIN, false),
	    ERROR_NOT_FOUND);
	assert_string_equal(
	    err.message, "token 'device' has no private key 'nothing'");
	assert_int_equal(
	    look_up("pkcs11:token=device;object=x;id=%00%ff%25%25" PIN, false),
	    ERROR_NOT_FOUND);
	assert_string_equal(
	    err.message, "token 'device' has no private key 'x'");
}

/* ---- tokens with private halves only ---- */

/* Puts a new private half into the token, and nothing else. */
static EVP_PKEY *
put_private_half(const char *label, const char *id)
{
	CLEANUP(string) char *path = store_fixture_path("half.pem");
	CLEANUP(bio) BIO *bio = BIO_new_file(path, "w");
	EVP_PKEY *pair = EVP_EC_gen("P-256");

	assert_int_equal(
	    PEM_write_bio_PrivateKey(bio, pair, NULL, NULL, 0, NULL, NULL), 1);
	(void)BIO_flush(bio);
	store_fixture_tool("--write-object", path, "--type", "privkey",
	    "--label", label, "--id", id, "--usage-sign", NULL);
	return pair;
}

static void
write_public_half(const char *file, const EVP_PKEY *pair)
{
	CLEANUP(string) char *folder = store_fixture_path("public");
	CLEANUP(string) char *path = string_format("%s/%s", folder, file);
	CLEANUP(string) char *pem = NULL;

	assert_int_equal(file_make_directory(folder, 0700, &err), ERROR_NONE);
	assert_int_equal(public_key_to_pem(pair, &pem, &err), ERROR_NONE);
	assert_int_equal(
	    file_write(path, pem, strlen(pem), 0600, &err), ERROR_NONE);
}

static void
assert_knows(const char *label, const EVP_PKEY *pair)
{
	struct key_name name = {.label = label};
	CLEANUP(pkey) EVP_PKEY *public = NULL;
	struct key_facts facts;

	if (key_store_find(store, &name, &facts, &err))
		fail_msg("%s", err.message);
	assert_int_equal(
	    key_public_to_pkey(&facts.public, &public, &err), ERROR_NONE);
	assert_int_equal(EVP_PKEY_eq(public, pair), 1);
}

static void
takes_a_public_half_from_a_file(void **state)
{
	CLEANUP(pkey) EVP_PKEY *pair = put_private_half("a/half", "0a");
	CLEANUP(pkey) EVP_PKEY *other = EVP_EC_gen("P-256");
	struct key_name name = {.label = "a/half"};
	struct key_facts facts;

	(void)state;
	assert_int_equal(
	    key_store_find(store, &name, &facts, &err), ERROR_INVALID);
	assert_non_null(strstr(err.message, "or as PEM into /"));
	assert_non_null(strstr(err.message, "/public/a%2Fhalf.pem"));
	write_public_half("a%2Fhalf.pem", other);
	assert_int_equal(
	    key_store_find(store, &name, &facts, &err), ERROR_INVALID);
	assert_non_null(
	    strstr(err.message, "it is not of the private half in the token"));
	write_public_half("a%2Fhalf.pem", pair);
	assert_knows("a/half", pair);
}

static X509 *
make_certificate(EVP_PKEY *pair)
{
	X509 *certificate = X509_new();

	assert_int_equal(X509_set_version(certificate, X509_VERSION_3), 1);
	assert_non_null(X509_gmtime_adj(X509_getm_notBefore(certificate), 0));
	assert_non_null(X509_gmtime_adj(X509_getm_notAfter(certificate), 99));
	assert_int_equal(X509_set_pubkey(certificate, pair), 1);
	assert_true(X509_sign(certificate, pair, EVP_sha256()) > 0);
	return certificate;
}

/* Puts a certificate of pair into the token. */
static void
put_certificate(EVP_PKEY *pair, const char *label, const char *id)
{
	CLEANUP(string) char *path = store_fixture_path("certificate.der");
	CLEANUP(x509) X509 *certificate = make_certificate(pair);
	CLEANUP(bio) BIO *bio = BIO_new_file(path, "wb");

	assert_int_equal(i2d_X509_bio(bio, certificate), 1);
	(void)BIO_flush(bio);
	store_fixture_tool("--write-object", path, "--type", "cert", "--label",
	    label, "--id", id, NULL);
}

static void
note_label(void *context, const char *label, const struct key_tag *tag)
{
	(void)tag;
	(void)snprintf(context, KEY_ID_MAX + 1, "%s", label);
}

static void
remembers_a_public_half_that_it_saw_in_a_certificate(void **state)
{
	CLEANUP(pkey) EVP_PKEY *pair = put_private_half("seen", "0b");
	CLEANUP(pkey) EVP_PKEY *next = NULL;
	struct key_name name = {.label = "seen"};
	char label[KEY_ID_MAX + 1] = "";
	struct key_facts facts;

	(void)state;
	put_certificate(pair, "web server", "0b");
	assert_knows("seen", pair);
	assert_int_equal(
	    key_store_certificates(store, &name, note_label, label, &err),
	    ERROR_NONE);
	assert_string_equal(label, "web server");

	store_fixture_tool(
	    "--delete-object", "--type", "cert", "--id", "0b", NULL);
	key_store_close(store);
	store = store_fixture_open(STORE_TOKEN, false);
	assert_knows("seen", pair);
	assert_int_equal(key_store_destroy(store, &name, &err), ERROR_NONE);

	/* The next one of this name is another. */
	next = put_private_half("seen", "0c");
	assert_non_null(next);
	assert_int_equal(
	    key_store_find(store, &name, &facts, &err), ERROR_INVALID);
	assert_non_null(strstr(err.message, "holds the private half only"));
}

static void
uses_keys_of_several_tokens_at_once(void **state)
{
	static const unsigned char digest[32] = {1};
	const struct key_input input = {digest, sizeof(digest)};
	struct key_store *other =
	    store_fixture_open("pkcs11:token=Other" PIN, false);
	struct key_name made = {.label = "made"};
	struct key_name preloaded = {
	    .uri = "pkcs11:token=device;object=device-id" PIN,
	    .label = "device-id",
	};
	const struct key_name *names[] = {&made, &preloaded};
	struct key_facts facts[2];

	(void)state;
	assert_int_equal(key_store_generate(other, "made", KEY_SPEC_P256,
			     KEY_SIGNS, &facts[0], &err),
	    ERROR_NONE);
	for (size_t i = 0; i < 2; i++) {
		struct key_signature signature;

		assert_int_equal(
		    key_store_find(other, names[i], &facts[i], &err),
		    ERROR_NONE);
		assert_int_equal(key_store_sign(other, names[i], KEY_ECDSA,
				     &input, &signature, &err),
		    ERROR_NONE);
		assert_true(store_fixture_verifies(
		    &facts[i], KEY_ECDSA, &input, &signature));
	}
	assert_string_not_equal(facts[0].serial, facts[1].serial);
	key_store_close(other);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(finds_a_key_by_its_token_and_its_object),
	    cmocka_unit_test(finds_a_token_by_each_attribute),
	    cmocka_unit_test(finds_a_token_by_its_serial_and_its_slot),
	    cmocka_unit_test(reads_the_pin_of_a_file),
	    cmocka_unit_test(names_what_is_almost_it),
	    cmocka_unit_test(tells_only_operators_which_other_keys_there_are),
	    cmocka_unit_test(takes_a_public_half_from_a_file),
	    cmocka_unit_test(
		remembers_a_public_half_that_it_saw_in_a_certificate),
	    cmocka_unit_test(uses_keys_of_several_tokens_at_once),
	};

	return cmocka_run_group_tests_name(
	    "store lookup", tests, make_keys, close_all);
}
