/* SPDX-License-Identifier: MIT */
/* What the store does with secrets, in a token and in files. */
#include "cmocka_wrap.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/file.h"
#include "software.h"
#include "store_fixture.h"

#define MESSAGE_MAX 70000

static struct key_store *store, *files;
static struct error err;
static unsigned char bytes[MESSAGE_MAX];

static int
open_stores(void **state)
{
	(void)state;
	store = store_fixture_open(STORE_TOKEN, false);
	files = store_fixture_open(NULL, true);
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)i;
	return 0;
}

static int
close_stores(void **state)
{
	(void)state;
	key_store_close(store);
	key_store_close(files);
	return 0;
}

static struct key_name
name_of(const struct key_facts *facts, const char *label)
{
	return (struct key_name){
	    .kind = KEY_SECRET,
	    .label = label,
	    .tag = facts->tag,
	    .serial = facts->serial,
	    .in_file = facts->in_file,
	};
}

static struct key_facts
generated(struct key_store *where, const char *label, unsigned usage)
{
	struct key_facts facts;

	if (key_store_generate_secret(where, label, usage, &facts, &err))
		fail_msg("%s", err.message);
	return facts;
}

static struct key_facts
imported(struct key_store *where, const char *label, const void *secret,
    size_t length, unsigned usage)
{
	struct key_input input = {secret, length};
	struct key_facts facts;

	if (key_store_import_secret(where, label, &input, usage, &facts, &err))
		fail_msg("%s", err.message);
	return facts;
}

static void
makes_secrets_that_the_token_keeps(void **state)
{
	struct key_facts mac = generated(store, "mac", KEY_SIGNS | KEY_DERIVES);
	struct key_facts aes = generated(store, "aes", KEY_ENCRYPTS);
	const struct key_facts *both[] = {&mac, &aes};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(both[i]->kind, KEY_SECRET);
		assert_int_equal(both[i]->bits, 256);
		assert_true(both[i]->sensitive && both[i]->always_sensitive &&
			    both[i]->never_extractable && both[i]->local);
		assert_false(both[i]->extractable || both[i]->in_file);
		assert_true(both[i]->tag.length > 0);
	}
	assert_int_equal(mac.usage, KEY_SIGNS | KEY_DERIVES);
	assert_int_equal(aes.usage, KEY_ENCRYPTS);
	assert_non_null(strstr(mac.location, "token=device;object=mac"));
}

static void
assert_macs(struct key_store *where, const char *label, const void *secret,
    size_t secret_length, size_t length)
{
	struct key_facts facts =
	    imported(where, label, secret, secret_length, KEY_SIGNS);
	struct key_name name = name_of(&facts, label);
	struct key_input key = {secret, secret_length};
	struct key_input message = {bytes, length};
	unsigned char expected[KEY_MAC_SIZE], mac[KEY_MAC_SIZE];

	assert_int_equal(
	    software_mac(&key, &message, expected, &err), ERROR_NONE);
	if (key_store_mac(where, &name, &message, mac, &err))
		fail_msg("%s", err.message);
	assert_memory_equal(mac, expected, sizeof(mac));
	assert_int_equal(key_store_destroy(where, &name, &err), ERROR_NONE);
	assert_int_equal(
	    key_store_mac(where, &name, &message, mac, &err), ERROR_NOT_FOUND);
}

static void
makes_the_macs_of_secrets_of_every_length(void **state)
{
	static const size_t lengths[] = {1, 31, 32, 33, 64, 65, 131, 4096};

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		assert_macs(store, "m", bytes + 1, lengths[i], 100);
		assert_macs(files, "m", bytes + 1, lengths[i], 100);
	}
	assert_macs(store, "m", bytes, 32, 0);
	assert_macs(files, "m", bytes, 32, 0);
	assert_macs(store, "m", bytes, 32, MESSAGE_MAX);
	assert_macs(files, "m", bytes, 32, MESSAGE_MAX);
}

