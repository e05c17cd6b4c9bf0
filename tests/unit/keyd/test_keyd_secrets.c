/* SPDX-License-Identifier: MIT */
/* aziot's calls for symmetric keys and for what is derived from them. */
#include "cmocka_wrap.h"

#include <string.h>

#include "common/file.h"
#include "keyd_fixture.h"

#define MAC_OF_NOTHING "X4rA184INJ4QoZZLKMUPtnJyHC76sCXxwm8A7er4Thg="

static char *
mac(const char *handle, const char *message)
{
	return keyd_fixture_get(ROOT, "signature", "POST", "/sign" AZIOT,
	    "{\"keyHandle\":\"%s\",\"algorithm\":\"HMAC-SHA256\","
	    "\"parameters\":{\"message\":\"%s\"}}",
	    handle, message);
}

static char *
export_of(const char *handle)
{
	return keyd_fixture_get(ROOT, "key", "POST", "/derivedkey/export" AZIOT,
	    "{\"keyHandle\":\"%s\"}", handle);
}

static unsigned
status_of(const char *method, const char *target, const char *body)
{
	return keyd_fixture_status(ROOT, method, target, body);
}

static void
derives_what_the_reference_derives(void **state)
{
	CLEANUP(string)
	char *master = keyd_fixture_import("m", "derive,sign", ZEROES);
	CLEANUP(string)
	char *derived = keyd_fixture_derive("/derivedkey" AZIOT, master, DATA);
	CLEANUP(string) char *key = export_of(derived);
	CLEANUP(string) char *signature = mac(derived, "");

	(void)state;
	assert_string_equal(key, DERIVED);
	assert_string_equal(signature, MAC_OF_NOTHING);
}

static void
takes_either_usage_for_both(void **state)
{
	static const char *const usages[] = {"sign", "derive", "derive,sign"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		CLEANUP(string)
		char *master = keyd_fixture_import("m", usages[i], ZEROES);
		CLEANUP(string)
		char *derived =
		    keyd_fixture_derive("/derivedkey" AZIOT, master, DATA);
		CLEANUP(string) char *one = mac(derived, "");
		CLEANUP(string) char *other = mac(master, "");

		assert_string_equal(one, MAC_OF_NOTHING);
		assert_string_not_equal(other, MAC_OF_NOTHING);
	}
}

static void
derives_twice_under_our_version_only(void **state)
{
	CLEANUP(string)
	char *master = keyd_fixture_import("m", "derive", ZEROES);
	CLEANUP(string)
	char *first = keyd_fixture_derive("/derivedkey" AZIOT, master, "AQ==");
	CLEANUP(string)
	char *second = keyd_fixture_derive("/derivedkey" OURS, first, "Ag==");
	CLEANUP(string)
	char *collapsed =
	    keyd_fixture_derive("/derivedkey" OURS, master, "AQI=");
	CLEANUP(string) char *of_second = export_of(second);
	CLEANUP(string) char *of_collapsed = export_of(collapsed);
	CLEANUP(string) char *of_first = export_of(first);
	CLEANUP(string)
	char *by_hand = keyd_fixture_import("h", "derive", of_first);
	CLEANUP(string)
	char *from_hand =
	    keyd_fixture_derive("/derivedkey" AZIOT, by_hand, "Ag==");
	CLEANUP(string) char *of_hand = export_of(from_hand);
	CLEANUP(string)
	char *body = string_format(
	    "{\"baseKeyHandle\":\"%s\",\"derivationData\":\"Ag==\"}", first);

	(void)state;
	assert_int_equal(status_of("POST", "/derivedkey" AZIOT, body), 400);
	assert_int_equal(
	    status_of("POST", "/derivedkey" AZIOT_NEWER, body), 400);
	assert_string_equal(of_second, of_hand);
	assert_string_not_equal(of_second, of_collapsed);
}

