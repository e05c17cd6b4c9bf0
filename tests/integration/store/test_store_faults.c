/* SPDX-License-Identifier: MIT */
/* Threads that use a token while it fails in every way, at random. */
#include "cmocka_wrap.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/file.h"
#include "common/time.h"
#include "store_fixture.h"

#define SIGNERS 8
#define FAULTS_MS 20000
#define HEALING_MS 60000
#define LABEL "signer"

static const unsigned char digest[32] = {1, 2, 3};

static struct key_store *store;
static struct key_facts facts;
static char *folder;
static atomic_bool stops;
static atomic_ulong signatures, keys, failures;

/* What a thread saw that must not be, the first of it: cmocka can fail a test
   on its own thread only. */
static pthread_mutex_t odd_lock = PTHREAD_MUTEX_INITIALIZER;
static struct error odd;

static void
note_odd(const struct error *seen)
{
	pthread_mutex_lock(&odd_lock);
	if (odd.code == ERROR_NONE)
		odd = *seen;
	pthread_mutex_unlock(&odd_lock);
}

/* ---- orders for faulty_pkcs11.c ---- */

static void
order(const char *name, const char *value)
{
	CLEANUP(string) char *draft = store_fixture_path("order");
	CLEANUP(string) char *path = string_format("%s/%s", folder, name);
	FILE *file = fopen(draft, "w");

	assert_non_null(file);
	assert_true(fputs(value, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(rename(draft, path), 0);
}

static void
withdraw(const char *name)
{
	CLEANUP(string) char *path = string_format("%s/%s", folder, name);

	(void)unlink(path);
}

/* Each lasts for a while, unless it is good once only. */
static const struct {
	const char *name, *value;
	unsigned milliseconds;
} faults[] = {
    {"C_Sign.once",             "0x30",    0   },
    {"C_Sign.once",             "0xb3",    0   },
    {"C_SignInit.once",         "0x5",     0   },
    {"C_FindObjectsInit.once",  "0x32",    0   },
    {"C_GenerateKeyPair.once",  "0x30",    0   },
    {"C_CopyObject.once",       "0xb3",    0   },
    {"sessions-lost",           "",        0   },
    {"reinitialized",           "",        0   },
    {"C_Sign.chance",           "20 0x30", 300 },
    {"C_OpenSession",           "0xe0",    300 },
    {"C_Login",		 "0x30",    300 },
    {"C_GetTokenInfo",          "0x5",     300 },
    {"C_Initialize",            "0x5",     300 },
    {"C_Sign.sleep",            "50",      300 },
    {"C_GenerateKeyPair.sleep", "200",     300 },
    {"token-removed",           "",        500 },
    {"C_Sign.hang",             "2",       1500},
    {"C_FindObjectsInit.hang",  "1",       1500},
    {"C_Login.hang",            "1",       1500},
};
#define FAULTS (sizeof(faults) / sizeof(faults[0]))

static void
fail_at_random(void)
{
	int64_t end = time_monotonic_ms() + FAULTS_MS;
	unsigned state = 20261126;

	while (time_monotonic_ms() < end) {
		state = state * 1103515245U + 12345U;

		size_t which = state / 65536 % FAULTS;

		order(faults[which].name, faults[which].value);
		time_sleep_ms(faults[which].milliseconds);
		if (faults[which].milliseconds > 0)
			withdraw(faults[which].name);
		time_sleep_ms(100);
	}
	for (size_t i = 0; i < FAULTS; i++)
		withdraw(faults[i].name);
}

/* ---- who uses the token ---- */

static bool
signs(struct error *err)
{
	const struct key_name name = {.label = LABEL, .tag = facts.tag};
	const struct key_input input = {digest, sizeof(digest)};
	struct key_signature signature;

	if (key_store_sign(store, &name, KEY_ECDSA, &input, &signature, err))
		return false;
	/* A sample: to verify takes longer than to sign. */
	if (atomic_fetch_add(&signatures, 1) % 16 == 0 &&
	    !store_fixture_verifies(&facts, KEY_ECDSA, &input, &signature)) {
		(void)error_set(err, ERROR_INTERNAL, "a wrong signature");
		note_odd(err);
	}
	return true;
}

static void *
sign_on(void *argument)
{
	struct error err;

	(void)argument;
	while (!stops)
		if (!signs(&err)) {
			if (err.code != ERROR_UNAVAILABLE)
				note_odd(&err);
			failures++;
			time_sleep_ms(5);
		}
	return NULL;
}

static void *
make_keys_on(void *argument)
{
	struct error err;

	(void)argument;
	while (!stops) {
		struct key_facts made;

		if (key_store_generate(store, "made", KEY_SPEC_P256, KEY_SIGNS,
			&made, &err) == ERROR_NONE) {
			struct key_name name = {
			    .label = "made", .tag = made.tag};

			(void)!key_store_destroy(store, &name, &err);
			keys++;
		}
		time_sleep_ms(20);
	}
	return NULL;
}

/* Looks on, as a watchdog and a reader of metrics do. */
static void *
look_on(void *argument)
{
	struct token_figures figures[KEY_STORE_TOKENS_MAX];
	struct error err;

	(void)argument;
	while (!stops) {
		(void)!key_store_hang(store, NULL, &err);
		(void)key_store_alive(store);
		(void)key_store_figures(store, figures);
		(void)key_store_sessions(store, NULL);
		time_sleep_ms(10);
	}
	return NULL;
}

static void
use_while_it_fails(void)
{
	pthread_t threads[SIGNERS + 2];

	for (size_t i = 0; i < SIGNERS; i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, sign_on, NULL), 0);
	assert_int_equal(
	    pthread_create(&threads[SIGNERS], NULL, make_keys_on, NULL), 0);
	assert_int_equal(
	    pthread_create(&threads[SIGNERS + 1], NULL, look_on, NULL), 0);
	fail_at_random();
	stops = true;
	for (size_t i = 0; i < SIGNERS + 2; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
}

/* ---- the test ---- */

static void
open_store(void)
{
	const struct key_store_settings settings = {
	    .module = FAULTY_PKCS11,
	    .token_uri = STORE_TOKEN,
	    .token_timeout = 1,
	    .generation_timeout = 2,
	};
	struct error err;

	folder = store_fixture_path("orders");
	assert_int_equal(mkdir(folder, 0700), 0);
	assert_int_equal(setenv("FAULTY_ORDERS", folder, 1), 0);
	assert_int_equal(
	    setenv("FAULTY_MODULE", "/usr/lib/softhsm/libsofthsm2.so", 1), 0);
	if (key_store_open(&settings, &store, &err) ||
	    key_store_generate(
		store, LABEL, KEY_SPEC_P256, KEY_SIGNS, &facts, &err))
		fail_msg("%s", err.message);
}

static void
assert_heals(void)
{
	int64_t end = time_monotonic_ms() + HEALING_MS;
	struct error err;

	while (!signs(&err)) {
		if (time_monotonic_ms() > end)
			fail_msg("%s", err.message);
		time_sleep_ms(100);
	}
}

static void
is_well_after_any_faults(void **state)
{
	struct token_figures figures[KEY_STORE_TOKENS_MAX];
	struct error err;

	(void)state;
	open_store();
	use_while_it_fails();
	assert_heals();
	if (odd.code != ERROR_NONE)
		fail_msg("error %d: %s", (int)odd.code, odd.message);
	print_message("%lu signatures, %lu keys, %lu refusals\n", signatures,
	    keys, failures);

	assert_int_equal(key_store_hang(store, NULL, &err), ERROR_NONE);
	assert_true(key_store_alive(store));
	assert_int_equal(key_store_figures(store, figures), 1);
	print_message("%lu faults, %lu openings, %lu starts\n",
	    figures[0].faults, figures[0].openings, figures[0].starts);
	assert_int_equal(figures[0].condition, TOKEN_OPEN);
	assert_int_equal(figures[0].leased, 0);
	assert_int_equal(figures[0].hung, 0);
	assert_true(figures[0].sessions <= figures[0].limit + 2);
	assert_int_equal(figures[0].refusals, 0);
	/* It was no walk-over, and there was work done all the same. */
	assert_true(figures[0].faults > 2 && failures > 0);
	assert_true(signatures > 100 && keys > 0);
	key_store_close(store);
	free(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(is_well_after_any_faults),
	};

	return cmocka_run_group_tests(
	    tests, store_fixture_setup, store_fixture_teardown);
}
