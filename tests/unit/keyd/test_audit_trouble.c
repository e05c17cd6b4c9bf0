/* SPDX-License-Identifier: MIT */
/* The audit log on a disk that is full, with many threads, and the journal. */
#include "cmocka_wrap.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "audit_fixture.h"
#include "common/file.h"
#include "common/time.h"
#include "scratch.h"

#define PATIENCE_MS 60000

static struct error err;

/* ---- a disk that is full ---- */

/* Lets the log grow by so many bytes: then write() says EFBIG. */
static void
limit_growth(void *const *state, long bytes)
{
	CLEANUP(string) char *path = audit_path_in(state, "audit.log");
	struct rlimit limit;
	struct stat status;

	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur =
	    bytes < 0 ? limit.rlim_max : (rlim_t)(status.st_size + bytes);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static int
teardown(void **state)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_FSIZE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_FSIZE, &limit);
	}
	return scratch_remove(state);
}

static void
refuses_what_cannot_be_recorded(void **state)
{
	struct audit *audit = audit_open_in(state);

	limit_growth(state, 50); /* a part of a line */
	assert_int_equal(audit_ready(audit, &err), ERROR_NONE);
	assert_int_equal(audit_append_use(audit, "a", &err), ERROR_UNAVAILABLE);
	assert_non_null(strstr(err.message, "cannot be written"));
	assert_non_null(strstr(err.message, "File too large"));
	assert_int_equal(audit_ready(audit, &err), ERROR_UNAVAILABLE);
	limit_growth(state, -1);
	assert_int_equal(audit_ready(audit, &err), ERROR_NONE);
	audit_close(audit);
}

static void
writes_what_it_kept_when_the_disk_has_room_again(void **state)
{
	struct audit *audit = audit_open_in(state);
	CLEANUP(json) json_t *records = NULL;

	limit_growth(state, 50);
	assert_int_equal(audit_append_use(audit, "a", &err), ERROR_UNAVAILABLE);
	assert_int_equal(audit_append_use(audit, "b", &err), ERROR_UNAVAILABLE);
	limit_growth(state, -1);
	assert_int_equal(audit_append_use(audit, "c", &err), ERROR_NONE);
	audit_close(audit);
	records = audit_log_records(state);
	assert_string_equal(audit_member(records, 1, "key"), "a");
	assert_string_equal(audit_member(records, 2, "key"), "b");
	assert_string_equal(audit_member(records, 3, "key"), "c");
	assert_int_equal(audit_verify_in(state).errors, 0);
}

static void
says_how_many_best_effort_has_lost(void **state)
{
	struct audit_settings settings = audit_settings_of(state);
	struct audit_figures figures;
	struct audit *audit;
	CLEANUP(json) json_t *records = NULL;
	size_t last;

	settings.mode = AUDIT_BEST_EFFORT;
	audit = audit_open_with(&settings);
	limit_growth(state, 0);
	for (int i = 0; i < 5000; i++) {
		assert_int_equal(audit_ready(audit, &err), ERROR_NONE);
		assert_int_equal(
		    audit_append_use(audit, "a", &err), ERROR_NONE);
	}
	audit_figures(audit, &figures);
	assert_true(figures.failing);
	assert_true(figures.lost > 0 && figures.lost < 5000);
	limit_growth(state, -1);
	assert_int_equal(audit_append_use(audit, "b", &err), ERROR_NONE);
	audit_close(audit);

	records = audit_log_records(state);
	last = json_array_size(records) - 1;
	assert_string_equal(audit_member(records, last - 1, "key"), "b");
	assert_string_equal(audit_member(records, last - 2, "op"), "lost");
	assert_int_equal(json_integer_value(json_object_get(
			     json_array_get(records, last - 2), "count")),
	    figures.lost);
	assert_int_equal(audit_verify_in(state).errors, 0);
}

/* ---- the thread ---- */

static bool
is_synced(struct audit *audit)
{
	struct audit_figures figures;

	audit_figures(audit, &figures);
	return figures.backlog_bytes == 0;
}

static void
brings_records_to_the_disk_by_itself(void **state)
{
	struct audit *audit = audit_open_in(state);
	int64_t end = time_monotonic_ms() + PATIENCE_MS;

	assert_int_equal(audit_append_use(audit, "a", &err), ERROR_NONE);
	while (!is_synced(audit) && time_monotonic_ms() < end)
		time_sleep_ms(10);
	assert_true(is_synced(audit));
	assert_int_equal(audit_verify_in(state).head.sequence, 2);
	audit_close(audit);
}

static size_t
count_files(void *const *state)
{
	return audit_verify_in(state).files;
}

static void
turns_the_file_at_its_size_and_keeps_some(void **state)
{
	struct audit_settings settings = audit_settings_of(state);
	int64_t end = time_monotonic_ms() + PATIENCE_MS;
	struct audit_summary summary;
	struct audit *audit;

	settings.file_size = 2000;
	audit = audit_open_with(&settings);
	/* The first record is lost with the file that it was in. */
	while (audit_verify_in(state).first == 1 && time_monotonic_ms() < end) {
		assert_int_equal(
		    audit_append_use(audit, "a", &err), ERROR_NONE);
		time_sleep_ms(1);
	}
	audit_close(audit);
	assert_int_equal(count_files(state), 4);
	summary = audit_verify_in(state);
	assert_int_equal(summary.errors, 0);
	assert_true(summary.first > 1);
}

