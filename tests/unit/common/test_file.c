/* SPDX-License-Identifier: MIT */
/* Files are the old or the new, and nothing lies about after a failure. */
#include "cmocka_wrap.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/file.h"
#include "scratch.h"

static const char *folder;
static char path[64];

static int
make_folder(void **state)
{
	int result = scratch_create(state);

	folder = *state;
	(void)snprintf(path, sizeof(path), "%s/f", folder);
	return result;
}

static void
assert_content(const char *expected)
{
	CLEANUP(string) char *data = NULL;
	size_t length;
	struct error err;

	assert_int_equal(
	    file_read(path, 1000, &data, &length, &err), ERROR_NONE);
	assert_int_equal(length, strlen(expected));
	assert_string_equal(data, expected);
}

static size_t
count_entries(void)
{
	DIR *directory = opendir(folder);
	size_t count = 0;

	while (readdir(directory))
		count++;
	(void)closedir(directory);
	return count - 2; /* "." and ".." */
}

static void
replaces_a_file_and_its_mode(void **state)
{
	struct stat status;
	struct error err;

	(void)state;
	assert_int_equal(file_write(path, "old", 3, 0644, &err), ERROR_NONE);
	assert_int_equal(file_write(path, "new!", 4, 0600, &err), ERROR_NONE);
	assert_content("new!");
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_int_equal(file_write(path, "", 0, 0640, &err), ERROR_NONE);
	assert_content("");
	assert_int_equal(count_entries(), 1);
}

static void
keeps_the_old_file_when_writing_fails(void **state)
{
	const struct rlimit small = {.rlim_cur = 4, .rlim_max = RLIM_INFINITY};
	const struct rlimit large = {
	    .rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
	struct error err;
	enum error_code code;

	(void)state;
	assert_int_equal(file_write(path, "old", 3, 0600, &err), ERROR_NONE);
	/* The disk is full after four bytes, as far as we can tell. */
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	code = file_write(path, "longer", 6, 0600, &err);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &large), 0);

	assert_int_equal(code, ERROR_INTERNAL);
	assert_non_null(strstr(err.message, "/f': write: File too large"));
	assert_content("old");
	assert_int_equal(count_entries(), 1);
}

static void
leaves_nothing_when_the_rename_fails(void **state)
{
	CLEANUP(string) char *target = string_format("%s/d", folder);
	struct error err;
	size_t before;

	(void)state;
	assert_int_equal(mkdir(target, 0700), 0);
	before = count_entries();
	assert_int_equal(
	    file_write(target, "x", 1, 0600, &err), ERROR_INTERNAL);
	assert_non_null(strstr(err.message, "rename: Is a directory"));
	assert_int_equal(count_entries(), before);
	assert_int_equal(rmdir(target), 0);
}

static void
says_why_a_file_cannot_be_read(void **state)
{
	CLEANUP(string) char *fifo = string_format("%s/fifo", folder);
	char *data = NULL;
	struct error err;

	(void)state;
	assert_int_equal(file_write(path, "12345", 5, 0600, &err), ERROR_NONE);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(file_read("/nonexistent/f", 10, &data, NULL, &err),
	    ERROR_NOT_FOUND);
	assert_int_equal(
	    file_read("/dev/null/f", 10, &data, NULL, &err), ERROR_NOT_FOUND);
	assert_int_equal(
	    file_read(folder, 10, &data, NULL, &err), ERROR_INVALID);
	assert_int_equal(file_read(fifo, 10, &data, NULL, &err), ERROR_INVALID);
	assert_int_equal(file_read(path, 4, &data, NULL, &err), ERROR_INVALID);
	assert_null(data);
	assert_int_equal(unlink(fifo), 0);
}

static void
reads_all_of_a_file_of_the_kernel(void **state)
{
	CLEANUP(string) char *data = NULL;
	char *none = NULL;
	struct error err;
	size_t length;

	(void)state;
	/* Its last lines are those of the stack and of what the kernel lends.
	 */
	assert_int_equal(
	    file_read("/proc/self/maps", 1 << 24, &data, &length, &err),
	    ERROR_NONE);
	assert_true(length > 0);
	assert_int_equal(strlen(data), length);
	assert_non_null(strstr(data, "[stack]"));
	assert_int_equal(data[length - 1], '\n');
	assert_int_equal(
	    file_read("/proc/self/maps", length / 2, &none, NULL, &err),
	    ERROR_INVALID);
	assert_null(none);
}

static void
removes_what_is_there(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(file_write(path, "x", 1, 0600, &err), ERROR_NONE);
	assert_true(file_exists(path));
	assert_int_equal(file_remove(path, &err), ERROR_NONE);
	assert_false(file_exists(path));
	assert_int_equal(file_remove(path, &err), ERROR_NONE);
	assert_int_equal(file_remove("/nonexistent/f", &err), ERROR_NONE);
	assert_int_equal(file_remove("/dev/null/f", &err), ERROR_INTERNAL);
}

static void
makes_folders_above_folders(void **state)
{
	CLEANUP(string) char *deep = string_format("%s/a//b/c", folder);
	CLEANUP(string) char *below = string_format("%s/d", path);
	struct stat status;
	struct error err;

	(void)state;
	assert_int_equal(file_make_directory(deep, 0700, &err), ERROR_NONE);
	assert_int_equal(file_make_directory(deep, 0700, &err), ERROR_NONE);
	assert_int_equal(stat(deep, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0700);
	assert_int_equal(file_make_directory("/", 0700, &err), ERROR_NONE);
	assert_int_equal(file_make_directory("", 0700, &err), ERROR_INTERNAL);
	assert_int_equal(file_write(path, "x", 1, 0600, &err), ERROR_NONE);
	assert_int_equal(
	    file_make_directory(below, 0700, &err), ERROR_INTERNAL);
	assert_int_equal(file_make_directory(path, 0700, &err), ERROR_INTERNAL);
}

static void
names_files_after_ids(void **state)
{
	static const struct {
		const char *id, *extension, *name;
	} cases[] = {
	    {"../a-1",                    "pem",
             "a1-"
		"6e3065f5f27e72f9aff278b9db25678149d80ba26192772b523c6709504924"
		"a7.pem"                    },
	    {"device-id",                 "key",
             "deviceid-"
		"bd732105ef89cf8edd2606a5309c8a26b7b5599a4e124a0fe6199b6b"
		"2f60e655.key"              },
	    {"aziot_identityd_master_id", "key",
             "aziotidentitydmasterid-"
		"91b92c2c06a5a5dda5fbc9c48b4d428d930b9c1b8b"
		"2956a1044ccbc7a266afc9.key"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CLEANUP(string)
		char *name = file_name_of_id(cases[i].id, cases[i].extension);

		assert_string_equal(name, cases[i].name);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(replaces_a_file_and_its_mode),
	    cmocka_unit_test(keeps_the_old_file_when_writing_fails),
	    cmocka_unit_test(leaves_nothing_when_the_rename_fails),
	    cmocka_unit_test(says_why_a_file_cannot_be_read),
	    cmocka_unit_test(reads_all_of_a_file_of_the_kernel),
	    cmocka_unit_test(removes_what_is_there),
	    cmocka_unit_test(makes_folders_above_folders),
	    cmocka_unit_test(names_files_after_ids),
	};

	return cmocka_run_group_tests_name(
	    "file", tests, make_folder, scratch_remove);
}