static void
macs_as_aziot_does(void **state)
{
	/* The vectors of the wire reference: master of 32 zero bytes. */
	static const unsigned char zeros[32];
	static const unsigned char derived[] = {0x3b, 0x59, 0x5a, 0x0a, 0x07,
	    0xd4, 0xec, 0x3b, 0xbc, 0xfd, 0x6f, 0x02, 0x9a, 0xa6, 0x0e, 0x48,
	    0x22, 0xb0, 0xf4, 0xc8, 0x4a, 0x8f, 0xdf, 0xa9, 0x4f, 0x28, 0x3b,
	    0x32, 0x31, 0xef, 0x66, 0x89};
	struct key_store *stores[] = {store, files};
	unsigned char mac[KEY_MAC_SIZE];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct key_facts facts =
		    imported(stores[i], "aziot_identityd_master_id", zeros,
			sizeof(zeros), KEY_SIGNS | KEY_DERIVES);
		struct key_name name =
		    name_of(&facts, "aziot_identityd_master_id");
		struct key_input data = {
		    (const unsigned char *)"m1:637:primary", 14};

		assert_int_equal(
		    key_store_mac(stores[i], &name, &data, mac, &err),
		    ERROR_NONE);
		assert_memory_equal(mac, derived, sizeof(mac));
	}
}

static void
assert_seals(struct key_store *where, size_t secret_length, size_t iv_length,
    size_t aad_length, size_t length)
{
	struct key_facts facts =
	    imported(where, "s", bytes, secret_length, KEY_ENCRYPTS);
	struct key_name name = name_of(&facts, "s");
	struct key_input key = {bytes, secret_length};
	struct key_seal seal = {
	    {bytes + 3, iv_length },
            {bytes,     aad_length}
        };
	struct key_input plain = {bytes + 7, length};
	CLEANUP(bytes)
	unsigned char *expected = malloc(length + KEY_SEAL_SIZE);
	CLEANUP(bytes) unsigned char *sealed = malloc(length + KEY_SEAL_SIZE);
	CLEANUP(bytes) unsigned char *back = malloc(length + 1);
	struct key_input input = {sealed, length + KEY_SEAL_SIZE};
	bool genuine;

	assert_int_equal(
	    software_seal(&key, &seal, &plain, expected, &err), ERROR_NONE);
	if (key_store_seal(where, &name, &seal, &plain, sealed, &err))
		fail_msg("%s", err.message);
	assert_memory_equal(sealed, expected, length + KEY_SEAL_SIZE);
	assert_int_equal(
	    key_store_unseal(where, &name, &seal, &input, back, &genuine, &err),
	    ERROR_NONE);
	assert_true(genuine);
	assert_memory_equal(back, plain.data, length);
	assert_int_equal(key_store_destroy(where, &name, &err), ERROR_NONE);
}

static void
seals_by_the_bytes_of_aes_gcm(void **state)
{
	struct key_store *stores[] = {store, files};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		assert_seals(stores[i], 32, 12, 10, 100);
		assert_seals(stores[i], 16, 12, 1, 16);
		assert_seals(stores[i], 32, 12, 0, 1);
		assert_seals(stores[i], 32, 12, 5, 0);
		assert_seals(stores[i], 32, 12, 1000, MESSAGE_MAX - 7);
		assert_seals(stores[i], 32, 16, 3, 33);
	}
}

static void
assert_forgery_is_seen(struct key_store *where)
{
	struct key_facts facts = generated(where, "box", KEY_ENCRYPTS);
	struct key_name name = name_of(&facts, "box");
	struct key_seal seal = {
	    {bytes, 12},
            {bytes, 4 }
        };
	struct key_seal other_iv = {
	    {bytes + 1, 12},
            {bytes,     4 }
        };
	struct key_seal other_aad = {
	    {bytes, 12},
            {bytes, 5 }
        };
	struct key_input plain = {bytes, 50};
	unsigned char sealed[50 + KEY_SEAL_SIZE], back[50] = {0xee};
	struct key_input input = {sealed, sizeof(sealed)};
	const struct {
		const struct key_seal *seal;
		size_t spoiled;
	} cases[] = {
	    {&other_iv,  0             },
	    {&other_aad, 0             },
	    {&seal,      1             },
	    {&seal,      sizeof(sealed)},
	};
	bool genuine;

	assert_int_equal(
	    key_store_seal(where, &name, &seal, &plain, sealed, &err),
	    ERROR_NONE);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (cases[i].spoiled)
			sealed[cases[i].spoiled - 1] ^= 1;
		genuine = true;
		assert_int_equal(key_store_unseal(where, &name, cases[i].seal,
				     &input, back, &genuine, &err),
		    ERROR_NONE);
		assert_false(genuine);
		assert_int_equal(back[0], 0xee);
		if (cases[i].spoiled)
			sealed[cases[i].spoiled - 1] ^= 1;
	}
	assert_int_equal(
	    key_store_unseal(where, &name, &seal, &input, back, &genuine, &err),
	    ERROR_NONE);
	assert_true(genuine);
	assert_int_equal(key_store_destroy(where, &name, &err), ERROR_NONE);
}