static void
exports_derived_keys_only(void **state)
{
	CLEANUP(string)
	char *master = keyd_fixture_import("m", "derive", ZEROES);
	CLEANUP(string) char *pair = keyd_fixture_create("p", "*");
	CLEANUP(string)
	char *derived =
	    keyd_fixture_derive("/derivedkey" AZIOT, master, "AQ==");

	(void)state;
	assert_int_equal(keyd_fixture_status_with(
			     "POST", "/derivedkey/export" AZIOT, master),
	    400);
	assert_int_equal(
	    keyd_fixture_status_with("POST", "/derivedkey/export" AZIOT, pair),
	    400);
	assert_int_equal(
	    keyd_fixture_status_with("DELETE", "/key" AZIOT, derived), 400);
	assert_int_equal(
	    keyd_fixture_status_with("DELETE", "/key" AZIOT, pair), 400);
	assert_int_equal(
	    keyd_fixture_status_with("DELETE", "/keypair" AZIOT, master), 400);
	assert_int_equal(
	    keyd_fixture_status_with("DELETE", "/key" AZIOT, master), 204);
	assert_int_equal(
	    keyd_fixture_status_with("DELETE", "/key" AZIOT, master), 204);
	/* What is derived from nothing shows when it is used. */
	assert_int_equal(keyd_fixture_status_with(
			     "POST", "/derivedkey/export" AZIOT, derived),
	    400);
	assert_int_equal(status_of("GET", "/key/m" AZIOT, NULL), 400);
}

static void
makes_a_key_once_but_imports_anew(void **state)
{
	CLEANUP(string)
	char *first = keyd_fixture_import("m", "sign", NULL);
	CLEANUP(string)
	char *again = keyd_fixture_import("m", "sign", NULL);
	CLEANUP(string) char *one = mac(first, "");
	CLEANUP(string) char *two = mac(again, "");
	CLEANUP(string)
	char *imported = keyd_fixture_import("m", "sign", DERIVED);
	CLEANUP(string) char *three = mac(first, "");

	(void)state;
	assert_string_equal(one, two);
	assert_string_equal(three, MAC_OF_NOTHING);
	assert_int_equal(fake_store_count(fixture->store, "m"), 1);
	keyd_fixture_restart();

	CLEANUP(string) char *four = mac(imported, "");

	assert_string_equal(four, MAC_OF_NOTHING);
}

static void
leaves_a_pair_of_the_same_id_alone(void **state)
{
	CLEANUP(string) char *pair = keyd_fixture_create("x", "*");
	CLEANUP(string)
	char *secret = keyd_fixture_import("x", "sign", DERIVED);

	(void)state;
	assert_int_equal(keyd_fixture_status_with(
			     "POST", "/parameters/algorithm" AZIOT, pair),
	    200);
	assert_int_equal(keyd_fixture_status_with(
			     "POST", "/parameters/algorithm" AZIOT, secret),
	    400);
	assert_int_equal(
	    keyd_fixture_status_with("DELETE", "/keypair" AZIOT, pair), 204);

	CLEANUP(string) char *signature = mac(secret, "");

	assert_string_equal(signature, MAC_OF_NOTHING);
	assert_int_equal(status_of("GET", "/keypair/x" AZIOT, NULL), 400);
	assert_int_equal(status_of("GET", "/key/x" AZIOT, NULL), 200);
}

static void
an_import_that_is_not_recorded_changes_nothing(void **state)
{
	CLEANUP(string)
	char *handle = keyd_fixture_import("m", "sign", DERIVED);

	(void)state;
	keyd_fixture_forbid_writing();
	assert_int_equal(
	    status_of("POST", "/key" AZIOT,
		"{\"keyId\":\"m\",\"usage\":\"sign\",\"keyBytes\":\"" ZEROES
		"\"}"),
	    500);
	keyd_fixture_allow_writing();

	CLEANUP(string) char *signature = mac(handle, "");

	assert_string_equal(signature, MAC_OF_NOTHING);
	assert_int_equal(fake_store_count(fixture->store, "m"), 1);
}

static void
a_key_in_a_file_outlives_an_import_that_is_not_recorded(void **state)
{
	static const char import[] =
	    "{\"keyId\":\"m\",\"usage\":\"sign\",\"keyBytes\":\"" DERIVED "\"}";

	(void)state;
	fake_store_refuse_secrets(fixture->store, true);

	CLEANUP(string)
	char *handle = keyd_fixture_import("m", "sign", ZEROES);

	keyd_fixture_forbid_writing();
	assert_int_equal(status_of("POST", "/key" AZIOT, import), 500);
	keyd_fixture_allow_writing();

	CLEANUP(string) char *signature = mac(handle, "");

	assert_string_equal(signature, MAC_OF_NOTHING); /* the new bytes' */
	assert_int_equal(status_of("POST", "/key" AZIOT, import), 200);
}

