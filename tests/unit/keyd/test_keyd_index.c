/* SPDX-License-Identifier: MIT */
/* The index: what it keeps, and what a crash or a damaged file does to it. */
#include "cmocka_wrap.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/file.h"
#include "index.h"

static char directory[] = "/tmp/keyd-index.XXXXXX";
static char path[64];
static struct index *records;
static struct error err;

static int
setup(void **state)
{
	(void)state;
	memset(directory + strlen(directory) - 6, 'X', 6);
	assert_non_null(mkdtemp(directory));
	(void)snprintf(path, sizeof(path), "%s/index.json", directory);
	assert_int_equal(index_open(path, &records, &err), ERROR_NONE);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	index_close(records);
	(void)unlink(path);
	return rmdir(directory);
}

static void
reopen(void)
{
	index_close(records);
	records = NULL;
	assert_int_equal(index_open(path, &records, &err), ERROR_NONE);
}

static struct index_record
record_of(const char *id, unsigned char tag)
{
	struct index_record record = {
	    .serial = "5e41a1",
	    .tag = {1, {tag}},
	    .algorithm = KEY_RSA,
	    .created = 4102444800, /* 2100 */
	};

	(void)snprintf(record.id, sizeof(record.id), "%s", id);
	(void)snprintf(record.label, sizeof(record.label), "%s", id);
	return record;
}

static void
put(const char *id, unsigned char tag)
{
	struct index_record record = record_of(id, tag);

	assert_int_equal(index_put(records, &record, &err), ERROR_NONE);
}

/* The tag of id; 0 if there is no such id. */
static unsigned char
tag_of(const char *id)
{
	struct index_record record;

	return index_get(records, KEY_PAIR, id, &record) ? record.tag.data[0]
							 : 0;
}

static size_t
count_doomed(void)
{
	CLEANUP_DONE(index_list) struct index_list list = {0};

	assert_int_equal(index_list_doomed(records, &list, &err), ERROR_NONE);
	return list.count;
}

static void
keeps_what_it_is_told(void **state)
{
	struct index_record record;
	struct stat status;

	(void)state;
	put("b/%\"\xc3\xa9", 1);
	put("a", 2);
	reopen();
	assert_true(index_get(records, KEY_PAIR, "b/%\"\xc3\xa9", &record));
	assert_string_equal(record.label, "b/%\"\xc3\xa9");
	assert_string_equal(record.serial, "5e41a1");
	assert_int_equal(record.algorithm, KEY_RSA);
	assert_int_equal(record.created, 4102444800);
	assert_int_equal(tag_of("a"), 2);
	assert_int_equal(tag_of("c"), 0);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
}

static void
keeps_the_id_that_programs_see(void **state)
{
	struct index_record record = record_of("a", 1);

	(void)state;
	record.pkcs11_id = (struct key_tag){
	    2, {0, 0xff}
        };
	assert_int_equal(index_put(records, &record, &err), ERROR_NONE);
	put("b", 2);
	reopen();
	assert_int_equal(index_move(records, "a", "c", &err), ERROR_NONE);
	reopen();
	assert_true(index_get(records, KEY_PAIR, "c", &record));
	assert_int_equal(record.pkcs11_id.length, 2);
	assert_memory_equal(record.pkcs11_id.data, "\x00\xff", 2);
	assert_true(index_get(records, KEY_PAIR, "b", &record));
	assert_int_equal(record.pkcs11_id.length, 0);
}

static void
lists_in_order(void **state)
{
	CLEANUP_DONE(index_list) struct index_list list = {0};

	(void)state;
	put("b", 1);
	put("c", 2);
	put("a", 3);
	assert_int_equal(index_list(records, &list, &err), ERROR_NONE);
	assert_int_equal(list.count, 3);
	assert_string_equal(list.items[0].id, "a");
	assert_string_equal(list.items[1].id, "b");
	assert_string_equal(list.items[2].id, "c");
}

static void
moves_in_one_step(void **state)
{
	(void)state;
	put("from", 1);
	put("to", 2);
	assert_int_equal(index_move(records, "from", "to", &err), ERROR_NONE);
	reopen();
	assert_int_equal(tag_of("from"), 0);
	assert_int_equal(tag_of("to"), 1);
	assert_int_equal(count_doomed(), 1);
	assert_int_equal(
	    index_move(records, "from", "to", &err), ERROR_NOT_FOUND);
	assert_int_equal(tag_of("to"), 1);
}

static struct index_record
secret_of(const char *id, unsigned char tag)
{
	struct index_record record = record_of(id, tag);

	record.kind = KEY_SECRET;
	record.usage = KEY_SIGNS | KEY_DERIVES;
	return record;
}

static void
keeps_pairs_and_secrets_of_one_id_apart(void **state)
{
	struct index_record secret = secret_of("a", 2);
	struct index_record found;

	(void)state;
	put("a", 1);
	assert_int_equal(index_put(records, &secret, &err), ERROR_NONE);
	reopen();
	assert_int_equal(tag_of("a"), 1);
	assert_true(index_get(records, KEY_SECRET, "a", &found));
	assert_int_equal(found.tag.data[0], 2);
	assert_int_equal(found.usage, KEY_SIGNS | KEY_DERIVES);
	assert_false(found.in_file);
	assert_int_equal(
	    index_remove(records, KEY_SECRET, "a", &err), ERROR_NONE);
	assert_int_equal(tag_of("a"), 1);
	assert_false(index_get(records, KEY_SECRET, "a", &found));
	assert_int_equal(count_doomed(), 1);
}

