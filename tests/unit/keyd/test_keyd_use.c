/* SPDX-License-Identifier: MIT */
/* Who may use a key, and what for. */
#include "cmocka_wrap.h"

#include <stdio.h>
#include <string.h>

#include "keyd_fixture.h"

#define IDS_MAX 256

static struct error err;

static enum error_code
create(const char *id)
{
	return keys_create_pair(
	    fixture->keys, AS(ROOT), PAIR(id), WISH(NULL), &err);
}

static enum error_code
move(const char *from, const char *to)
{
	return keys_move_pair(
	    fixture->keys, AS(ROOT), PAIR(from), PAIR(to), &err);
}

static enum error_code
sign(uid_t uid, const char *id)
{
	static const unsigned char data[32];
	struct key_input digest = {data, sizeof(data)};
	struct key_signature signature;

	return keys_sign(fixture->keys, AS(uid), PAIR(id),
	    &(struct key_task){.algorithm = "ES256", .digest = &digest},
	    &signature, &err);
}

static enum error_code
note_id(void *context, const struct key_info *info, struct error *error)
{
	char *ids = context;

	(void)error;
	(void)snprintf(ids + strlen(ids), IDS_MAX - strlen(ids), "%s%s ",
	    info->id, info->trouble.code ? "!" : "");
	return ERROR_NONE;
}

static void
assert_lists(uid_t uid, const char *expected)
{
	char ids[IDS_MAX] = "";

	assert_int_equal(
	    keys_list(fixture->keys, AS(uid), note_id, ids, &err), ERROR_NONE);
	assert_string_equal(ids, expected);
}

static void
lists_what_the_caller_may_use(void **state)
{
	(void)state;
	assert_int_equal(create("a1"), ERROR_NONE);
	assert_int_equal(create("b1"), ERROR_NONE);
	assert_int_equal(create("shared"), ERROR_NONE);
	fake_store_add(fixture->store, "b2", 7);
	assert_lists(ROOT, "old a1 b1 b2 shared ");
	assert_lists(ALICE, "a1 shared ");
	assert_lists(BOB, "b1 b2 shared ");
	assert_lists(STRANGER, "");
	fake_store_unplug(fixture->store, true);
	assert_lists(ALICE, "a1! shared! ");
}

static void
asks_on_every_operation(void **state)
{
	static const unsigned char data[256];
	struct key_input digest = {data, 32}, block = {data, 256};
	struct key_signature signature;
	struct key_info info;

	(void)state;
	assert_int_equal(create("b"), ERROR_NONE);
	assert_int_equal(keys_create_pair(fixture->keys, AS(ALICE), PAIR("b"),
			     WISH(NULL), &err),
	    ERROR_DENIED);
	assert_int_equal(
	    keys_get(fixture->keys, AS(ALICE), PAIR("b"), &info, &err),
	    ERROR_DENIED);
	assert_int_equal(keys_move_pair(fixture->keys, AS(ALICE), PAIR("b"),
			     PAIR("a"), &err),
	    ERROR_DENIED);
	assert_int_equal(keys_move_pair(fixture->keys, AS(ALICE), PAIR("a"),
			     PAIR("b"), &err),
	    ERROR_DENIED);
	assert_int_equal(keys_delete(fixture->keys, AS(ALICE), PAIR("b"), &err),
	    ERROR_DENIED);
	assert_int_equal(keys_sign_ecdsa(fixture->keys, AS(ALICE), PAIR("b"),
			     &digest, &signature, &err),
	    ERROR_DENIED);
	assert_int_equal(keys_sign_rsa(fixture->keys, AS(ALICE), PAIR("b"),
			     KEY_RSA_RAW, &block, &signature, &err),
	    ERROR_DENIED);
	assert_int_equal(sign(ALICE, "b"), ERROR_DENIED);
	assert_int_equal(sign(ALICE, "no-such-key"), ERROR_DENIED);
	assert_int_equal(sign(ALICE, "old"), ERROR_DENIED);
	assert_int_equal(sign(BOB, "b"), ERROR_NONE);
}

