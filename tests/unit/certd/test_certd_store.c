/* SPDX-License-Identifier: MIT */
/* Certificates as files. The store does not look into their text. */
#include "cmocka_wrap.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "common/file.h"
#include "config.h"
#include "scratch.h"
#include "store.h"

#define FILE_MAX 65536
#define LISTS_MAX 100

/* aziot's name for the file of "aziot-edged-ca". */
#define EDGED_FILE                                                             \
	"aziotedgedca-"                                                        \
	"86f154be7ff14480027f0d00c59c223db6d9e4ab0b559fc523cca36a7c973d6d.cer"

static const char *directory;
static struct certd_config config;

static int
setup(void **state)
{
	int result = scratch_create(state);

	directory = *state;
	return result;
}

static int
teardown(void **state)
{
	certd_config_done(&config);
	return scratch_remove(state);
}

static char *
path_of(const char *name)
{
	return string_format("%s/%s", directory, name);
}

static struct cert_store *
open_store(void)
{
	CLEANUP(string) char *certs = path_of("state/certs");
	struct cert_store *store = NULL;
	struct error err;

	if (cert_store_open(certs, &config.preloaded_certs, &store, &err))
		fail_msg("%s", err.message);
	return store;
}

static void
assert_reads(
    const struct cert_store *store, const char *id, const char *expected)
{
	CLEANUP(string) char *pem = NULL;
	struct error err;

	assert_int_equal(cert_store_read(store, id, &pem, &err), ERROR_NONE);
	assert_string_equal(pem, expected);
}

static void
assert_missing(const struct cert_store *store, const char *id)
{
	char *pem = NULL;
	struct error err;

	assert_int_equal(
	    cert_store_read(store, id, &pem, &err), ERROR_NOT_FOUND);
	assert_null(pem);
}

static void
put(const struct cert_store *store, const char *id, const char *pem)
{
	struct error err;

	if (cert_store_write(store, id, pem, &err))
		fail_msg("%s", err.message);
}

static void
reads_back_what_it_wrote(void **state)
{
	CLEANUP(cert_store) struct cert_store *store = open_store();
	struct error err;

	(void)state;
	assert_missing(store, "a");
	put(store, "a", "one\n");
	put(store, "b/c", "two");
	assert_reads(store, "a", "one\n");
	assert_reads(store, "b/c", "two");
	put(store, "a", "# certificate\nthree\n");
	assert_reads(store, "a", "# certificate\nthree\n");
	assert_int_equal(cert_store_remove(store, "a", &err), ERROR_NONE);
	assert_int_equal(cert_store_remove(store, "a", &err), ERROR_NONE);
	assert_missing(store, "a");
	assert_reads(store, "b/c", "two");
}

static void
finds_the_files_that_aziot_left(void **state)
{
	CLEANUP(cert_store) struct cert_store *store = open_store();
	CLEANUP(string) char *path = path_of("state/certs/" EDGED_FILE);
	struct error err;

	(void)state;
	assert_int_equal(file_write(path, "left\n", 5, 0600, &err), ERROR_NONE);
	assert_reads(store, "aziot-edged-ca", "left\n");
	put(store, "aziot-edged-ca", "new\n");
	assert_reads(store, "aziot-edged-ca", "new\n");
	assert_true(file_exists(path));
	assert_int_equal(
	    cert_store_remove(store, "aziot-edged-ca", &err), ERROR_NONE);
	assert_false(file_exists(path));
}

static void
refuses_ids_too_long_for_a_file_name(void **state)
{
	CLEANUP(cert_store) struct cert_store *store = open_store();
	char id[300];
	struct error err;

	(void)state;
	memset(id, 'a', sizeof(id) - 1);
	id[sizeof(id) - 1] = '\0';
	assert_int_equal(cert_store_write(store, id, "x", &err), ERROR_INVALID);
	memset(id, '-', sizeof(id) - 1);
	put(store, id, "only letters and digits count\n");
}

/* A store with a preloaded file "file", and a list of it and two others. */
static struct cert_store *
open_preloaded(char **ret_path)
{
	CLEANUP(string)
	char *text = string_format("preloaded_certs:\n"
				   "  file: 'file://%s/own.pem'\n"
				   "  list: [file, stored, missing]\n"
				   "  nothing: [missing]\n",
	    directory);
	struct error err;

	if (certd_config_parse(text, &config, &err))
		fail_msg("%s", err.message);
	*ret_path = path_of("own.pem");
	return open_store();
}

