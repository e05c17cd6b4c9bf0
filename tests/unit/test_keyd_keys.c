/* SPDX-License-Identifier: MIT */
/* The rules for keys, on a store in memory and an index in a file. */
#include "cmocka_wrap.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake_store.h"
#include "keys.h"

#define ROOT 0
#define ALICE 1001 /* may use a*, shared */
#define BOB 1002   /* may use b*, shared */
#define FILE_URI "file:///etc/old.pem"

static const struct keys_preloaded preloaded[] = {
    {"old", FILE_URI},
};

static char directory[] = "/tmp/keyd-keys.XXXXXX";
static char index_path[64];
static struct acl *acl;
static struct key_store *store;
static struct index *records;
static struct keys *keys;
static struct error err;

static void
open_keys(void)
{
	struct keys_parts parts = {
	    .store = store,
	    .acl = acl,
	    .preloaded_count = 1,
	    .preloaded = preloaded,
	};

	assert_int_equal(index_open(index_path, &records, &err), ERROR_NONE);
	parts.index = records;
	assert_int_equal(keys_create(&parts, &keys, &err), ERROR_NONE);
}

static void
close_keys(void)
{
	keys_free(keys);
	index_close(records);
}

/* As after a crash: only the file and the token are left. */
static void
restart(void)
{
	close_keys();
	open_keys();
	keys_repair(keys);
}

static int
setup(void **state)
{
	static const struct {
		const char *user;
		const char *pattern;
	} grants[] = {
	    {"1001", "a*"                   },
	    {"1001", "shared"               },
	    {"1002", "b*"                   },
	    {"1002", "shared"               },
	    {"1002", "handle-validation-key"},
	};

	(void)state;
	(void)strcpy(directory + strlen(directory) - 6, "XXXXXX");
	assert_non_null(mkdtemp(directory));
	(void)snprintf(
	    index_path, sizeof(index_path), "%s/index.json", directory);
	assert_int_equal(acl_create(&acl, &err), ERROR_NONE);
	for (size_t i = 0; i < sizeof(grants) / sizeof(grants[0]); i++)
		assert_int_equal(
		    acl_add(acl, grants[i].user, grants[i].pattern, &err),
		    ERROR_NONE);
	store = fake_store_open();
	fake_store_add_uri(store, FILE_URI, KEY_SPEC_P256);
	open_keys();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	close_keys();
	key_store_close(store);
	acl_free(acl);
	(void)unlink(index_path);
	return rmdir(directory);
}

static enum error_code
create(const char *id)
{
	return keys_create_pair(keys, ROOT, id, NULL, &err);
}

static enum error_code
move(const char *from, const char *to)
{
	return keys_move_pair(keys, ROOT, from, to, &err);
}

static enum error_code
load(const char *id)
{
	struct key_info info;

	return keys_get(keys, ROOT, id, &info, &err);
}

static enum error_code
sign(uid_t uid, const char *id)
{
	static const unsigned char data[32];
	struct key_input digest = {data, sizeof(data)};
	struct key_signature signature;

	return keys_sign_digest(
	    keys, uid, id, "ES256", &digest, &signature, &err);
}

/* ---- create ---- */

static void
creates_a_key_once(void **state)
{
	unsigned char tag;

	(void)state;
	assert_int_equal(create("a"), ERROR_NONE);
	tag = fake_store_tag(store, "a");
	assert_int_equal(create("a"), ERROR_NONE);
	assert_int_equal(fake_store_count(store, "a"), 1);
	assert_int_equal(fake_store_tag(store, "a"), tag);
	restart();
	assert_int_equal(create("a"), ERROR_NONE);
	assert_int_equal(fake_store_tag(store, "a"), tag);
}

static void
makes_the_first_kind_that_the_token_can(void **state)
{
	struct key_info info;

	(void)state;
	fake_store_refuse(store, KEY_SPEC_P256);
	assert_int_equal(
	    keys_create_pair(keys, ROOT, "a", "ec-p384:ec-p256:*", &err),
	    ERROR_NONE);
	assert_int_equal(keys_get(keys, ROOT, "a", &info, &err), ERROR_NONE);
	assert_int_equal(info.facts.public.algorithm, KEY_RSA);
	assert_int_equal(
	    keys_create_pair(keys, ROOT, "b", "ec-p256", &err), ERROR_INVALID);
	assert_int_equal(
	    keys_create_pair(keys, ROOT, "b", "ed25519", &err), ERROR_INVALID);
	assert_int_equal(fake_store_count(store, "b"), 0);
}

