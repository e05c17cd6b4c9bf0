/* SPDX-License-Identifier: MIT */
/* config apply: the files, all or nothing. */
#include "cmocka_wrap.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apply.h"
#include "apply_journal.h"
#include "common/file.h"
#include "scratch.h"

/* Renames go through here, so that each can be made to fail in turn. */
static int renames_until_failure = -1;

int
rename(const char *old, const char *new)
{
	if (renames_until_failure == 0) {
		renames_until_failure = -1;
		errno = EIO;
		return -1;
	}
	if (renames_until_failure > 0)
		renames_until_failure--;
	return renameat(AT_FDCWD, old, AT_FDCWD, new);
}

#define RENAMES (2 * APPLY_DAEMONS + 1)

static const char *folder;

static int
setup(void **state)
{
	int failed = scratch_create(state);

	folder = *state;
	return failed || setenv("SIGNET_CONFIG_DIR", folder, 1);
}

static int
teardown(void **state)
{
	renames_until_failure = -1;
	return scratch_remove(state);
}

static enum error_code
apply_uri(const char *uri, bool changed[APPLY_DAEMONS], struct error *err)
{
	CLEANUP_DONE(document) struct document document = {0};
	CLEANUP_DONE(super_config) struct super_config config = {0};
	CLEANUP_DONE(apply) struct apply plan = {0};
	CLEANUP(string)
	char *text = string_format("trust_bundle_cert: \"%s\"\n"
				   "preloaded_keys: { a: \"%s\" }\n"
				   "preloaded_certs: { a: \"%s\" }\n",
	    uri, uri, uri);
	enum error_code code;

	assert_int_equal(
	    document_parse("c", text, strlen(text), &document, err),
	    ERROR_NONE);
	assert_int_equal(
	    super_config_read(&document, NULL, &config, err), ERROR_NONE);
	code = apply_plan(&config, &plan, err);
	if (!code)
		code = apply_at_once(&plan, err);
	for (size_t i = 0; !code && i < APPLY_DAEMONS; i++)
		changed[i] = plan.items[i].changed;
	return code;
}

static char *
path_of(const char *name)
{
	return string_format("%s/%s", folder, name);
}

static const char *const files[] = {
    "keyd/config.yaml", "certd/config.yaml", "provisiond/config.yaml"};

static void
assert_holds(const char *name, const char *part)
{
	CLEANUP(string) char *path = path_of(name);
	CLEANUP(string) char *text = NULL;
	struct error err;

	assert_int_equal(file_read(path, 10000, &text, NULL, &err), ERROR_NONE);
	assert_non_null(strstr(text, part));
}

static void
assert_mode(const char *name, mode_t mode)
{
	CLEANUP(string) char *path = path_of(name);
	struct stat status;

	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, mode);
}

/* No file of ours but the three is there. */
static void
assert_nothing_staged(void)
{
	CLEANUP(string) char *journal = apply_journal_path();

	for (size_t i = 0; i < APPLY_DAEMONS; i++) {
		CLEANUP(string)
		char *path = string_format("%s/%s.new", folder, files[i]);

		CLEANUP(string)
		char *kept = string_format("%s/%s.old", folder, files[i]);

		assert_false(file_exists(path));
		assert_false(file_exists(kept));
	}
	assert_false(file_exists(journal));
}

static void
writes_each_daemon_s_file_for_it_alone(void **state)
{
	bool changed[APPLY_DAEMONS];
	struct error err;

	(void)state;
	assert_int_equal(apply_uri("file:///one", changed, &err), ERROR_NONE);
	for (size_t i = 0; i < APPLY_DAEMONS; i++) {
		assert_true(changed[i]);
		assert_holds(files[i], "file:///one");
		assert_mode(files[i], 0600);
	}
	assert_mode("keyd", 0700);
	assert_mode("certd", 0700);
	assert_mode("provisiond", 0700);
	assert_nothing_staged();
}

static void
leaves_alone_what_is_so_already(void **state)
{
	CLEANUP(string) char *path = path_of(files[1]);
	bool changed[APPLY_DAEMONS];
	struct error err;

	(void)state;
	assert_int_equal(apply_uri("file:///one", changed, &err), ERROR_NONE);
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(apply_uri("file:///one", changed, &err), ERROR_NONE);
	assert_false(changed[0]);
	assert_true(changed[1]); /* others could read it */
	assert_false(changed[2]);
	assert_mode(files[1], 0600);
}

static void
changes_nothing_when_a_file_cannot_be_staged(void **state)
{
	CLEANUP(string) char *obstacle = path_of("provisiond");
	CLEANUP(string) char *keyd = path_of(files[0]);
	bool changed[APPLY_DAEMONS];
	struct error err;

	(void)state;
	assert_int_equal(file_write(obstacle, "", 0, 0600, &err), ERROR_NONE);
	assert_int_not_equal(
	    apply_uri("file:///one", changed, &err), ERROR_NONE);
	assert_false(file_exists(keyd));
	assert_nothing_staged();
}