static void
joins_the_members_of_a_list_that_exist(void **state)
{
	CLEANUP(string) char *path = NULL;
	CLEANUP(cert_store) struct cert_store *store = open_preloaded(&path);
	struct error err;

	(void)state;
	assert_missing(store, "nothing");
	assert_missing(store, "list");
	put(store, "stored", "stored\n");
	assert_reads(store, "list", "stored\n");
	assert_int_equal(
	    file_write(path, "no newline", 10, 0600, &err), ERROR_NONE);
	assert_reads(store, "list", "no newline\nstored\n");
}

static void
writes_through_to_preloaded_files_but_not_to_lists(void **state)
{
	CLEANUP(string) char *path = NULL;
	CLEANUP(string) char *text = NULL;
	CLEANUP(cert_store) struct cert_store *store = open_preloaded(&path);
	struct error err;

	(void)state;
	put(store, "file", "pem\n");
	assert_int_equal(
	    file_read(path, FILE_MAX, &text, NULL, &err), ERROR_NONE);
	assert_string_equal(text, "pem\n");
	assert_int_equal(
	    cert_store_write(store, "list", "x", &err), ERROR_INVALID);
	assert_int_equal(cert_store_remove(store, "list", &err), ERROR_INVALID);
	assert_int_equal(cert_store_remove(store, "file", &err), ERROR_NONE);
	assert_false(file_exists(path));
}

static void
lists_files_by_id(void **state)
{
	CLEANUP(string) char *path = NULL;
	CLEANUP(string) char *left = path_of("state/certs/" EDGED_FILE);
	CLEANUP(cert_store) struct cert_store *store = open_preloaded(&path);
	struct cert_files files = {.items = NULL};
	struct error err;

	(void)state;
	put(store, "stored", "x");
	put(store, "a/b c", "x");
	assert_int_equal(file_write(left, "x", 1, 0600, &err), ERROR_NONE);
	assert_int_equal(cert_store_list(store, &files, &err), ERROR_NONE);
	assert_int_equal(files.count, 3);
	assert_string_equal(files.items[0].id, "a/b c");
	assert_string_equal(files.items[1].id, "file");
	assert_string_equal(files.items[1].path, path);
	assert_string_equal(files.items[2].id, "stored");
	assert_int_equal(files.problem.code, ERROR_NONE);
	cert_files_done(&files);
}

/* A configuration that names a file now has had it issued before. */
static void
keeps_what_a_preloaded_file_hides(void **state)
{
	CLEANUP(string) char *preloaded = NULL;
	CLEANUP(cert_store)
	struct cert_store *store = open_preloaded(&preloaded);
	CLEANUP(string) char *name = file_name_of_id("file", "cer");
	CLEANUP(string) char *in_folder = string_format("state/certs/%s", name);
	CLEANUP(string) char *path = path_of(in_folder);
	static const char text[] = "# certificate file\nx";
	struct cert_files files = {.items = NULL};
	struct error err;

	(void)state;
	assert_int_equal(
	    file_write(path, text, strlen(text), 0600, &err), ERROR_NONE);
	assert_int_equal(cert_store_list(store, &files, &err), ERROR_NONE);
	assert_int_equal(files.problem.code, ERROR_NONE);
	assert_int_equal(files.count, 1);
	assert_string_equal(files.items[0].path, preloaded);
	assert_true(file_exists(path));
	cert_files_done(&files);
}

/* What is odd is named, and hides nothing else. */
static void
leaves_out_and_tells_of_a_file_that_is_of_none(void **state)
{
	CLEANUP(string)
	char *long_line = string_format("# certificate %0300d\nx", 7);
	const struct {
		const char *text, *why;
	} odd[] = {
	    {"# certificate b\nx",                "that it is certificate 'b'"},
	    {"# certificate \nx",                 "that it is certificate ''" },
	    {"# certificate aziot\xff\nx",        "is none"                   },
	    {"# certificate aziot-edged-ca\r\nx", "is none"                   },
	    {long_line,			   "too long"                  },
	};
	CLEANUP(cert_store) struct cert_store *store = open_store();
	CLEANUP(string) char *path = path_of("state/certs/" EDGED_FILE);
	struct error err;

	(void)state;
	put(store, "whole", "x");
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		struct cert_files files = {.items = NULL};

		assert_int_equal(file_write(path, odd[i].text,
				     strlen(odd[i].text), 0600, &err),
		    ERROR_NONE);
		assert_int_equal(
		    cert_store_list(store, &files, &err), ERROR_NONE);
		assert_int_equal(files.count, 1);
		assert_string_equal(files.items[0].id, "whole");
		assert_int_equal(files.problem.code, ERROR_INVALID);
		assert_non_null(strstr(files.problem.message, path));
		if (!strstr(files.problem.message, odd[i].why))
			fail_msg("%zu: %s", i, files.problem.message);
		cert_files_done(&files);
	}
}