static void
an_import_into_a_file_loses_no_key(void **state)
{
	CLEANUP(string) char *handle = NULL;

	(void)state;
	fake_store_refuse_secrets(fixture->store, true);
	handle = keyd_fixture_import("m", "sign", ZEROES);
	keyd_fixture_forbid_writing();
	assert_int_equal(
	    status_of("POST", "/key" AZIOT,
		"{\"keyId\":\"m\",\"usage\":\"sign\",\"keyBytes\":\"" DERIVED
		"\"}"),
	    500);
	keyd_fixture_allow_writing();

	CLEANUP(string) char *signature = mac(handle, "");

	assert_string_equal(signature, MAC_OF_NOTHING);
}

static void
finds_what_aziot_left(void **state)
{
	static const unsigned char zeroes[32];
	CLEANUP(string) char *handle = NULL;
	CLEANUP(string) char *derived = NULL;
	CLEANUP(string) char *signature = NULL;

	(void)state;
	fake_store_add_secret(fixture->store, "m", 0, zeroes, sizeof(zeroes));
	handle =
	    keyd_fixture_get(ROOT, "keyHandle", "GET", "/key/m" AZIOT, NULL);
	derived = keyd_fixture_derive("/derivedkey" AZIOT, handle, DATA);
	signature = mac(derived, "");
	assert_string_equal(signature, MAC_OF_NOTHING);
	/* It has been given a CKA_ID. */
	keyd_fixture_restart();
	assert_int_equal(status_of("GET", "/key/m" AZIOT, NULL), 200);
}

static void
keeps_keys_in_files_only_if_allowed(void **state)
{
	static const char body[] = "{\"keyId\":\"m\",\"usage\":\"sign\"}";

	(void)state;
	fake_store_refuse_secrets(fixture->store, false);
	assert_int_equal(status_of("POST", "/key" AZIOT, body), 400);
	fake_store_refuse_secrets(fixture->store, true);

	CLEANUP(string)
	char *handle = keyd_fixture_import("m", "sign", DERIVED);
	CLEANUP(string) char *signature = mac(handle, "");
	CLEANUP(json)
	json_t *key = keyd_fixture_ask(ROOT, "GET", "/keys/m" OURS, 200, NULL);

	assert_string_equal(signature, MAC_OF_NOTHING);
	assert_true(json_is_true(json_object_get(key, "extractable")));
	assert_int_equal(
	    keyd_fixture_status_with("DELETE", "/key" AZIOT, handle), 204);
	assert_int_equal(fake_store_count(fixture->store, NULL), 0);
}

static void
destroys_the_former_key_when_the_token_lets_it(void **state)
{
	CLEANUP(string)
	char *handle = keyd_fixture_import("m", "sign", ZEROES);

	(void)state;
	fake_store_protect(fixture->store, true);
	free(keyd_fixture_import("m", "sign", DERIVED));

	CLEANUP(string) char *signature = mac(handle, "");

	assert_string_equal(signature, MAC_OF_NOTHING);
	assert_int_equal(fake_store_count(fixture->store, "m"), 2);
	fake_store_protect(fixture->store, false);
	keyd_fixture_restart();
	assert_int_equal(fake_store_count(fixture->store, "m"), 1);

	CLEANUP(string) char *again = mac(handle, "");

	assert_string_equal(again, MAC_OF_NOTHING);
}

/* ---- bad input ---- */

static void
refuses_bodies(void **state)
{
	static const struct {
		const char *body;
		unsigned status;
	} cases[] = {
	    {"{}",							    422},
	    {"{\"keyId\":\"m\"}",					     422},
	    {"{\"keyId\":\"m\",\"usage\":\"\"}",                              422},
	    {"{\"keyId\":\"m\",\"usage\":\"sign, derive\"}",                  422},
	    {"{\"keyId\":\"m\",\"usage\":\"sign,\"}",                         422},
	    {"{\"keyId\":\"m\",\"usage\":\"decrypt\"}",                       422},
	    {"{\"keyId\":\"m\",\"usage\":7}",                                 422},
	    {"{\"keyId\":\"m\",\"usage\":\"sign\",\"keyBytes\":\"A\"}",       422},
	    {"{\"keyId\":\"m\",\"usage\":\"sign\",\"keyBytes\":\"\"}",        400},
	    {"{\"keyId\":\"m\",\"usage\":\"encrypt\",\"keyBytes\":\"AAAA\"}",
             400								 },
 /* -----BEGIN X */
	    {"{\"keyId\":\"m\",\"usage\":\"sign\",\"keyBytes\":"
	     "\"LS0tLS1CRUdJTiBY\"}",			    400},
	    {"{\"keyId\":\"\",\"usage\":\"sign\"}",                           400},
	    {"{\"keyId\":\"old\",\"usage\":\"sign\"}",                        400},
	    {"{\"keyId\":\"old\",\"usage\":\"sign\",\"keyBytes\":\"AA==\"}",
             400								 },
	    {"{\"keyId\":\"handle-validation-key\",\"usage\":\"sign\"}",      401},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("%s\n", cases[i].body);
		assert_int_equal(status_of("POST", "/key" AZIOT, cases[i].body),
		    cases[i].status);
	}
	assert_int_equal(fake_store_count(fixture->store, NULL), 0);
}

