/* SPDX-License-Identifier: MIT */
/* Pairs that were made elsewhere come into the token. */
#include "cmocka_wrap.h"

#include <string.h>
#include <sys/stat.h>

#include "common/file.h"
#include "store_fixture.h"

#define NSS_MODULE "/usr/lib/x86_64-linux-gnu/libsoftokn3.so"

static struct error err;

static EVP_PKEY *
make_pair(const char *kind)
{
	if (strcmp(kind, "RSA") == 0)
		return EVP_RSA_gen(2048);
	if (strcmp(kind, "ED25519") == 0)
		return EVP_PKEY_Q_keygen(NULL, NULL, kind);
	return EVP_EC_gen(kind);
}

/* Imports a new pair and signs with it. */
static void
assert_imports(
    struct key_store *store, const char *kind, enum key_mechanism mechanism)
{
	static const unsigned char digest[32] = {1, 2, 3};
	CLEANUP(pkey) EVP_PKEY *pair = make_pair(kind);
	CLEANUP(pkey) EVP_PKEY *public = NULL;
	struct key_input input = {digest, sizeof(digest)};
	struct key_name name = {.label = kind};
	struct key_signature signature;
	struct key_facts facts;

	if (key_store_import_pair(
		store, kind, pair, KEY_SIGNS | KEY_DERIVES, &facts, &err))
		fail_msg("%s: %s", kind, err.message);
	assert_int_equal(
	    key_public_to_pkey(&facts.public, &public, &err), ERROR_NONE);
	assert_int_equal(EVP_PKEY_eq(public, pair), 1);
	assert_true(facts.sensitive);
	assert_false(facts.extractable || facts.local ||
		     facts.always_sensitive || facts.never_extractable);
	assert_true(facts.usage & KEY_SIGNS);

	name.tag = facts.tag;
	if (key_store_sign(store, &name, mechanism, &input, &signature, &err))
		fail_msg("%s: %s", kind, err.message);
	assert_true(
	    store_fixture_verifies(&facts, mechanism, &input, &signature));
	assert_int_equal(key_store_destroy(store, &name, &err), ERROR_NONE);
}

static void
imports_every_kind_of_pair(void **state)
{
	struct key_store *store = store_fixture_open(STORE_TOKEN, false);

	(void)state;
	assert_imports(store, "P-256", KEY_ECDSA);
	assert_imports(store, "P-384", KEY_ECDSA);
	assert_imports(store, "P-521", KEY_ECDSA);
	assert_imports(store, "RSA", KEY_RSA_PKCS1);
	assert_imports(store, "ED25519", KEY_EDDSA);
	key_store_close(store);
}

/* ---- a token that takes wrapped keys only ---- */

static struct key_store *
open_nss(const char *module)
{
	CLEANUP(string) char *database = store_fixture_path("nss");
	CLEANUP(string) char *pin = store_fixture_path("pin");
	CLEANUP(string)
	char *location = string_format("sql:%s", database);
	CLEANUP(string)
	char *arguments =
	    string_format("configdir='%s' dbTokenDescription='nss'", location);
	struct key_store_settings settings = {
	    .module = module,
	    .module_args = arguments,
	    .token_uri = "pkcs11:token=nss?pin-value=" STORE_PIN,
	};
	struct key_store *store;

	if (!file_exists(database)) {
		assert_int_equal(mkdir(database, 0700), 0);
		assert_int_equal(
		    file_write(pin, STORE_PIN, strlen(STORE_PIN), 0600, &err),
		    ERROR_NONE);
		store_fixture_run(
		    "certutil", "-N", "-d", location, "-f", pin, NULL);
	}
	if (key_store_open(&settings, &store, &err))
		fail_msg("%s", err.message);
	return store;
}

static void
order(const char *name, const char *text)
{
	CLEANUP(string) char *path = string_format("orders/%s", name);
	CLEANUP(string) char *file = store_fixture_path(path);

	assert_int_equal(
	    file_write(file, text, strlen(text), 0600, &err), ERROR_NONE);
}

static void
withdraw(const char *name)
{
	CLEANUP(string) char *path = string_format("orders/%s", name);
	CLEANUP(string) char *file = store_fixture_path(path);

	assert_int_equal(file_remove(file, &err), ERROR_NONE);
}

/* The public half is created, the private one is refused. */
#define REFUSE "C_CreateObject.after", "1 0x13"

static void
wraps_a_pair_for_a_token_that_takes_none_in_plain(void **state)
{
	CLEANUP(string) char *orders = store_fixture_path("orders");
	struct key_store *store;

	(void)state;
	assert_int_equal(mkdir(orders, 0700), 0);
	assert_int_equal(setenv("FAULTY_MODULE", NSS_MODULE, 1), 0);
	assert_int_equal(setenv("FAULTY_ORDERS", orders, 1), 0);
	store = open_nss(FAULTY_PKCS11);
	assert_imports(store, "P-384", KEY_ECDSA); /* in plain */
	/* Not EC: for that NSS wants an attribute of its own. */
	order(REFUSE);
	assert_imports(store, "RSA", KEY_RSA_PKCS1);
	withdraw("C_CreateObject.after");
	key_store_close(store);
}

static void
count_key(void *context, const char *label, const struct key_tag *tag)
{
	(void)label;
	(void)tag;
	++*(unsigned *)context;
}

static void
says_why_a_token_takes_no_pair_at_all(void **state)
{
	CLEANUP(pkey) EVP_PKEY *pair = make_pair("P-256");
	struct key_store *store = open_nss(FAULTY_PKCS11);
	struct key_facts facts;
	unsigned count = 0;

	(void)state;
	order(REFUSE);
	order("C_UnwrapKey", "0x54");
	assert_int_equal(
	    key_store_import_pair(store, "in", pair, KEY_SIGNS, &facts, &err),
	    ERROR_INVALID);
	assert_non_null(strstr(err.message,
	    "C_CreateObject: CKR_ATTRIBUTE_VALUE_INVALID, C_UnwrapKey: "
	    "CKR_FUNCTION_NOT_SUPPORTED"));
	withdraw("C_CreateObject.after");
	withdraw("C_UnwrapKey");
	assert_int_equal(
	    key_store_list(store, KEY_PAIR, NULL, count_key, &count, &err),
	    ERROR_NONE);
	assert_int_equal(count, 0);
	key_store_close(store);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(imports_every_kind_of_pair),
	    cmocka_unit_test(wraps_a_pair_for_a_token_that_takes_none_in_plain),
	    cmocka_unit_test(says_why_a_token_takes_no_pair_at_all),
	};

	return cmocka_run_group_tests_name(
	    "store import", tests, store_fixture_setup, store_fixture_teardown);
}