static void
tells_of_a_file_that_cannot_be_read(void **state)
{
	CLEANUP(cert_store) struct cert_store *store = open_store();
	CLEANUP(string) char *path = path_of("state/certs/" EDGED_FILE);
	struct cert_files files = {.items = NULL};
	struct error err;

	(void)state;
	put(store, "whole", "x");
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(cert_store_list(store, &files, &err), ERROR_NONE);
	assert_int_equal(files.count, 1);
	assert_int_not_equal(files.problem.code, ERROR_NONE);
	assert_non_null(strstr(files.problem.message, path));
	cert_files_done(&files);
}

static void
note_list(void *context, const char *list)
{
	char *all = context;
	size_t used = strlen(all);

	(void)snprintf(all + used, LISTS_MAX - used, "%s ", list);
}

static void
knows_in_which_lists_one_is(void **state)
{
	CLEANUP(string) char *path = NULL;
	CLEANUP(cert_store) struct cert_store *store = open_preloaded(&path);
	char all[LISTS_MAX] = "";

	(void)state;
	cert_store_each_list_with(store, "missing", note_list, all);
	assert_string_equal(all, "list nothing ");
	cert_store_each_list_with(store, "list", note_list, all);
	assert_string_equal(all, "list nothing ");
}

static bool
show(void *context, const char *id, char **ret_pem)
{
	if (strcmp(id, context) != 0)
		return false;
	*ret_pem = strdup("shown\n");
	return true;
}

static void
reads_what_is_shown_in_place_of_a_file_and_in_lists(void **state)
{
	CLEANUP(string) char *path = NULL;
	CLEANUP(cert_store) struct cert_store *store = open_preloaded(&path);
	char id[] = "stored";

	(void)state;
	put(store, "stored", "stored\n");
	put(store, "missing", "other\n");
	cert_store_overlay(store, show, id);
	assert_reads(store, "stored", "shown\n");
	assert_reads(store, "list", "shown\nother\n");
	assert_reads(store, "missing", "other\n");
}

static void
tells_where_a_certificate_cannot_be_written(void **state)
{
	CLEANUP(cert_store) struct cert_store *store = NULL;
	CLEANUP(string)
	char *text = string_format("preloaded_certs:\n"
				   "  file: 'file://%s/own.pem'\n"
				   "  gone: 'file://%s/gone/own.pem'\n",
	    directory, directory);
	CLEANUP(string) char *beside = path_of("own.pem.try");
	struct error err;

	(void)state;
	if (certd_config_parse(text, &config, &err))
		fail_msg("%s", err.message);
	store = open_store();
	assert_int_equal(
	    cert_store_check_place(store, "file", &err), ERROR_NONE);
	assert_int_equal(
	    cert_store_try_place(store, "file", "x", &err), ERROR_NONE);
	assert_false(file_exists(beside));
	assert_int_equal(
	    cert_store_check_place(store, "other", &err), ERROR_NONE);
	assert_int_equal(
	    cert_store_try_place(store, "other", "x", &err), ERROR_NONE);
	assert_int_equal(
	    cert_store_check_place(store, "gone", &err), ERROR_INTERNAL);
	assert_non_null(strstr(err.message, "ReadWritePaths="));
	assert_int_equal(
	    cert_store_try_place(store, "gone", "x", &err), ERROR_INTERNAL);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		reads_back_what_it_wrote, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		finds_the_files_that_aziot_left, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		tells_where_a_certificate_cannot_be_written, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		refuses_ids_too_long_for_a_file_name, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		joins_the_members_of_a_list_that_exist, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		writes_through_to_preloaded_files_but_not_to_lists, setup,
		teardown),
	    cmocka_unit_test_setup_teardown(lists_files_by_id, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		keeps_what_a_preloaded_file_hides, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		leaves_out_and_tells_of_a_file_that_is_of_none, setup,
		teardown),
	    cmocka_unit_test_setup_teardown(
		tells_of_a_file_that_cannot_be_read, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		knows_in_which_lists_one_is, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		reads_what_is_shown_in_place_of_a_file_and_in_lists, setup,
		teardown),
	};

	return cmocka_run_group_tests_name("certd store", tests, NULL, NULL);
}