static void
sees_what_was_not_sealed_with_this_secret(void **state)
{
	struct token_figures figures[KEY_STORE_TOKENS_MAX];

	(void)state;
	assert_forgery_is_seen(store);
	assert_forgery_is_seen(files);
	/* SoftHSM says CKR_GENERAL_ERROR; that must not count as a fault. */
	assert_int_equal(key_store_figures(store, figures), 1);
	assert_int_equal(figures[0].faults, 0);
}

static void
a_pair_and_a_secret_may_share_a_label(void **state)
{
	struct key_facts secret = generated(store, "both", KEY_SIGNS), pair;
	struct key_name of_secret = {.kind = KEY_SECRET, .label = "both"};
	struct key_name of_pair = {.kind = KEY_PAIR, .label = "both"};
	struct key_facts found;

	(void)state;
	assert_int_equal(key_store_generate(store, "both", KEY_SPEC_P256,
			     KEY_SIGNS, &pair, &err),
	    ERROR_NONE);
	assert_int_equal(
	    key_store_find(store, &of_secret, &found, &err), ERROR_NONE);
	assert_true(key_tag_equal(&found.tag, &secret.tag));
	assert_int_equal(
	    key_store_destroy(store, &of_secret, &err), ERROR_NONE);
	assert_int_equal(
	    key_store_find(store, &of_secret, &found, &err), ERROR_NOT_FOUND);
	assert_int_equal(
	    key_store_find(store, &of_pair, &found, &err), ERROR_NONE);
	assert_true(key_tag_equal(&found.tag, &pair.tag));
	assert_int_equal(key_store_destroy(store, &of_pair, &err), ERROR_NONE);
}

static void
count_key(void *context, const char *label, const struct key_tag *tag)
{
	unsigned *count = context;

	(void)tag;
	if (strcmp(label, "twice") == 0)
		(*count)++;
}

static void
an_import_stands_beside_the_old_one_until_that_is_removed(void **state)
{
	struct key_facts old = imported(store, "twice", bytes, 32, KEY_SIGNS);
	struct key_facts new =
	    imported(store, "twice", bytes + 1, 32, KEY_SIGNS);
	struct key_name names[] = {
	    name_of(&old, "twice"), name_of(&new, "twice")};
	struct key_input message = {bytes, 3};
	unsigned char macs[2][KEY_MAC_SIZE];
	unsigned count = 0;

	(void)state;
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(
		    key_store_mac(store, &names[i], &message, macs[i], &err),
		    ERROR_NONE);
	assert_memory_not_equal(macs[0], macs[1], KEY_MAC_SIZE);
	assert_int_equal(
	    key_store_list(store, KEY_SECRET, NULL, count_key, &count, &err),
	    ERROR_NONE);
	assert_int_equal(count, 2); /* session copies are not there */
	assert_int_equal(key_store_destroy(store, &names[0], &err), ERROR_NONE);
	assert_int_equal(
	    key_store_mac(store, &names[1], &message, macs[0], &err),
	    ERROR_NONE);
	assert_memory_equal(macs[0], macs[1], KEY_MAC_SIZE);
}

static void
goes_to_a_file_only_where_that_is_allowed(void **state)
{
	static const char file[] = "keys/aziotidentitydmasterid-91b92c2c06a5a5d"
				   "da5fbc9c48b4d428d930b9c1b8b2956a1044ccbc7a"
				   "266afc9.key";
	struct key_store *strict = store_fixture_open(NULL, false);
	CLEANUP(string) char *path = store_fixture_path(file);
	struct key_facts facts;
	struct stat status;

	(void)state;
	assert_int_equal(
	    key_store_generate_secret(strict, "n", KEY_SIGNS, &facts, &err),
	    ERROR_INVALID);
	assert_non_null(strstr(err.message, "symmetric_keys: file"));
	key_store_close(strict);
	/* HMAC and AES at once: no token has such a secret. */
	assert_int_equal(key_store_generate_secret(store, "n",
			     KEY_SIGNS | KEY_ENCRYPTS, &facts, &err),
	    ERROR_INVALID);
	assert_non_null(strstr(err.message, "symmetric_keys: file"));

	facts = generated(files, "aziot_identityd_master_id", KEY_SIGNS);
	assert_true(facts.in_file && facts.extractable);
	assert_false(facts.sensitive);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_int_equal(status.st_size, 32);
	assert_non_null(strstr(facts.location, file));
}