static void
takes_unusual_ids(void **state)
{
	static const char *const ids[][2] = {
	    {"a b",           "a%20b"          },
	    {"a/b",           "a%2fb"          },
	    {"%41",           "%2541"          },
	    {"caf\xc3\xa9",   "caf%C3%A9"      },
	    {"a+b&c=d;e",     "a+b&c=d;e"      },
	    {"../handle-key", "..%2Fhandle-key"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		free(keyd_fixture_import(ids[i][0], "sign", DERIVED));

		CLEANUP(string)
		char *path = string_format("/key/%s" AZIOT, ids[i][1]);
		CLEANUP(string)
		char *loaded =
		    keyd_fixture_get(ROOT, "keyHandle", "GET", path, NULL);
		CLEANUP(string) char *signature = mac(loaded, "");
		CLEANUP(string)
		char *by_id = string_format("/keys/%s" OURS, ids[i][1]);

		assert_string_equal(signature, MAC_OF_NOTHING);
		assert_int_equal(status_of("DELETE", by_id, NULL), 204);
	}
	assert_int_equal(fake_store_count(fixture->store, NULL), 0);
}

static void
refuses_ids_that_are_none(void **state)
{
	CLEANUP(string) char *long_id = calloc(1, 1001);
	CLEANUP(string) char *body = NULL;
	CLEANUP(string) char *path = NULL;

	(void)state;
	assert_non_null(long_id);
	memset(long_id, 'a', 1000);
	body = string_format("{\"keyId\":\"%s\",\"usage\":\"sign\"}", long_id);
	path = string_format("/key/%s" AZIOT, long_id);
	assert_int_equal(status_of("POST", "/key" AZIOT, body), 400);
	assert_int_equal(status_of("GET", path, NULL), 400);
	assert_int_equal(status_of("POST", "/key" AZIOT,
			     "{\"keyId\":\"a\\u0000\",\"usage\":\"sign\"}"),
	    422);
	assert_int_equal(status_of("POST", "/key" AZIOT,
			     "{\"keyId\":\"a\xff\",\"usage\":\"sign\"}"),
	    422);
	assert_int_equal(status_of("GET", "/key/%00" AZIOT, NULL), 404);
	assert_int_equal(status_of("GET", "/key/a%0ab" AZIOT, NULL), 400);
	assert_int_equal(status_of("GET", "/key/a/b" AZIOT, NULL), 404);
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(                                       \
	    name, keyd_fixture_setup, keyd_fixture_teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(derives_what_the_reference_derives),
	    TEST(takes_either_usage_for_both),
	    TEST(derives_twice_under_our_version_only),
	    TEST(exports_derived_keys_only),
	    TEST(makes_a_key_once_but_imports_anew),
	    TEST(leaves_a_pair_of_the_same_id_alone),
	    TEST(an_import_that_is_not_recorded_changes_nothing),
	    TEST(a_key_in_a_file_outlives_an_import_that_is_not_recorded),
	    TEST(an_import_into_a_file_loses_no_key),
	    TEST(finds_what_aziot_left),
	    TEST(keeps_keys_in_files_only_if_allowed),
	    TEST(destroys_the_former_key_when_the_token_lets_it),
	    TEST(refuses_bodies),
	    TEST(takes_unusual_ids),
	    TEST(refuses_ids_that_are_none),
	};

	return cmocka_run_group_tests_name("keyd secrets", tests, NULL, NULL);
}