static void
to_use_and_to_manage_are_two_rights(void **state)
{
	struct key_info info;

	(void)state;
	assert_int_equal(keys_create_pair(fixture->keys, AS(CAROL), PAIR("c"),
			     WISH(NULL), &err),
	    ERROR_DENIED);
	assert_int_equal(keys_create_pair(fixture->keys, AS(DAVE), PAIR("c"),
			     WISH(NULL), &err),
	    ERROR_NONE);
	assert_int_equal(keys_create_pair(fixture->keys, AS(CAROL), PAIR("c"),
			     WISH(NULL), &err),
	    ERROR_NONE);
	assert_int_equal(sign(CAROL, "c"), ERROR_NONE);
	assert_int_equal(sign(DAVE, "c"), ERROR_DENIED);
	assert_lists(DAVE, "c ");
	assert_int_equal(
	    keys_get(fixture->keys, AS(DAVE), PAIR("c"), &info, &err),
	    ERROR_NONE);
	assert_int_equal(info.rights, ACL_MANAGE);
	assert_int_equal(
	    keys_load(fixture->keys, AS(DAVE), PAIR("c"), &info, &err),
	    ERROR_DENIED);
	assert_int_equal(
	    keys_load(fixture->keys, AS(CAROL), PAIR("c"), &info, &err),
	    ERROR_NONE);
	assert_int_equal(info.rights, ACL_USE);
	assert_int_equal(keys_move_pair(fixture->keys, AS(CAROL), PAIR("c"),
			     PAIR("c2"), &err),
	    ERROR_DENIED);
	assert_int_equal(keys_move_pair(fixture->keys, AS(DAVE), PAIR("c"),
			     PAIR("c2"), &err),
	    ERROR_NONE);
	assert_int_equal(
	    keys_delete(fixture->keys, AS(CAROL), PAIR("c2"), &err),
	    ERROR_DENIED);
	assert_int_equal(
	    keys_delete(fixture->keys, AS(DAVE), PAIR("c2"), &err), ERROR_NONE);
	assert_int_equal(fake_store_count(fixture->store, NULL), 0);
}

static void
nobody_reaches_the_reserved_id(void **state)
{
	static const char reserved[] = "handle-validation-key";
	struct key_info info;

	(void)state;
	fake_store_add(fixture->store, reserved, 9);
	assert_int_equal(create(reserved), ERROR_DENIED);
	assert_int_equal(
	    keys_get(fixture->keys, AS(ROOT), PAIR(reserved), &info, &err),
	    ERROR_DENIED);
	assert_int_equal(sign(BOB, reserved), ERROR_DENIED);
	assert_int_equal(create("a"), ERROR_NONE);
	assert_int_equal(move("a", reserved), ERROR_DENIED);
	assert_int_equal(move(reserved, "b"), ERROR_DENIED);
	assert_int_equal(
	    keys_delete(fixture->keys, AS(ROOT), PAIR(reserved), &err),
	    ERROR_DENIED);
	assert_lists(ROOT, "old a ");
}

static bool
is_signature_of(const struct key_signature *der, const struct key_facts *facts,
    const unsigned char *number, size_t length)
{
	CLEANUP(pkey) EVP_PKEY *key = NULL;
	CLEANUP(pkey_ctx) EVP_PKEY_CTX *context = NULL;

	assert_int_equal(
	    key_public_to_pkey(&facts->public, &key, &err), ERROR_NONE);
	context = EVP_PKEY_CTX_new(key, NULL);
	assert_int_equal(EVP_PKEY_verify_init(context), 1);
	return EVP_PKEY_verify(
		   context, der->data, der->length, number, length) == 1;
}

static void
uses_as_much_of_a_digest_as_the_order_has(void **state)
{
	static const struct {
		size_t length;
		size_t zeros, used; /* of the number that is signed */
	} cases[] = {
	    {32, 0,  32},
	    {64, 0,  32}, /* the leading bytes */
	    {20, 12, 20}, /* zeros in front */
	    {1,  31, 1 },
	};
	struct key_info info;
	unsigned char data[64];

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (unsigned char)(i + 1);
	assert_int_equal(create("a"), ERROR_NONE);
	assert_int_equal(
	    keys_get(fixture->keys, AS(ROOT), PAIR("a"), &info, &err),
	    ERROR_NONE);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct key_input digest = {data, cases[i].length};
		unsigned char number[32] = {0};
		struct key_signature der;

		assert_int_equal(keys_sign_ecdsa(fixture->keys, AS(ROOT),
				     PAIR("a"), &digest, &der, &err),
		    ERROR_NONE);
		memcpy(number + cases[i].zeros, data, cases[i].used);
		assert_true(is_signature_of(&der, &info.facts, number, 32));
		number[31] ^= 1;
		assert_false(is_signature_of(&der, &info.facts, number, 32));
	}
}