static void
leaves_no_key_that_is_not_in_the_index(void **state)
{
	(void)state;
	assert_int_equal(create("a"), ERROR_NONE);
	assert_int_equal(unlink(index_path), 0);
	assert_int_equal(rmdir(directory), 0);
	assert_int_equal(create("b"), ERROR_INTERNAL);
	assert_int_equal(fake_store_count(store, "b"), 0);
	assert_int_equal(sign(ROOT, "a"), ERROR_NONE);
	assert_int_equal(mkdir(directory, 0700), 0);
}

static void
makes_a_lost_key_anew(void **state)
{
	(void)state;
	assert_int_equal(create("a"), ERROR_NONE);
	fake_store_lose(store, "a");
	assert_int_equal(load("a"), ERROR_NOT_FOUND);
	assert_int_equal(create("a"), ERROR_NONE);
	assert_int_equal(sign(ROOT, "a"), ERROR_NONE);
}

/* ---- move ---- */

static void
moves_and_replaces(void **state)
{
	unsigned char tag;

	(void)state;
	assert_int_equal(create("new"), ERROR_NONE);
	assert_int_equal(create("id"), ERROR_NONE);
	tag = fake_store_tag(store, "new");
	assert_int_equal(move("new", "id"), ERROR_NONE);
	assert_int_equal(load("new"), ERROR_NOT_FOUND);
	assert_int_equal(load("id"), ERROR_NONE);
	assert_int_equal(fake_store_tag(store, "id"), tag);
	assert_int_equal(fake_store_count(store, NULL), 1);
}

static void
a_repeated_move_loses_nothing(void **state)
{
	unsigned char tag;

	(void)state;
	assert_int_equal(create("new"), ERROR_NONE);
	tag = fake_store_tag(store, "new");
	assert_int_equal(move("new", "id"), ERROR_NONE);
	assert_int_equal(move("new", "id"), ERROR_NONE);
	assert_int_equal(fake_store_tag(store, "id"), tag);
}

static void
a_mistaken_move_changes_nothing(void **state)
{
	(void)state;
	assert_int_equal(create("id"), ERROR_NONE);
	assert_int_equal(move("none", "nowhere"), ERROR_NOT_FOUND);
	assert_int_equal(move("id", "id"), ERROR_INVALID);
	assert_int_equal(move("old", "id"), ERROR_INVALID);
	assert_int_equal(move("id", "old"), ERROR_INVALID);
	fake_store_unplug(store, true);
	assert_int_equal(move("id", "other"), ERROR_UNAVAILABLE);
	fake_store_unplug(store, false);
	assert_int_equal(load("id"), ERROR_NONE);
	assert_int_equal(fake_store_count(store, NULL), 1);
}

static void
a_move_survives_a_token_that_fails_after_it(void **state)
{
	unsigned char tag;

	(void)state;
	assert_int_equal(create("new"), ERROR_NONE);
	assert_int_equal(create("id"), ERROR_NONE);
	tag = fake_store_tag(store, "new");
	fake_store_protect(store, true);
	assert_int_equal(move("new", "id"), ERROR_NONE);

	/* The token has the old labels, and the replaced key. */
	assert_int_equal(fake_store_tag(store, "new"), tag);
	restart();
	assert_int_equal(load("new"), ERROR_NOT_FOUND);
	assert_int_equal(sign(ROOT, "id"), ERROR_NONE);

	fake_store_protect(store, false);
	restart();
	assert_int_equal(fake_store_tag(store, "id"), tag);
	assert_int_equal(fake_store_count(store, NULL), 1);
}

static void
a_source_name_is_free_after_a_move(void **state)
{
	(void)state;
	assert_int_equal(create("a"), ERROR_NONE);
	fake_store_protect(store, true);
	assert_int_equal(move("a", "b"), ERROR_NONE);
	assert_int_equal(create("a"), ERROR_NONE);
	assert_int_equal(fake_store_count(store, "a"), 2);
	fake_store_protect(store, false);
	restart();
	assert_int_equal(fake_store_count(store, "a"), 1);
	assert_int_equal(fake_store_count(store, "b"), 1);
}

/* ---- delete ---- */

static void
deletes_once_and_again(void **state)
{
	(void)state;
	assert_int_equal(create("a"), ERROR_NONE);
	assert_int_equal(keys_delete_pair(keys, ROOT, "a", &err), ERROR_NONE);
	assert_int_equal(fake_store_count(store, "a"), 0);
	assert_int_equal(keys_delete_pair(keys, ROOT, "a", &err), ERROR_NONE);
	assert_int_equal(
	    keys_delete_pair(keys, ROOT, "old", &err), ERROR_INVALID);
	assert_int_equal(sign(ROOT, "old"), ERROR_NONE);
}

