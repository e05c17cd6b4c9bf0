/* SPDX-License-Identifier: MIT */
/* AES-GCM with symmetric and derived keys, in aziot's frames. */
#include "cmocka_wrap.h"

#include <string.h>

#include "common/file.h"
#include "keyd_fixture.h"

#define TWELVE "AAAAAAAAAAAAAAAA"

static json_t *
aead(const char *target, const char *handle, const char *member,
    const char *text, unsigned status)
{
	return keyd_fixture_ask(ROOT, "POST", target, status,
	    "{\"keyHandle\":\"%s\",\"algorithm\":\"AEAD\",\"parameters\":"
	    "{\"iv\":\"" TWELVE "\",\"aad\":\"AQI=\"},\"%s\":\"%s\"}",
	    handle, member, text);
}

static void
assert_opens(const char *handle, const char *ciphertext, const char *plain)
{
	CLEANUP(json)
	json_t *answer =
	    aead("/decrypt" AZIOT, handle, "ciphertext", ciphertext, 200);

	assert_string_equal(
	    json_string_value(json_object_get(answer, "plaintext")), plain);
}

static void
assert_refuses(const char *target, const char *handle, const char *ciphertext,
    unsigned status)
{
	json_decref(aead(target, handle, "ciphertext", ciphertext, status));
}

/* AES-256-GCM by another implementation: key and iv zeroes, aad 01 02, "hi". */
#define SEALED_LAST "AqbO/t6L2iZdbrdXL9cVC3KrOw=="
#define SEALED_FIRST "Af7ei9omXW63Vy/XFQtyqzumzg=="

static void
frames_ciphertexts_as_the_reference_does(void **state)
{
	CLEANUP(string)
	char *key = keyd_fixture_import("e", "encrypt", ZEROES);
	CLEANUP(json)
	json_t *answer = aead("/encrypt" AZIOT, key, "plaintext", "aGk=", 200);
	const char *ciphertext =
	    json_string_value(json_object_get(answer, "ciphertext"));

	(void)state;
	assert_string_equal(ciphertext, SEALED_LAST);
	assert_opens(key, ciphertext, "aGk=");
}

static void
reads_the_older_frame_with_keys_outside_of_tokens(void **state)
{
	CLEANUP(string)
	char *in_token = keyd_fixture_import("e", "encrypt", ZEROES);
	CLEANUP(string) char *in_file = NULL;

	(void)state;
	assert_refuses("/decrypt" AZIOT, in_token, SEALED_FIRST, 400);
	fake_store_refuse_secrets(fixture->store, true);
	in_file = keyd_fixture_import("f", "encrypt", ZEROES);
	assert_opens(in_file, SEALED_FIRST, "aGk=");
	assert_opens(in_file, SEALED_LAST, "aGk=");
}

static void
encrypts_with_derived_keys(void **state)
{
	CLEANUP(string)
	char *master = keyd_fixture_import("m", "derive", ZEROES);
	CLEANUP(string)
	char *key = keyd_fixture_derive("/derivedkey" AZIOT, master, DATA);
	CLEANUP(json)
	json_t *answer = aead("/encrypt" AZIOT, key, "plaintext", "", 200);
	CLEANUP(string)
	char *by_hand = keyd_fixture_import("h", "encrypt", DERIVED);

	(void)state;
	assert_opens(by_hand,
	    json_string_value(json_object_get(answer, "ciphertext")), "");
}

static void
refuses_ciphertexts_that_are_none(void **state)
{
	CLEANUP(string)
	char *key = keyd_fixture_import("e", "encrypt", ZEROES);
	CLEANUP(string)
	char *other = keyd_fixture_import("o", "encrypt", DERIVED);

	(void)state;
	assert_refuses("/decrypt" AZIOT, other, SEALED_LAST, 500);
	assert_refuses("/decrypt" AZIOT_NEWER, other, SEALED_LAST, 500);
	assert_refuses("/decrypt" OURS, other, SEALED_LAST, 400);
	assert_refuses("/decrypt" AZIOT, key, "", 400);
	assert_refuses("/decrypt" AZIOT, key, "AgAAAAAAAAAAAAAAAAAAAA==", 400);
	assert_refuses("/decrypt" AZIOT, key, "AwAAAAAAAAAAAAAAAAAAAAA=", 400);
	assert_refuses("/decrypt" AZIOT, key, "AgAAAAAAAAAAAAAAAAAAAAA=", 500);
	assert_refuses("/decrypt" AZIOT, key, "Ag=", 422);
}

static void
keys_do_what_they_are_for(void **state)
{
	CLEANUP(string)
	char *signs = keyd_fixture_import("s", "sign", ZEROES);
	CLEANUP(string)
	char *encrypts = keyd_fixture_import("e", "encrypt", ZEROES);
	CLEANUP(string)
	char *sign =
	    string_format("{\"keyHandle\":\"%s\",\"algorithm\":\"HMAC-SHA256\","
			  "\"parameters\":{\"message\":\"\"}}",
		encrypts);
	CLEANUP(string)
	char *derived =
	    keyd_fixture_derive("/derivedkey" AZIOT, encrypts, "AQ==");

	(void)state;
	json_decref(aead("/encrypt" AZIOT, signs, "plaintext", "", 400));
	assert_int_equal(
	    keyd_fixture_status(ROOT, "POST", "/sign" AZIOT, sign), 400);
	assert_int_equal(keyd_fixture_status_with(
			     "POST", "/derivedkey/export" AZIOT, derived),
	    400);
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(                                       \
	    name, keyd_fixture_setup, keyd_fixture_teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(frames_ciphertexts_as_the_reference_does),
	    TEST(reads_the_older_frame_with_keys_outside_of_tokens),
	    TEST(encrypts_with_derived_keys),
	    TEST(refuses_ciphertexts_that_are_none),
	    TEST(keys_do_what_they_are_for),
	};

	return cmocka_run_group_tests_name("keyd aead", tests, NULL, NULL);
}