/* Three renames stage the files, one is the journal's, three switch them. */
static void
is_all_or_nothing_whichever_rename_fails(void **state)
{
	bool changed[APPLY_DAEMONS];
	struct error err;

	(void)state;
	assert_int_equal(apply_uri("file:///one", changed, &err), ERROR_NONE);
	for (int failing = 0; failing < RENAMES; failing++) {
		renames_until_failure = failing;
		assert_int_equal(
		    apply_uri("file:///two", changed, &err), ERROR_INTERNAL);
		assert_ptr_equal(
		    strstr(err.message, "nothing is changed: "), err.message);
		for (size_t i = 0; i < APPLY_DAEMONS; i++) {
			assert_holds(files[i], "file:///one");
			assert_mode(files[i], 0600);
		}
		assert_nothing_staged();
	}
}

static void
leaves_no_file_behind_where_there_was_none(void **state)
{
	bool changed[APPLY_DAEMONS];
	struct error err;

	(void)state;
	renames_until_failure = RENAMES - 1;
	assert_int_equal(
	    apply_uri("file:///one", changed, &err), ERROR_INTERNAL);
	for (size_t i = 0; i < APPLY_DAEMONS; i++) {
		CLEANUP(string) char *path = path_of(files[i]);

		assert_false(file_exists(path));
	}
	assert_nothing_staged();
}

/* --- one at a time -------------------------------------------------------- */

static int
hold(int operation)
{
	int lock = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(lock >= 0);
	assert_int_equal(flock(lock, operation), 0);
	return lock;
}

static void *
let_go_soon(void *lock)
{
	(void)usleep(100000);
	(void)close(*(int *)lock);
	return NULL;
}

static void
waits_for_one_that_asks_whether_it_is_at_work(void **state)
{
	int asking = hold(LOCK_SH);
	pthread_t thread;
	struct error err;
	int lock = -1;

	(void)state;
	assert_false(apply_is_locked());
	assert_int_equal(
	    pthread_create(&thread, NULL, let_go_soon, &asking), 0);
	assert_int_equal(apply_lock(&lock, &err), ERROR_NONE);
	assert_true(apply_is_locked());
	assert_int_equal(close(lock), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_false(apply_is_locked());
}

static void
does_not_wait_for_another_that_is_at_work(void **state)
{
	int working = hold(LOCK_EX);
	struct error err;
	int lock;

	(void)state;
	assert_int_equal(apply_lock(&lock, &err), ERROR_UNAVAILABLE);
	assert_non_null(strstr(err.message, "another 'config apply'"));
	assert_int_equal(close(working), 0);
}

/* --- what an apply has left ----------------------------------------------- */

static struct apply
one_item(void)
{
	return (struct apply){.count = 1,
	    .items = {{.daemon = "certd",
		.path = strdup("/nowhere/config.yaml"),
		.runs = true,
		.changed = true}}};
}

static void
tells_what_is_due_from_what_is_under_way(void **state)
{
	CLEANUP_DONE(apply) struct apply plan = one_item();
	CLEANUP_DONE(apply) struct apply under_way = {0};
	CLEANUP_DONE(apply) struct apply over = {0};
	struct error err;

	(void)state;
	assert_null(apply_interruption());
	assert_int_equal(apply_journal_write(&plan, &err), ERROR_NONE);
	assert_non_null(apply_interruption());
	assert_int_equal(apply_journal_read(&under_way, &err), ERROR_NONE);
	assert_true(apply_changes_any(&under_way));
	assert_true(apply_is_due(&under_way, "certd"));

	assert_int_equal(apply_journal_close(&under_way, &err), ERROR_NONE);
	assert_null(apply_interruption());
	assert_int_equal(apply_journal_read(&over, &err), ERROR_NONE);
	assert_false(apply_changes_any(&over));
	assert_true(apply_is_due(&over, "certd"));
	assert_false(apply_is_due(&over, "keyd"));

	apply_set_due(&over, "certd", false);
	assert_int_equal(apply_journal_close(&over, &err), ERROR_NONE);
	assert_nothing_staged();
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		writes_each_daemon_s_file_for_it_alone, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		leaves_alone_what_is_so_already, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		changes_nothing_when_a_file_cannot_be_staged, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		is_all_or_nothing_whichever_rename_fails, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		leaves_no_file_behind_where_there_was_none, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		waits_for_one_that_asks_whether_it_is_at_work, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		does_not_wait_for_another_that_is_at_work, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		tells_what_is_due_from_what_is_under_way, setup, teardown),
	};

	return cmocka_run_group_tests_name("config apply", tests, NULL, NULL);
}