static void
refuses_what_does_not_suit_the_key(void **state)
{
	static const struct {
		const char *id;
		const char *algorithm;
		size_t length;
		enum error_code code;
	} cases[] = {
	    {"ec",  "ES256", 32, ERROR_NONE     },
	    {"ec",  "ES256", 31, ERROR_INVALID  },
	    {"ec",  "ES256", 0,  ERROR_INVALID  },
	    {"ec",  "ES384", 48, ERROR_INVALID  },
	    {"ec",  "RS256", 32, ERROR_INVALID  },
	    {"ec",  "PS256", 32, ERROR_INVALID  },
	    {"ec",  "HS256", 32, ERROR_MALFORMED},
	    {"ec",  "EdDSA", 32, ERROR_MALFORMED},
	    {"ec",  "",      32, ERROR_INVALID  },
	    {"rsa", "ES256", 32, ERROR_INVALID  },
	    {"rsa", "RS256", 32, ERROR_NONE     },
	    {"rsa", "RS384", 48, ERROR_NONE     },
	    {"rsa", "RS512", 64, ERROR_NONE     },
	    {"rsa", "PS256", 32, ERROR_NONE     },
	    {"rsa", "PS384", 48, ERROR_NONE     },
	    {"rsa", "PS512", 64, ERROR_NONE     },
	    {"rsa", "PS512", 32, ERROR_INVALID  },
	};
	static const unsigned char data[64];

	(void)state;
	assert_int_equal(create("ec"), ERROR_NONE);
	assert_int_equal(keys_create_pair(fixture->keys, AS(ROOT), PAIR("rsa"),
			     WISH("rsa-2048"), &err),
	    ERROR_NONE);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct key_input digest = {data, cases[i].length};
		struct key_signature signature;

		print_message("%s %s\n", cases[i].id, cases[i].algorithm);
		assert_int_equal(
		    keys_sign(fixture->keys, AS(ROOT), PAIR(cases[i].id),
			&(struct key_task){
			    .algorithm = cases[i].algorithm, .digest = &digest},
			&signature, &err),
		    cases[i].code);
	}
}

static void
bounds_what_goes_to_rsa(void **state)
{
	unsigned char data[257] = {0};
	static const struct {
		enum key_mechanism mechanism;
		size_t length;
		unsigned char first;
		enum error_code code;
	} cases[] = {
	    {KEY_RSA_PKCS1, 0,   0,    ERROR_NONE   },
	    {KEY_RSA_PKCS1, 245, 0,    ERROR_NONE   },
	    {KEY_RSA_PKCS1, 246, 0,    ERROR_INVALID},
	    {KEY_RSA_RAW,   256, 0,    ERROR_NONE   },
	    {KEY_RSA_RAW,   256, 0xff, ERROR_INVALID},
	    {KEY_RSA_RAW,   255, 0,    ERROR_INVALID},
	    {KEY_RSA_RAW,   257, 0,    ERROR_INVALID},
	};

	(void)state;
	assert_int_equal(keys_create_pair(fixture->keys, AS(ROOT), PAIR("rsa"),
			     WISH("rsa-2048"), &err),
	    ERROR_NONE);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct key_input message = {data, cases[i].length};
		struct key_signature signature;

		data[0] = cases[i].first;
		assert_int_equal(
		    keys_sign_rsa(fixture->keys, AS(ROOT), PAIR("rsa"),
			cases[i].mechanism, &message, &signature, &err),
		    cases[i].code);
	}
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(                                       \
	    name, keyd_fixture_setup, keyd_fixture_teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(lists_what_the_caller_may_use),
	    TEST(asks_on_every_operation),
	    TEST(to_use_and_to_manage_are_two_rights),
	    TEST(nobody_reaches_the_reserved_id),
	    TEST(uses_as_much_of_a_digest_as_the_order_has),
	    TEST(refuses_what_does_not_suit_the_key),
	    TEST(bounds_what_goes_to_rsa),
	};

	return cmocka_run_group_tests_name("keyd use", tests, NULL, NULL);
}
