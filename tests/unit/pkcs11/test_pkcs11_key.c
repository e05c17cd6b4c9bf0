/* SPDX-License-Identifier: MIT */
/* What keyd answers, read into keys and signatures. */
#include "cmocka_wrap.h"

#include <string.h>

#include "key.h"

/* 65 bytes 04 00 00 ..., and a modulus of 3 bytes: c0 00 01. */
#define POINT_256                                                              \
	"BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" \
	"AAAAAAAAAAAAAAAAAAA="
#define EC_WITH(members)                                                       \
	"{\"keys\":[{\"id\":\"a\",\"kind\":\"pair\",\"algorithm\":\"EC\","     \
	"\"curve\":\"P-256\"," members "}]}"
#define RSA_WITH(members)                                                      \
	"{\"keys\":[{\"id\":\"a\",\"kind\":\"pair\",\"algorithm\":\"RSA\","    \
	"\"size\":24," members "}]}"

static enum error_code
read_answer(const char *text, struct key_list *ret_list, struct error *err)
{
	CLEANUP(json) json_t *answer = NULL;

	assert_int_equal(
	    json_parse(text, strlen(text), &answer, err), ERROR_NONE);
	return key_list_from_json(answer, ret_list, err);
}

static void
reads_an_elliptic_key(void **state)
{
	CLEANUP_DONE(key_list) struct key_list list = {0};
	const struct key *key;
	struct error err;

	(void)state;
	assert_int_equal(
	    read_answer(
		EC_WITH("\"sensitive\":true,\"extractable\":false,"
			"\"parameters\":{\"ec-point-uncompressed\":\"" POINT_256
			"\"}"),
		&list, &err),
	    ERROR_NONE);
	assert_int_equal(list.count, 1);
	key = &list.items[0];
	assert_string_equal(key->id, "a");
	assert_string_equal(key->curve->algorithm, "ES256");
	assert_true(key->sensitive);
	assert_false(key->extractable);
	assert_int_equal(key->signature_length, 64);
	assert_int_equal(key->point.length, 67);
	assert_memory_equal(key->point.data, "\x04\x41\x04\x00", 4);
}

static void
reads_an_rsa_key(void **state)
{
	CLEANUP_DONE(key_list) struct key_list list = {0};
	struct error err;

	(void)state;
	assert_int_equal(
	    read_answer(RSA_WITH("\"sensitive\":true,\"parameters\":{"
				 "\"rsa-modulus\":\"wAAB\","
				 "\"rsa-exponent\":\"AQAB\"}"),
		&list, &err),
	    ERROR_NONE);
	assert_int_equal(list.count, 1);
	assert_null(list.items[0].curve);
	assert_int_equal(list.items[0].signature_length, 3);
	assert_memory_equal(list.items[0].modulus.data, "\xc0\x00\x01", 3);
	assert_int_equal(list.items[0].exponent.length, 3);
}

static void
wraps_the_point_of_p521_in_the_long_form(void **state)
{
	CLEANUP_DONE(key_list) struct key_list list = {0};
	CLEANUP(json)
	json_t *answer = json_pack("{s:[{s:s, s:s, s:s, s:s, s:{}}]}", "keys",
	    "id", "a", "kind", "pair", "algorithm", "EC", "curve", "P-521",
	    "parameters");
	json_t *key = json_array_get(json_object_get(answer, "keys"), 0);
	unsigned char point[133] = {0x04};
	struct error err;

	(void)state;
	assert_int_equal(
	    json_set_bytes(json_object_get(key, "parameters"),
		"ec-point-uncompressed", point, sizeof(point), &err),
	    ERROR_NONE);
	assert_int_equal(key_list_from_json(answer, &list, &err), ERROR_NONE);
	assert_int_equal(list.items[0].point.length, 136);
	assert_memory_equal(
	    list.items[0].point.data, "\x04\x81\x85\x04\x00", 5);
	assert_int_equal(list.items[0].signature_length, 132);
}

static void
claims_nothing_that_keyd_does_not_say(void **state)
{
	CLEANUP_DONE(key_list) struct key_list list = {0};
	struct error err;

	(void)state;
	assert_int_equal(read_answer(RSA_WITH("\"parameters\":{"
					      "\"rsa-modulus\":\"wAAB\","
					      "\"rsa-exponent\":\"AQAB\"}"),
			     &list, &err),
	    ERROR_NONE);
	assert_false(list.items[0].sensitive);
	assert_false(list.items[0].always_sensitive);
	assert_false(list.items[0].never_extractable);
	assert_false(list.items[0].local);
}