static void
what_is_deleted_does_not_come_back(void **state)
{
	(void)state;
	assert_int_equal(create("a"), ERROR_NONE);
	fake_store_protect(store, true);
	assert_int_equal(
	    keys_delete_pair(keys, ROOT, "a", &err), ERROR_UNAVAILABLE);
	assert_int_equal(load("a"), ERROR_NOT_FOUND);
	restart();
	assert_int_equal(load("a"), ERROR_NOT_FOUND);
	fake_store_protect(store, false);
	restart();
	assert_int_equal(fake_store_count(store, "a"), 0);
}

/* ---- keys of others ---- */

static void
adopts_by_label_and_gives_an_id(void **state)
{
	(void)state;
	fake_store_add(store, "left", 0);
	assert_int_equal(load("left"), ERROR_NONE);
	assert_int_not_equal(fake_store_tag(store, "left"), 0);
	assert_int_equal(move("left", "id"), ERROR_NONE);
	restart();
	assert_int_equal(load("id"), ERROR_NONE);
	assert_int_equal(load("left"), ERROR_NOT_FOUND);
	assert_int_equal(fake_store_count(store, "id"), 1);
}

static void
does_not_choose_between_keys_of_one_label(void **state)
{
	(void)state;
	fake_store_add(store, "twin", 1);
	fake_store_add(store, "twin", 2);
	assert_int_equal(load("twin"), ERROR_INVALID);
	assert_int_equal(create("twin"), ERROR_INVALID);
	assert_int_equal(fake_store_count(store, "twin"), 2);
}

static void
does_not_take_another_tokens_keys_for_its_own(void **state)
{
	(void)state;
	assert_int_equal(create("a"), ERROR_NONE);
	fake_store_exchange(store, "other");
	assert_int_equal(load("a"), ERROR_UNAVAILABLE);
	assert_int_equal(create("a"), ERROR_UNAVAILABLE);
	assert_int_equal(
	    keys_delete_pair(keys, ROOT, "a", &err), ERROR_UNAVAILABLE);
	assert_int_equal(create("b"), ERROR_NONE);
	fake_store_exchange(store, FAKE_SERIAL);
	assert_int_equal(load("a"), ERROR_NONE);
}

/* ---- who may ---- */

static enum error_code
note_id(void *context, const struct key_info *info, struct error *error)
{
	char *ids = context;

	(void)error;
	(void)strcat(strcat(ids, info->id), info->trouble.code ? "! " : " ");
	return ERROR_NONE;
}

static void
assert_lists(uid_t uid, const char *expected)
{
	char ids[256] = "";

	assert_int_equal(keys_list(keys, uid, note_id, ids, &err), ERROR_NONE);
	assert_string_equal(ids, expected);
}

static void
lists_what_the_caller_may_use(void **state)
{
	(void)state;
	assert_int_equal(create("a1"), ERROR_NONE);
	assert_int_equal(create("b1"), ERROR_NONE);
	assert_int_equal(create("shared"), ERROR_NONE);
	fake_store_add(store, "b2", 7);
	assert_lists(ROOT, "old a1 b1 b2 shared ");
	assert_lists(ALICE, "a1 shared ");
	assert_lists(BOB, "b1 b2 shared ");
	assert_lists(1003, "");
	fake_store_unplug(store, true);
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
	assert_int_equal(
	    keys_create_pair(keys, ALICE, "b", NULL, &err), ERROR_DENIED);
	assert_int_equal(keys_get(keys, ALICE, "b", &info, &err), ERROR_DENIED);
	assert_int_equal(
	    keys_move_pair(keys, ALICE, "b", "a", &err), ERROR_DENIED);
	assert_int_equal(
	    keys_move_pair(keys, ALICE, "a", "b", &err), ERROR_DENIED);
	assert_int_equal(
	    keys_delete_pair(keys, ALICE, "b", &err), ERROR_DENIED);
	assert_int_equal(
	    keys_sign_ecdsa(keys, ALICE, "b", &digest, &signature, &err),
	    ERROR_DENIED);
	assert_int_equal(keys_sign_rsa(keys, ALICE, "b", KEY_RSA_RAW, &block,
			     &signature, &err),
	    ERROR_DENIED);
	assert_int_equal(sign(ALICE, "b"), ERROR_DENIED);
	assert_int_equal(sign(ALICE, "no-such-key"), ERROR_DENIED);
	assert_int_equal(sign(ALICE, "old"), ERROR_DENIED);
	assert_int_equal(sign(BOB, "b"), ERROR_NONE);
}

static void
nobody_reaches_the_reserved_id(void **state)
{
	static const char reserved[] = "handle-validation-key";
	struct key_info info;

	(void)state;
	fake_store_add(store, reserved, 9);
	assert_int_equal(create(reserved), ERROR_DENIED);
	assert_int_equal(
	    keys_get(keys, ROOT, reserved, &info, &err), ERROR_DENIED);
	assert_int_equal(sign(BOB, reserved), ERROR_DENIED);
	assert_int_equal(create("a"), ERROR_NONE);
	assert_int_equal(move("a", reserved), ERROR_DENIED);
	assert_int_equal(move(reserved, "b"), ERROR_DENIED);
	assert_int_equal(
	    keys_delete_pair(keys, ROOT, reserved, &err), ERROR_DENIED);
	assert_lists(ROOT, "old a ");
}