static void
replaces_a_secret_and_dooms_the_former(void **state)
{
	struct index_record former = secret_of("a", 1);
	struct index_record next = secret_of("a", 2);
	struct index_record in_file = secret_of("a", 0);
	struct index_record found;

	(void)state;
	in_file.in_file = true;
	in_file.tag.length = 0;
	in_file.serial[0] = '\0';
	assert_int_equal(index_put(records, &former, &err), ERROR_NONE);
	assert_int_equal(index_replace(records, &next, &err), ERROR_NONE);
	assert_int_equal(count_doomed(), 1);
	/* What is the same object is not destroyed. */
	assert_int_equal(index_replace(records, &next, &err), ERROR_NONE);
	assert_int_equal(count_doomed(), 1);
	assert_int_equal(index_replace(records, &in_file, &err), ERROR_NONE);
	assert_int_equal(count_doomed(), 2);
	assert_int_equal(index_replace(records, &in_file, &err), ERROR_NONE);
	reopen();
	assert_int_equal(count_doomed(), 2);
	assert_true(index_get(records, KEY_SECRET, "a", &found));
	assert_true(found.in_file);
}

static void
remembers_what_is_to_be_destroyed(void **state)
{
	struct index_record record = record_of("a", 1);

	(void)state;
	put("a", 1);
	assert_int_equal(
	    index_remove(records, KEY_PAIR, "a", &err), ERROR_NONE);
	reopen();
	assert_int_equal(tag_of("a"), 0);
	assert_int_equal(count_doomed(), 1);
	assert_true(index_owns(records, KEY_PAIR, "5e41a1", &record.tag, "a"));
	assert_int_equal(
	    index_forget_doomed(records, &record, &err), ERROR_NONE);
	reopen();
	assert_int_equal(count_doomed(), 0);
	assert_false(index_owns(records, KEY_PAIR, "5e41a1", &record.tag, "a"));
}

static void
gives_an_object_to_one_id_only(void **state)
{
	struct index_record again = record_of("b", 1);
	struct index_record untagged = record_of("c", 0);

	(void)state;
	again.label[0] = 'a';
	put("a", 1);
	assert_int_equal(index_put(records, &again, &err), ERROR_EXISTS);
	assert_int_equal(
	    index_remove(records, KEY_PAIR, "a", &err), ERROR_NONE);
	assert_int_equal(index_put(records, &again, &err), ERROR_EXISTS);

	untagged.tag.length = 0;
	assert_int_equal(index_put(records, &untagged, &err), ERROR_NONE);
	assert_true(
	    index_owns(records, KEY_PAIR, "5e41a1", &untagged.tag, "c"));
	assert_false(
	    index_owns(records, KEY_PAIR, "other", &untagged.tag, "c"));
}

static void
a_failed_write_changes_nothing(void **state)
{
	struct index_record record = record_of("b", 2);

	(void)state;
	put("a", 1);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(directory), 0);
	assert_int_equal(index_put(records, &record, &err), ERROR_INTERNAL);
	assert_int_equal(
	    index_remove(records, KEY_PAIR, "a", &err), ERROR_INTERNAL);
	assert_int_equal(tag_of("a"), 1);
	assert_int_equal(tag_of("b"), 0);
	assert_int_equal(mkdir(directory, 0700), 0);
	put("b", 2);
	reopen();
	assert_int_equal(tag_of("a"), 1);
}

static void
leaves_a_damaged_file_alone(void **state)
{
#define RECORD(member) "{\"version\":1,\"doomed\":[],\"keys\":[{" member "}]}"
#define NAMES "\"id\":\"a\",\"label\":\"a\",\"token\":\"s\",\"kind\":\"pair\","
	static const char *const texts[] = {
	    "",
	    "{",
	    "[]",
	    "{\"version\":2,\"keys\":[],\"doomed\":[]}",
	    "{\"version\":1,\"keys\":{},\"doomed\":[]}",
	    "{\"version\":1,\"keys\":[]}",
	    RECORD(""),
	    RECORD(NAMES "\"algorithm\":\"EC\",\"cka_id\":\"xyz\""),
	    RECORD(NAMES "\"algorithm\":\"DSA\",\"cka_id\":\"00\""),
	    RECORD(NAMES "\"algorithm\":\"EC\",\"cka_id\":\"00\","
			 "\"created\":\"now\""),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct index *damaged = NULL;
		CLEANUP(string) char *text = NULL;

		print_message("%s\n", texts[i]);
		assert_int_equal(
		    file_write(path, texts[i], strlen(texts[i]), 0600, &err),
		    ERROR_NONE);
		assert_int_equal(
		    index_open(path, &damaged, &err), ERROR_INVALID);
		assert_non_null(strstr(err.message, path));
		assert_int_equal(
		    file_read(path, 4096, &text, NULL, &err), ERROR_NONE);
		assert_string_equal(text, texts[i]);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(keeps_what_it_is_told),
	    TEST(keeps_the_id_that_programs_see),
	    TEST(lists_in_order),
	    TEST(moves_in_one_step),
	    TEST(keeps_pairs_and_secrets_of_one_id_apart),
	    TEST(replaces_a_secret_and_dooms_the_former),
	    TEST(remembers_what_is_to_be_destroyed),
	    TEST(gives_an_object_to_one_id_only),
	    TEST(a_failed_write_changes_nothing),
	    TEST(leaves_a_damaged_file_alone),
	};

	return cmocka_run_group_tests_name("keyd index", tests, NULL, NULL);
}