static void
goes_on_when_it_ended_while_the_file_was_turned(void **state)
{
	CLEANUP(string) char *current = audit_path_in(state, "audit.log");
	CLEANUP(string)
	char *old = audit_path_in(state, "audit-000000000001.log");

	audit_close(audit_open_in(state));
	/* NOLINTNEXTLINE(readability-suspicious-call-argument): a good order */
	assert_int_equal(rename(current, old), 0);
	audit_close(audit_open_in(state));
	assert_int_equal(audit_verify_in(state).errors, 0);
	assert_int_equal(audit_verify_in(state).records, 4);
}

static void
begins_a_new_file_when_somebody_removes_it(void **state)
{
	CLEANUP(string) char *path = audit_path_in(state, "audit.log");
	struct audit *audit = audit_open_in(state);
	int64_t end = time_monotonic_ms() + PATIENCE_MS;

	assert_int_equal(unlink(path), 0);
	while (!file_exists(path) && time_monotonic_ms() < end) {
		assert_int_equal(
		    audit_append_use(audit, "a", &err), ERROR_NONE);
		time_sleep_ms(10);
	}
	assert_int_equal(audit_append_use(audit, "b", &err), ERROR_NONE);
	audit_close(audit);
	/* What was removed with it is missing. */
	assert_true(audit_verify_in(state).first > 2);
	assert_int_equal(audit_verify_in(state).errors, 0);
}

static void *
append_many(void *audit)
{
	struct audit_record record = {.operation = "sign", .key = "a"};
	struct error failure;

	for (int i = 0; i < 400; i++)
		if (audit_ready(audit, &failure) ||
		    audit_append(audit, &record, &failure))
			return audit;
	return NULL;
}

static void
keeps_the_order_of_many_threads(void **state)
{
	struct audit_settings settings = audit_settings_of(state);
	struct audit_summary summary;
	struct audit *audit;
	pthread_t threads[8];
	void *failed;

	settings.file_size = 100000;
	settings.files = 100;
	audit = audit_open_with(&settings);
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, append_many, audit), 0);
	for (size_t i = 0; i < 8; i++) {
		assert_int_equal(pthread_join(threads[i], &failed), 0);
		assert_null(failed);
	}
	audit_close(audit);
	summary = audit_verify_in(state);
	assert_int_equal(summary.errors, 0);
	/* Beside ours: start, stop, and one at the head of a new file. */
	assert_int_equal(summary.records, 8 * 400 + 2 + summary.files - 1);
}

/* ---- the journal ---- */

static int
open_journal(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int journal = socket(AF_UNIX, SOCK_DGRAM, 0);

	assert_true(journal >= 0);
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	assert_int_equal(
	    bind(journal, (const struct sockaddr *)&address, sizeof(address)),
	    0);
	return journal;
}

static void
repeats_records_to_the_journal(void **state)
{
	CLEANUP(string) char *path = audit_path_in(state, "journal");
	struct audit_settings settings = audit_settings_of(state);
	int journal = open_journal(path);
	struct audit *audit;
	char entry[1024];
	ssize_t got;

	settings.journal_socket = path;
	audit = audit_open_with(&settings);
	assert_int_equal(audit_append_use(audit, "a", &err), ERROR_NONE);
	audit_close(audit);
	got = recv(journal, entry, sizeof(entry) - 1, 0);
	assert_true(got > 0);
	entry[got] = '\0';
	assert_non_null(strstr(entry, "\"op\":\"start\""));
	got = recv(journal, entry, sizeof(entry) - 1, 0);
	assert_true(got > 0);
	entry[got] = '\0';
	assert_non_null(strstr(entry, "\nMESSAGE={\"seq\":2,"));
	assert_non_null(strstr(entry, "\"key\":\"a\""));
	assert_int_equal(close(journal), 0);
}

static void
counts_what_the_journal_does_not_take(void **state)
{
	CLEANUP(string) char *path = audit_path_in(state, "no-journal");
	struct audit_settings settings = audit_settings_of(state);
	int64_t end = time_monotonic_ms() + PATIENCE_MS;
	struct audit_figures figures = {0};
	struct audit *audit;

	settings.journal_socket = path;
	audit = audit_open_with(&settings);
	assert_int_equal(audit_append_use(audit, "a", &err), ERROR_NONE);
	while (figures.journal_lost < 2 && time_monotonic_ms() < end) {
		audit_figures(audit, &figures);
		time_sleep_ms(10);
	}
	assert_int_equal(figures.journal_lost, 2);
	audit_close(audit);
}

static void
records_nothing_when_it_is_off(void **state)
{
	CLEANUP(string) char *path = audit_path_in(state, "audit.log");
	struct audit_settings settings = audit_settings_of(state);
	struct audit *audit = (struct audit *)*state;

	settings.mode = AUDIT_OFF;
	assert_int_equal(audit_open(&settings, &audit, &err), ERROR_NONE);
	assert_null(audit);
	assert_int_equal(audit_ready(audit, &err), ERROR_NONE);
	assert_int_equal(audit_append_use(audit, "a", &err), ERROR_NONE);
	audit_close(audit);
	assert_false(file_exists(path));
}

#define TEST(function)                                                         \
	cmocka_unit_test_setup_teardown(function, scratch_create, teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(refuses_what_cannot_be_recorded),
	    TEST(writes_what_it_kept_when_the_disk_has_room_again),
	    TEST(says_how_many_best_effort_has_lost),
	    TEST(brings_records_to_the_disk_by_itself),
	    TEST(turns_the_file_at_its_size_and_keeps_some),
	    TEST(goes_on_when_it_ended_while_the_file_was_turned),
	    TEST(begins_a_new_file_when_somebody_removes_it),
	    TEST(keeps_the_order_of_many_threads),
	    TEST(repeats_records_to_the_journal),
	    TEST(counts_what_the_journal_does_not_take),
	    TEST(records_nothing_when_it_is_off),
	};

	return cmocka_run_group_tests_name("audit trouble", tests, NULL, NULL);
}