/* ---- signing ---- */

static void
uses_as_much_of_a_digest_as_the_order_has(void **state)
{
	static const struct {
		size_t length;
		unsigned char first, last; /* of the number that is signed */
	} cases[] = {
	    {32, 1, 32},
	    {64, 1, 32}, /* the leading bytes */
	    {20, 0, 20}, /* zeros in front */
	    {1,  0, 1 },
	};
	unsigned char data[64];

	(void)state;
	for (unsigned char i = 0; i < sizeof(data); i++)
		data[i] = (unsigned char)(i + 1);
	assert_int_equal(create("a"), ERROR_NONE);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct key_input digest = {data, cases[i].length};
		struct key_signature der;

		assert_int_equal(
		    keys_sign_ecdsa(keys, ROOT, "a", &digest, &der, &err),
		    ERROR_NONE);
		/* SEQUENCE { INTEGER, INTEGER }, the last byte is s's. */
		assert_int_equal(der.data[0], 0x30);
		assert_int_equal(der.data[der.length - 1], cases[i].first);
		assert_int_equal(der.data[4], cases[i].last);
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
	    {"ec",  "ES256", 32, ERROR_NONE   },
	    {"ec",  "ES256", 31, ERROR_INVALID},
	    {"ec",  "ES256", 0,  ERROR_INVALID},
	    {"ec",  "ES384", 48, ERROR_INVALID},
	    {"ec",  "RS256", 32, ERROR_INVALID},
	    {"ec",  "PS256", 32, ERROR_INVALID},
	    {"ec",  "HS256", 32, ERROR_INVALID},
	    {"ec",  "",      32, ERROR_INVALID},
	    {"rsa", "ES256", 32, ERROR_INVALID},
	    {"rsa", "RS256", 32, ERROR_NONE   },
	    {"rsa", "RS384", 48, ERROR_NONE   },
	    {"rsa", "RS512", 64, ERROR_NONE   },
	    {"rsa", "PS256", 32, ERROR_NONE   },
	    {"rsa", "PS384", 48, ERROR_NONE   },
	    {"rsa", "PS512", 64, ERROR_NONE   },
	    {"rsa", "PS512", 32, ERROR_INVALID},
	};
	static const unsigned char data[64];

	(void)state;
	assert_int_equal(create("ec"), ERROR_NONE);
	assert_int_equal(
	    keys_create_pair(keys, ROOT, "rsa", "rsa-2048", &err), ERROR_NONE);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct key_input digest = {data, cases[i].length};
		struct key_signature signature;

		print_message("%s %s\n", cases[i].id, cases[i].algorithm);
		assert_int_equal(
		    keys_sign_digest(keys, ROOT, cases[i].id,
			cases[i].algorithm, &digest, &signature, &err),
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
	assert_int_equal(
	    keys_create_pair(keys, ROOT, "rsa", "rsa-2048", &err), ERROR_NONE);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct key_input message = {data, cases[i].length};
		struct key_signature signature;

		data[0] = cases[i].first;
		assert_int_equal(
		    keys_sign_rsa(keys, ROOT, "rsa", cases[i].mechanism,
			&message, &signature, &err),
		    cases[i].code);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(creates_a_key_once),
	    TEST(makes_the_first_kind_that_the_token_can),
	    TEST(leaves_no_key_that_is_not_in_the_index),
	    TEST(makes_a_lost_key_anew),
	    TEST(moves_and_replaces),
	    TEST(a_repeated_move_loses_nothing),
	    TEST(a_mistaken_move_changes_nothing),
	    TEST(a_move_survives_a_token_that_fails_after_it),
	    TEST(a_source_name_is_free_after_a_move),
	    TEST(deletes_once_and_again),
	    TEST(what_is_deleted_does_not_come_back),
	    TEST(adopts_by_label_and_gives_an_id),
	    TEST(does_not_choose_between_keys_of_one_label),
	    TEST(does_not_take_another_tokens_keys_for_its_own),
	    TEST(lists_what_the_caller_may_use),
	    TEST(asks_on_every_operation),
	    TEST(nobody_reaches_the_reserved_id),
	    TEST(uses_as_much_of_a_digest_as_the_order_has),
	    TEST(refuses_what_does_not_suit_the_key),
	    TEST(bounds_what_goes_to_rsa),
	};

	return cmocka_run_group_tests_name("keyd keys", tests, NULL, NULL);
}