static void
takes_the_bytes_of_a_preloaded_file_as_they_are(void **state)
{
	static const char secret[] = " secret\n";
	CLEANUP(string) char *path = store_fixture_path("preloaded.key");
	CLEANUP(string) char *uri = string_format("file://%s", path);
	struct key_name name = {
	    .kind = KEY_SECRET, .uri = uri, .label = "preloaded"};
	struct key_input key = {(const unsigned char *)secret, 8};
	struct key_input message = {bytes, 9};
	unsigned char expected[KEY_MAC_SIZE], mac[KEY_MAC_SIZE];
	struct key_facts facts;

	(void)state;
	assert_int_equal(file_write(path, secret, 8, 0600, &err), ERROR_NONE);
	assert_int_equal(
	    software_mac(&key, &message, expected, &err), ERROR_NONE);
	assert_int_equal(
	    key_store_mac(files, &name, &message, mac, &err), ERROR_NONE);
	assert_memory_equal(mac, expected, sizeof(mac));
	assert_int_equal(
	    key_store_find(files, &name, &facts, &err), ERROR_NONE);
	assert_int_equal(facts.usage, KEY_SIGNS | KEY_DERIVES);
	assert_int_equal(file_write(path, "", 0, 0600, &err), ERROR_NONE);
	assert_int_equal(
	    key_store_find(files, &name, &facts, &err), ERROR_NOT_FOUND);
}

static void
a_pem_file_is_no_secret(void **state)
{
	static const char pem[] = "-----BEGIN PRIVATE KEY-----\n";
	CLEANUP(string) char *path = store_fixture_path("pair.pem");
	CLEANUP(string) char *uri = string_format("file://%s", path);
	struct key_name name = {
	    .kind = KEY_SECRET, .uri = uri, .label = "pair"};
	struct key_facts facts;

	(void)state;
	assert_int_equal(
	    file_write(path, pem, strlen(pem), 0600, &err), ERROR_NONE);
	assert_int_equal(
	    key_store_find(files, &name, &facts, &err), ERROR_INVALID);
	assert_non_null(strstr(err.message, "PEM"));
}

static void
finds_a_secret_of_another_program_and_gives_it_an_id(void **state)
{
	struct key_name by_label = {.kind = KEY_SECRET, .label = "aziots"};
	struct key_name preloaded = {
	    .kind = KEY_SECRET,
	    .uri = STORE_TOKEN "&object=none", /* replaced below */
	    .label = "p",
	};
	const struct key_tag tag = {
	    3, {7, 8, 9}
        };
	struct key_facts facts;

	(void)state;
	store_fixture_tool("--keygen", "--key-type", "GENERIC:32", "--label",
	    "aziots", "--usage-sign", NULL);
	assert_int_equal(
	    key_store_find(store, &by_label, &facts, &err), ERROR_NONE);
	assert_int_equal(
	    key_store_set_tag(store, &by_label, &tag, &err), ERROR_NONE);
	by_label.tag = tag;
	assert_int_equal(
	    key_store_find(store, &by_label, &facts, &err), ERROR_NONE);
	assert_true(key_tag_equal(&facts.tag, &tag));
	preloaded.uri = "pkcs11:token=device;object=aziots;type=secret-key"
			"?pin-value=" STORE_PIN;
	assert_int_equal(
	    key_store_find(store, &preloaded, &facts, &err), ERROR_NONE);
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, open_stores, close_stores)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(makes_secrets_that_the_token_keeps),
	    TEST(makes_the_macs_of_secrets_of_every_length),
	    TEST(macs_as_aziot_does),
	    TEST(seals_by_the_bytes_of_aes_gcm),
	    TEST(sees_what_was_not_sealed_with_this_secret),
	    TEST(a_pair_and_a_secret_may_share_a_label),
	    TEST(an_import_stands_beside_the_old_one_until_that_is_removed),
	    TEST(goes_to_a_file_only_where_that_is_allowed),
	    TEST(takes_the_bytes_of_a_preloaded_file_as_they_are),
	    TEST(a_pem_file_is_no_secret),
	    TEST(finds_a_secret_of_another_program_and_gives_it_an_id),
	};

	return cmocka_run_group_tests_name("store secrets", tests,
	    store_fixture_setup, store_fixture_teardown);
}
