/* SPDX-License-Identifier: MIT */
/* Threads use a key while another renames and removes it. */
#include "cmocka_wrap.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "common/time.h"
#include "store_fixture.h"

#define SIGNERS 3
#define ROUNDS 25
#define BETWEEN_MS 10

static const unsigned char digest[32] = {1, 2, 3};
static const struct key_input input = {digest, sizeof(digest)};

static struct key_store *store;
static struct error err;

/* What the signers do, and what becomes of it. */
static struct key_facts round_facts[ROUNDS];
static atomic_uint current; /* the round that is to be signed for */
static atomic_uint removed; /* rounds whose key is no more */
static atomic_bool stops;
static atomic_uint signatures, late, wrong, failures;

static struct key_store *
open_with(enum key_copies copies)
{
	const struct key_store_settings settings = {
	    .module = STORE_MODULE,
	    .token_uri = STORE_TOKEN,
	    .copies = copies,
	};
	struct key_store *opened;

	if (key_store_open(&settings, &opened, &err))
		fail_msg("%s", err.message);
	return opened;
}

static struct key_facts
generated(const char *label)
{
	struct key_facts facts;

	if (key_store_generate(
		store, label, KEY_SPEC_P256, KEY_SIGNS, &facts, &err))
		fail_msg("%s", err.message);
	return facts;
}

static void
start(pthread_t threads[SIGNERS], void *(*work)(void *))
{
	atomic_store(&stops, false);
	atomic_store(&signatures, 0);
	atomic_store(&late, 0);
	atomic_store(&wrong, 0);
	atomic_store(&failures, 0);
	for (size_t i = 0; i < SIGNERS; i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, work, NULL), 0);
	/* Some may have had no time as yet. */
	while (atomic_load(&signatures) == 0 && atomic_load(&failures) == 0)
		time_sleep_ms(1);
}

static void
stop(pthread_t threads[SIGNERS])
{
	atomic_store(&stops, true);
	for (size_t i = 0; i < SIGNERS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
}

/* ---- removing ---- */

/* Signs with the key of a round that may be over. */
static void
sign_for_round(unsigned number)
{
	const struct key_facts *facts = &round_facts[number];
	const struct key_name name = {.label = "raced", .tag = facts->tag};
	bool was_removed = atomic_load(&removed) > number;
	struct key_signature signature;
	struct error ignored;

	if (key_store_sign(
		store, &name, KEY_ECDSA, &input, &signature, &ignored)) {
		/* While it is there, it signs. */
		if (atomic_load(&removed) <= number &&
		    ignored.code != ERROR_NOT_FOUND)
			atomic_fetch_add(&failures, 1);
		return;
	}
	atomic_fetch_add(&signatures, 1);
	if (was_removed)
		atomic_fetch_add(&late, 1);
	if (!store_fixture_verifies(facts, KEY_ECDSA, &input, &signature))
		atomic_fetch_add(&wrong, 1);
}

/* Also with the key of the round before, which is no more. */
static void *
sign_for_rounds(void *argument)
{
	while (!atomic_load(&stops)) {
		unsigned number = atomic_load(&current);

		sign_for_round(number);
		if (number > 0)
			sign_for_round(number - 1);
	}
	return argument;
}

static void
assert_nothing_signs_once_removed(enum key_copies copies)
{
	pthread_t threads[SIGNERS];

	store = open_with(copies);
	atomic_store(&current, 0);
	atomic_store(&removed, 0);
	round_facts[0] = generated("raced");
	start(threads, sign_for_rounds);
	for (unsigned i = 0; i < ROUNDS; i++) {
		const struct key_name name = {
		    .label = "raced", .tag = round_facts[i].tag};

		time_sleep_ms(BETWEEN_MS);
		assert_int_equal(
		    key_store_destroy(store, &name, &err), ERROR_NONE);
		atomic_store(&removed, i + 1);
		if (i + 1 < ROUNDS) {
			round_facts[i + 1] = generated("raced");
			atomic_store(&current, i + 1);
		}
	}
	time_sleep_ms(BETWEEN_MS);
	stop(threads);
	key_store_close(store);
	assert_true(atomic_load(&signatures) > 0);
	assert_int_equal(atomic_load(&late), 0);
	assert_int_equal(atomic_load(&wrong), 0);
	assert_int_equal(atomic_load(&failures), 0);
}

static void
nothing_signs_with_a_key_once_it_is_removed(void **state)
{
	(void)state;
	assert_nothing_signs_once_removed(KEY_COPIES_AUTO);
}

static void
nothing_signs_with_a_key_once_it_is_removed_without_copies(void **state)
{
	(void)state;
	assert_nothing_signs_once_removed(KEY_COPIES_NO);
}

/* ---- renaming ---- */

static void *
sign_while_renamed(void *argument)
{
	const struct key_name name = {
	    .label = "renamed", .tag = round_facts[0].tag};
	struct key_signature signature;
	struct error ignored;

	while (!atomic_load(&stops))
		if (key_store_sign(
			store, &name, KEY_ECDSA, &input, &signature, &ignored))
			atomic_fetch_add(&failures, 1);
		else
			atomic_fetch_add(&signatures, 1);
	return argument;
}

static void
a_key_signs_while_it_is_renamed(void **state)
{
	const char *const labels[] = {"renamed", "other"};
	pthread_t threads[SIGNERS];

	(void)state;
	store = open_with(KEY_COPIES_AUTO);
	round_facts[0] = generated("renamed");
	start(threads, sign_while_renamed);
	for (size_t i = 0; i < ROUNDS; i++) {
		const struct key_name name = {
		    .label = labels[i % 2], .tag = round_facts[0].tag};

		assert_int_equal(key_store_set_label(
				     store, &name, labels[(i + 1) % 2], &err),
		    ERROR_NONE);
		time_sleep_ms(BETWEEN_MS);
	}
	stop(threads);
	key_store_close(store);
	assert_true(atomic_load(&signatures) > 0);
	assert_int_equal(atomic_load(&failures), 0);
}

/* ---- copies ---- */

static void
count(void *context, const char *label, const struct key_tag *tag)
{
	(void)label;
	(void)tag;
	++*(unsigned *)context;
}

static void
copies_are_in_no_list(void **state)
{
	static const enum key_copies settings[] = {
	    KEY_COPIES_AUTO, KEY_COPIES_YES, KEY_COPIES_NO};

	(void)state;
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		struct key_signature signature;
		unsigned listed = 0;

		store = open_with(settings[i]);
		round_facts[0] = generated("listed");

		const struct key_name name = {
		    .label = "listed", .tag = round_facts[0].tag};

		assert_int_equal(key_store_sign(store, &name, KEY_ECDSA, &input,
				     &signature, &err),
		    ERROR_NONE);
		assert_int_equal(key_store_list(store, KEY_PAIR, "listed",
				     count, &listed, &err),
		    ERROR_NONE);
		assert_int_equal(listed, 1);
		assert_int_equal(
		    key_store_destroy(store, &name, &err), ERROR_NONE);
		key_store_close(store);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_signs_with_a_key_once_it_is_removed),
	    cmocka_unit_test(
		nothing_signs_with_a_key_once_it_is_removed_without_copies),
	    cmocka_unit_test(a_key_signs_while_it_is_renamed),
	    cmocka_unit_test(copies_are_in_no_list),
	};

	return cmocka_run_group_tests_name(
	    "store race", tests, store_fixture_setup, store_fixture_teardown);
}
