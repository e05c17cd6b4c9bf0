/* SPDX-License-Identifier: MIT */
/* The assignment on disk. */
#include "cmocka_wrap.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/file.h"
#include "store.h"

static char directory[] = "/tmp/sgXXXXXX";

static int
setup(void **state)
{
	(void)state;
	(void)snprintf(directory, sizeof(directory), "/tmp/sgXXXXXX");
	return mkdtemp(directory) ? 0 : -1;
}

static char *
path_of(const char *name)
{
	char *path = string_format("%s/%s", directory, name);

	assert_non_null(path);
	return path;
}

static int
teardown(void **state)
{
	CLEANUP(string) char *path = path_of("device_info.json");
	CLEANUP(string) char *aside = path_of("device_info.json.corrupt");

	(void)state;
	(void)unlink(path);
	(void)unlink(aside);
	return rmdir(directory);
}

static void
put(const char *text)
{
	CLEANUP(string) char *path = path_of("device_info.json");
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static struct record
sample(void)
{
	static char endpoint[] = "https://dps.example", scope[] = "0ne1",
		    id[] = "dev-1", thumbprint[] = "ab12",
		    hub[] = "hub.example";

	return (struct record){
	    .origin = {endpoint,    scope, id, thumbprint, NULL},
	    .assignment = {.hub = hub, .device_id = id },
	    .assigned_at = INT64_C(4102444800),
	};
}

static void
loads_what_it_saved(void **state)
{
	const struct record saved = sample();
	CLEANUP_DONE(record) struct record loaded = {0};
	CLEANUP(string) char *path = path_of("device_info.json");
	struct stat status;
	struct error err;

	(void)state;
	assert_int_equal(
	    store_save(directory, STORE_ASSIGNMENT, &saved, &err), ERROR_NONE);
	assert_int_equal(
	    store_load(directory, STORE_ASSIGNMENT, &loaded, &err), ERROR_NONE);
	assert_string_equal(loaded.assignment.hub, saved.assignment.hub);
	assert_string_equal(
	    loaded.assignment.device_id, saved.assignment.device_id);
	assert_true(origin_agrees(&loaded.origin, &saved.origin));
	assert_int_equal(loaded.assigned_at, saved.assigned_at);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
}

static void
finds_nothing_at_first_and_after_removal(void **state)
{
	const struct record saved = sample();
	struct record loaded;
	struct error err;

	(void)state;
	assert_int_equal(store_load(directory, STORE_ASSIGNMENT, &loaded, &err),
	    ERROR_NOT_FOUND);
	assert_int_equal(
	    store_save(directory, STORE_ASSIGNMENT, &saved, &err), ERROR_NONE);
	assert_int_equal(
	    store_remove(directory, STORE_ASSIGNMENT, &err), ERROR_NONE);
	assert_int_equal(
	    store_remove(directory, STORE_ASSIGNMENT, &err), ERROR_NONE);
	assert_int_equal(store_load(directory, STORE_ASSIGNMENT, &loaded, &err),
	    ERROR_NOT_FOUND);
}

/* A record but for what stands before "made_for". */
#define RECORD(members)                                                        \
	"{" members ",\"made_for\":{\"endpoint\":\"e\",\"scope_id\":\"s\","    \
	"\"registration_id\":\"r\",\"thumbprint\":\"t\"}}"
#define NOON "\"assigned_at\":\"noon\""
#define NEW_YEAR "\"assigned_at\":\"2026-01-01T00:00:00Z\""

static void
assert_no_record(const char *text)
{
	CLEANUP(string) char *path = path_of("device_info.json");
	struct record loaded = {0};
	struct error err = {.message = ""};

	put(text);
	assert_int_equal(store_load(directory, STORE_ASSIGNMENT, &loaded, &err),
	    ERROR_INVALID);
	print_message("%s\n", err.message);
	assert_non_null(strstr(err.message, path));
	assert_null(loaded.assignment.hub);
}

static void
says_which_file_is_no_record(void **state)
{
	(void)state;
	assert_no_record("");
	assert_no_record("{");
	assert_no_record("[]");
	assert_no_record("null");
	assert_no_record("unprovisioned");
	assert_no_record("\"text\"");
	assert_no_record(RECORD("\"hub\":1"));
	assert_no_record(RECORD("\"hub\":\"h\""));
	assert_no_record(RECORD("\"hub\":\"h\",\"device_id\":\"d\"," NOON));
	assert_no_record(
	    RECORD("\"hub\":\"h/\",\"device_id\":\"d\"," NEW_YEAR));
	assert_no_record(
	    RECORD("\"hub\":\"h\",\"device_id\":\"d d\"," NEW_YEAR));
}

static void
keeps_aside_what_is_no_record(void **state)
{
	CLEANUP(string) char *aside = path_of("device_info.json.corrupt");
	CLEANUP(string) char *kept = NULL;
	struct record loaded;
	struct error err;

	(void)state;
	put("{half");
	assert_int_equal(store_set_aside(directory, &err), ERROR_NONE);
	assert_int_equal(store_load(directory, STORE_ASSIGNMENT, &loaded, &err),
	    ERROR_NOT_FOUND);
	assert_int_equal(file_read(aside, 64, &kept, NULL, &err), ERROR_NONE);
	assert_string_equal(kept, "{half");
}

static void
an_origin_agrees_unless_something_known_differs(void **state)
{
	char other[] = "other";
	const struct record record = sample();
	struct origin origin = record.origin;

	(void)state;
	assert_true(origin_agrees(&origin, &record.origin));
	origin.thumbprint = NULL;
	origin.registration_id = NULL;
	assert_true(origin_agrees(&origin, &record.origin));
	origin.thumbprint = other;
	assert_false(origin_agrees(&origin, &record.origin));
	origin.thumbprint = NULL;
	origin.scope_id = other;
	assert_false(origin_agrees(&origin, &record.origin));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		loads_what_it_saved, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		finds_nothing_at_first_and_after_removal, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		says_which_file_is_no_record, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		keeps_aside_what_is_no_record, setup, teardown),
	    cmocka_unit_test(an_origin_agrees_unless_something_known_differs),
	};

	return cmocka_run_group_tests_name(
	    "assignment store", tests, NULL, NULL);
}
