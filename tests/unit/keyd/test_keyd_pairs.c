/* SPDX-License-Identifier: MIT */
/* Making, renaming and removing keys, also when things go wrong meanwhile. */
#include "cmocka_wrap.h"

#include "keyd_fixture.h"

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
load(const char *id)
{
	struct key_info info;

	return keys_get(fixture->keys, AS(ROOT), PAIR(id), &info, &err);
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

/* ---- create ---- */

static void
creates_a_key_once(void **state)
{
	unsigned char tag;

	(void)state;
	assert_int_equal(create("a"), ERROR_NONE);
	tag = fake_store_tag(fixture->store, "a");
	assert_int_equal(create("a"), ERROR_NONE);
	assert_int_equal(fake_store_count(fixture->store, "a"), 1);
	assert_int_equal(fake_store_tag(fixture->store, "a"), tag);
	keyd_fixture_restart();
	assert_int_equal(create("a"), ERROR_NONE);
	assert_int_equal(fake_store_tag(fixture->store, "a"), tag);
}

static void
makes_the_first_kind_that_the_token_can(void **state)
{
	struct key_info info;

	(void)state;
	fake_store_refuse(fixture->store, KEY_SPEC_P256);
	assert_int_equal(keys_create_pair(fixture->keys, AS(ROOT), PAIR("a"),
			     WISH("dsa:ec-p256:*"), &err),
	    ERROR_NONE);
	assert_int_equal(
	    keys_get(fixture->keys, AS(ROOT), PAIR("a"), &info, &err),
	    ERROR_NONE);
	assert_int_equal(info.facts.public.algorithm, KEY_RSA);
	assert_int_equal(keys_create_pair(fixture->keys, AS(ROOT), PAIR("b"),
			     WISH("ec-p256"), &err),
	    ERROR_INVALID);
	assert_int_equal(keys_create_pair(fixture->keys, AS(ROOT), PAIR("b"),
			     WISH("dsa"), &err),
	    ERROR_INVALID);
	assert_int_equal(fake_store_count(fixture->store, "b"), 0);
}

static void
leaves_no_key_that_is_not_in_the_index(void **state)
{
	(void)state;
	assert_int_equal(create("a"), ERROR_NONE);
	keyd_fixture_forbid_writing();
	assert_int_equal(create("b"), ERROR_INTERNAL);
	assert_int_equal(fake_store_count(fixture->store, "b"), 0);
	assert_int_equal(sign(ROOT, "a"), ERROR_NONE);
	keyd_fixture_allow_writing();
}

static void
makes_a_lost_key_anew(void **state)
{
	(void)state;
	assert_int_equal(create("a"), ERROR_NONE);
	fake_store_lose(fixture->store, "a");
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
	tag = fake_store_tag(fixture->store, "new");
	assert_int_equal(move("new", "id"), ERROR_NONE);
	assert_int_equal(load("new"), ERROR_NOT_FOUND);
	assert_int_equal(load("id"), ERROR_NONE);
	assert_int_equal(fake_store_tag(fixture->store, "id"), tag);
	assert_int_equal(fake_store_count(fixture->store, NULL), 1);
}

static void
a_repeated_move_loses_nothing(void **state)
{
	unsigned char tag;

	(void)state;
	assert_int_equal(create("new"), ERROR_NONE);
	tag = fake_store_tag(fixture->store, "new");
	assert_int_equal(move("new", "id"), ERROR_NONE);
	assert_int_equal(move("new", "id"), ERROR_NONE);
	assert_int_equal(fake_store_tag(fixture->store, "id"), tag);
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
	fake_store_unplug(fixture->store, true);
	assert_int_equal(move("id", "other"), ERROR_UNAVAILABLE);
	fake_store_unplug(fixture->store, false);
	assert_int_equal(load("id"), ERROR_NONE);
	assert_int_equal(fake_store_count(fixture->store, NULL), 1);
}

static void
a_move_survives_a_token_that_fails_after_it(void **state)
{
	unsigned char tag;

	(void)state;
	assert_int_equal(create("new"), ERROR_NONE);
	assert_int_equal(create("id"), ERROR_NONE);
	tag = fake_store_tag(fixture->store, "new");
	fake_store_protect(fixture->store, true);
	assert_int_equal(move("new", "id"), ERROR_NONE);

	/* The token has the old labels, and the replaced key. */
	assert_int_equal(fake_store_tag(fixture->store, "new"), tag);
	keyd_fixture_restart();
	assert_int_equal(load("new"), ERROR_NOT_FOUND);
	assert_int_equal(sign(ROOT, "id"), ERROR_NONE);

	fake_store_protect(fixture->store, false);
	keyd_fixture_restart();
	assert_int_equal(fake_store_tag(fixture->store, "id"), tag);
	assert_int_equal(fake_store_count(fixture->store, NULL), 1);
}

static void
a_source_name_is_free_after_a_move(void **state)
{
	(void)state;
	assert_int_equal(create("a"), ERROR_NONE);
	fake_store_protect(fixture->store, true);
	assert_int_equal(move("a", "b"), ERROR_NONE);
	assert_int_equal(create("a"), ERROR_NONE);
	assert_int_equal(fake_store_count(fixture->store, "a"), 2);
	fake_store_protect(fixture->store, false);
	keyd_fixture_restart();
	assert_int_equal(fake_store_count(fixture->store, "a"), 1);
	assert_int_equal(fake_store_count(fixture->store, "b"), 1);
}

/* ---- delete ---- */

static void
deletes_once_and_again(void **state)
{
	(void)state;
	assert_int_equal(create("a"), ERROR_NONE);
	assert_int_equal(
	    keys_delete(fixture->keys, AS(ROOT), PAIR("a"), &err), ERROR_NONE);
	assert_int_equal(fake_store_count(fixture->store, "a"), 0);
	assert_int_equal(
	    keys_delete(fixture->keys, AS(ROOT), PAIR("a"), &err), ERROR_NONE);
	assert_int_equal(
	    keys_delete(fixture->keys, AS(ROOT), PAIR("old"), &err),
	    ERROR_INVALID);
	assert_int_equal(sign(ROOT, "old"), ERROR_NONE);
}

static void
what_is_deleted_does_not_come_back(void **state)
{
	(void)state;
	assert_int_equal(create("a"), ERROR_NONE);
	fake_store_protect(fixture->store, true);
	assert_int_equal(keys_delete(fixture->keys, AS(ROOT), PAIR("a"), &err),
	    ERROR_UNAVAILABLE);
	assert_int_equal(load("a"), ERROR_NOT_FOUND);
	keyd_fixture_restart();
	assert_int_equal(load("a"), ERROR_NOT_FOUND);
	fake_store_protect(fixture->store, false);
	keyd_fixture_restart();
	assert_int_equal(fake_store_count(fixture->store, "a"), 0);
}

/* ---- keys of others ---- */

static void
adopts_by_label_and_gives_an_id(void **state)
{
	(void)state;
	fake_store_add(fixture->store, "left", 0);
	assert_int_equal(load("left"), ERROR_NONE);
	assert_int_not_equal(fake_store_tag(fixture->store, "left"), 0);
	assert_int_equal(move("left", "id"), ERROR_NONE);
	keyd_fixture_restart();
	assert_int_equal(load("id"), ERROR_NONE);
	assert_int_equal(load("left"), ERROR_NOT_FOUND);
	assert_int_equal(fake_store_count(fixture->store, "id"), 1);
}

static void
does_not_adopt_for_who_means_known_keys_only(void **state)
{
	const struct key_ref known = {
	    .kind = KEY_PAIR, .id = "left", .only_known = true};
	struct key_info info;

	(void)state;
	fake_store_add(fixture->store, "left", 0);
	assert_int_equal(keys_get(fixture->keys, AS(ROOT), &known, &info, &err),
	    ERROR_NOT_FOUND);
	assert_int_equal(fake_store_tag(fixture->store, "left"), 0);
	assert_int_equal(load("left"), ERROR_NONE);
	assert_int_equal(
	    keys_get(fixture->keys, AS(ROOT), &known, &info, &err), ERROR_NONE);
}

static void
tells_apart_keys_to_which_a_tool_gave_one_id(void **state)
{
	(void)state;
	fake_store_add(fixture->store, "one", 1);
	fake_store_add(fixture->store, "two", 1);
	assert_int_equal(load("one"), ERROR_NONE);
	assert_int_equal(load("two"), ERROR_NONE);
	assert_int_equal(
	    keys_delete(fixture->keys, AS(ROOT), PAIR("one"), &err),
	    ERROR_NONE);
	assert_int_equal(load("one"), ERROR_NOT_FOUND);
	assert_int_equal(load("two"), ERROR_NONE);
}

static void
does_not_choose_between_keys_of_one_label(void **state)
{
	(void)state;
	fake_store_add(fixture->store, "twin", 1);
	fake_store_add(fixture->store, "twin", 2);
	assert_int_equal(load("twin"), ERROR_INVALID);
	assert_int_equal(create("twin"), ERROR_INVALID);
	assert_int_equal(fake_store_count(fixture->store, "twin"), 2);
}

static void
does_not_take_another_tokens_keys_for_its_own(void **state)
{
	(void)state;
	assert_int_equal(create("a"), ERROR_NONE);
	fake_store_exchange(fixture->store, "other");
	assert_int_equal(load("a"), ERROR_UNAVAILABLE);
	assert_int_equal(create("a"), ERROR_UNAVAILABLE);
	assert_int_equal(keys_delete(fixture->keys, AS(ROOT), PAIR("a"), &err),
	    ERROR_UNAVAILABLE);
	assert_int_equal(create("b"), ERROR_NONE);
	fake_store_exchange(fixture->store, FAKE_SERIAL);
	assert_int_equal(load("a"), ERROR_NONE);
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(                                       \
	    name, keyd_fixture_setup, keyd_fixture_teardown)

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
	    TEST(does_not_adopt_for_who_means_known_keys_only),
	    TEST(tells_apart_keys_to_which_a_tool_gave_one_id),
	    TEST(does_not_choose_between_keys_of_one_label),
	    TEST(does_not_take_another_tokens_keys_for_its_own),
	};

	return cmocka_run_group_tests_name("keyd pairs", tests, NULL, NULL);
}
