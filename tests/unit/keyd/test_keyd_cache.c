/* SPDX-License-Identifier: MIT */
/* What is remembered of the keys in tokens, and when it is forgotten. */
#include "cmocka_wrap.h"

#include <stdio.h>

#include "key_cache.h"

#define MANY 2000

static struct key_cache *cache;
static struct error err;

static int
create(void **state)
{
	(void)state;
	return key_cache_create(&cache, &err) ? -1 : 0;
}

static int
destroy(void **state)
{
	(void)state;
	key_cache_free(cache);
	return 0;
}

static struct key_name
tagged(const char *label, unsigned char tag)
{
	return (struct key_name){
	    .label = label, .tag = {1, {tag}}
        };
}

static struct key_entry *
put(const struct key_name *name, unsigned char tag, CK_OBJECT_HANDLE handle)
{
	const struct key_facts facts = {
	    .kind = name->kind, .tag = {1, {tag}}
        };
	struct key_entry *entry;

	assert_int_equal(
	    key_cache_put(cache, name, 1, handle, &facts, &entry, &err),
	    ERROR_NONE);
	return entry;
}

/* The handle for name; 0 if it is not known. */
static CK_OBJECT_HANDLE
handle_of(const struct key_name *name)
{
	CLEANUP(key_entry)
	struct key_entry *entry = key_cache_get(cache, name, 1);

	return entry ? key_entry_handle(entry) : 0;
}

static void
tells_many_keys_apart(void **state)
{
	char label[16];

	(void)state;
	for (unsigned i = 0; i < MANY; i++) {
		(void)snprintf(label, sizeof(label), "key-%u", i);
		const struct key_name name = {.label = label};

		key_entry_release(put(&name, 0, i + 1));
	}
	for (unsigned i = 0; i < MANY; i++) {
		(void)snprintf(label, sizeof(label), "key-%u", i);
		const struct key_name name = {.label = label};
		const struct key_name secret = {
		    .kind = KEY_SECRET, .label = label};

		assert_int_equal(handle_of(&name), i + 1);
		assert_int_equal(handle_of(&secret), 0);
	}
}

static void
a_handle_is_good_for_one_generation(void **state)
{
	const struct key_name name = {.label = "a"};
	const struct key_facts facts = {0};
	CLEANUP(key_entry) struct key_entry *old = put(&name, 0, 5);
	CLEANUP(key_entry) struct key_entry *new = NULL;

	(void)state;
	assert_null(key_cache_get(cache, &name, 2));
	assert_int_equal(
	    key_cache_put(cache, &name, 2, 6, &facts, &new, &err), ERROR_NONE);
	assert_int_equal(handle_of(&name), 0);
	assert_true(key_entry_is_gone(old));
	assert_int_equal(key_entry_handle(new), 6);
}

static void
the_first_to_find_a_key_wins(void **state)
{
	const struct key_name name = tagged("a", 1);
	CLEANUP(key_entry) struct key_entry *first = put(&name, 1, 5);
	CLEANUP(key_entry) struct key_entry *second = put(&name, 1, 6);

	(void)state;
	assert_ptr_equal(first, second);
	assert_int_equal(handle_of(&name), 5);
}

static void
forgets_a_key_under_all_its_names(void **state)
{
	const struct key_name by_tag = tagged("a", 1);
	const struct key_name renamed = tagged("b", 1);
	const struct key_name by_uri = {.uri = "pkcs11:token=t", .label = "p"};
	const struct key_name other = tagged("a", 2);
	CLEANUP(key_entry) struct key_entry *held = put(&by_tag, 1, 5);

	(void)state;
	key_entry_release(put(&renamed, 1, 6));
	key_entry_release(put(&by_uri, 1, 7));
	key_entry_release(put(&other, 2, 8));
	key_cache_drop(cache, &by_tag);
	assert_int_equal(handle_of(&by_tag), 0);
	assert_int_equal(handle_of(&renamed), 0);
	assert_int_equal(handle_of(&by_uri), 0);
	assert_int_equal(handle_of(&other), 8);
	assert_true(key_entry_is_gone(held));
	assert_int_equal(key_entry_handle(held), 5); /* still readable */
}

static void
forgets_no_more_than_the_handle_that_failed(void **state)
{
	const struct key_name name = tagged("a", 1);
	CLEANUP(key_entry) struct key_entry *old = put(&name, 1, 5);
	CLEANUP(key_entry) struct key_entry *new = NULL;

	(void)state;
	key_cache_forget(cache, old);
	new = put(&name, 1, 6);
	key_cache_forget(cache, old); /* another thread, late */
	assert_int_equal(handle_of(&name), 6);
	assert_false(key_entry_is_gone(new));
}

static void
takes_no_key_that_is_being_removed(void **state)
{
	const struct key_name name = tagged("a", 1);
	const struct key_name by_label = {.label = "a"};
	const struct key_name successor = tagged("a", 2);
	const struct key_facts facts = {
	    .tag = {1, {1}}
        };
	CLEANUP(key_entry) struct key_entry *held = put(&name, 1, 5);
	struct key_entry *entry;
	struct key_doom doom;

	(void)state;
	key_cache_doom(cache, &name, &doom);
	assert_true(key_entry_is_gone(held));
	assert_int_equal(
	    key_cache_put(cache, &name, 1, 5, &facts, &entry, &err),
	    ERROR_NOT_FOUND);
	assert_int_equal(
	    key_cache_put(cache, &by_label, 1, 5, &facts, &entry, &err),
	    ERROR_NOT_FOUND);
	key_entry_release(put(&successor, 2, 6)); /* it is another key */
	key_cache_spare(cache, &doom);
	key_entry_release(put(&name, 1, 7));
	assert_int_equal(handle_of(&name), 7);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, create, destroy)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(tells_many_keys_apart),
	    TEST(a_handle_is_good_for_one_generation),
	    TEST(the_first_to_find_a_key_wins),
	    TEST(forgets_a_key_under_all_its_names),
	    TEST(forgets_no_more_than_the_handle_that_failed),
	    TEST(takes_no_key_that_is_being_removed),
	};

	return cmocka_run_group_tests_name("keyd cache", tests, NULL, NULL);
}