static void
leaves_out_what_it_cannot_sign_with(void **state)
{
	static const char *const answers[] = {
	    "{\"keys\":[]}",
	    "{\"keys\":[{\"id\":\"a\"}]}",
	    "{\"keys\":[{\"id\":\"a\",\"error\":\"the token is gone\"}]}",
	    "{\"keys\":[{\"id\":\"a\",\"kind\":\"secret\","
	    "\"algorithm\":\"EC\"}]}",
	    "{\"keys\":[{\"id\":\"a\",\"kind\":\"pair\","
	    "\"algorithm\":\"Ed25519\"}]}",
	    "{\"keys\":[{\"id\":\"a\",\"kind\":\"pair\",\"algorithm\":\"EC\","
	    "\"curve\":\"secp256k1\"}]}",
	    "{\"keys\":[{\"id\":\"a\",\"kind\":\"pair\",\"algorithm\":\"EC\"}]"
	    "}",
	    "{\"keys\":[{\"id\":\"\",\"kind\":\"pair\","
	    "\"algorithm\":\"RSA\"}]}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		CLEANUP_DONE(key_list) struct key_list list = {0};
		struct error err;

		print_message("%s\n", answers[i]);
		assert_int_equal(
		    read_answer(answers[i], &list, &err), ERROR_NONE);
		assert_int_equal(list.count, 0);
	}
}

static void
refuses_strange_answers(void **state)
{
	static const char *const answers[] = {
	    "null",
	    "[]",
	    "{}",
	    "{\"keys\":{}}",
	    "{\"keys\":[1]}",
	    "{\"keys\":[{\"id\":1}]}",
	    "{\"keys\":[{\"id\":\"a\",\"kind\":7}]}",
	    RSA_WITH("\"x\":0"),
	    RSA_WITH("\"parameters\":[]"),
	    RSA_WITH("\"parameters\":{}"),
	    RSA_WITH("\"parameters\":{\"rsa-modulus\":\"wAAB\"}"),
	    RSA_WITH("\"parameters\":{\"rsa-modulus\":\"wAAB\","
		     "\"rsa-exponent\":\"\"}"),
	    RSA_WITH("\"parameters\":{\"rsa-modulus\":\"AMAB\","
		     "\"rsa-exponent\":\"AQAB\"}"),
	    RSA_WITH("\"sensitive\":\"yes\",\"parameters\":{"
		     "\"rsa-modulus\":\"wAAB\",\"rsa-exponent\":\"AQAB\"}"),
	    EC_WITH("\"parameters\":{}"),
	    EC_WITH("\"parameters\":{\"ec-point-uncompressed\":\"\"}"),
	    EC_WITH("\"parameters\":{\"ec-point-uncompressed\":\"BAAA\"}"),
	    EC_WITH("\"parameters\":{\"ec-point-uncompressed\":\"A" POINT_256
		    "\"}"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		struct key_list list = {0};
		struct error err;

		print_message("%s\n", answers[i]);
		assert_int_equal(
		    read_answer(answers[i], &list, &err), ERROR_MALFORMED);
		assert_null(list.items);
	}
}

static void
reads_signatures_up_to_their_limit(void **state)
{
	unsigned char data[KEY_OUTPUT_MAX + 1] = {7};
	CLEANUP(json) json_t *answer = json_object();
	struct output signature;
	struct error err;

	(void)state;
	assert_int_equal(
	    output_from_json(answer, "signature", &signature, &err),
	    ERROR_MALFORMED);
	assert_int_equal(
	    json_set_bytes(answer, "signature", data, KEY_OUTPUT_MAX, &err),
	    ERROR_NONE);
	assert_int_equal(
	    output_from_json(answer, "signature", &signature, &err),
	    ERROR_NONE);
	assert_int_equal(signature.length, KEY_OUTPUT_MAX);
	assert_int_equal(signature.data[0], 7);
	assert_int_equal(
	    json_set_bytes(answer, "signature", data, sizeof(data), &err),
	    ERROR_NONE);
	assert_int_equal(
	    output_from_json(answer, "signature", &signature, &err),
	    ERROR_MALFORMED);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_an_elliptic_key),
	    cmocka_unit_test(reads_an_rsa_key),
	    cmocka_unit_test(wraps_the_point_of_p521_in_the_long_form),
	    cmocka_unit_test(claims_nothing_that_keyd_does_not_say),
	    cmocka_unit_test(leaves_out_what_it_cannot_sign_with),
	    cmocka_unit_test(refuses_strange_answers),
	    cmocka_unit_test(reads_signatures_up_to_their_limit),
	};

	return cmocka_run_group_tests_name("pkcs11 key", tests, NULL, NULL);
}
