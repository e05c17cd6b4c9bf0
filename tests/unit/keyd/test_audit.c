/* SPDX-License-Identifier: MIT */
/* The audit log as keyd writes it, and how it goes on after whatever end. */
#include "cmocka_wrap.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit_fixture.h"
#include "common/file.h"
#include "common/openssl.h"
#include "common/time.h"
#include "scratch.h"

static struct error err;

static void
chains_each_record_to_the_one_before(void **state)
{
	struct audit *audit = audit_open_in(state);
	CLEANUP(string) char *text = NULL;
	char previous[65];
	char *rest = NULL;

	memset(previous, '0', 64);
	previous[64] = '\0';
	assert_int_equal(audit_append_use(audit, "a", &err), ERROR_NONE);
	assert_int_equal(audit_append_use(audit, "b", &err), ERROR_NONE);
	audit_close(audit);

	text = audit_log_text(state);
	for (char *line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		char *hash = strstr(line, ",\"hash\":\"");
		CLEANUP(string) char *input = NULL;
		char expected[65];

		assert_non_null(hash);
		*hash = '\0';
		hash += strlen(",\"hash\":\"");
		input = string_format("%s%s", previous, line);
		assert_int_equal(
		    sha256_hex(input, strlen(input), expected, &err), 0);
		assert_int_equal(strncmp(hash, expected, 64), 0);
		memcpy(previous, expected, sizeof(previous));
	}
}

static void
records_who_did_what_with_which_key_and_how_it_went(void **state)
{
	struct audit *audit = audit_open_in(state);
	struct audit_record record = {.operation = "move",
	    .key = "a",
	    .other = "b",
	    .uid = 1001,
	    .pid = 4711,
	    .result = ERROR_DENIED,
	    .microseconds = 7};
	CLEANUP(json) json_t *records = NULL;
	const json_t *written;
	int64_t when;

	assert_int_equal(audit_append(audit, &record, &err), ERROR_NONE);
	audit_close(audit);
	records = audit_log_records(state);
	written = json_array_get(records, 1);
	assert_int_equal(
	    json_integer_value(json_object_get(written, "seq")), 2);
	assert_int_equal(
	    json_integer_value(json_object_get(written, "uid")), 1001);
	assert_int_equal(
	    json_integer_value(json_object_get(written, "pid")), 4711);
	assert_int_equal(json_integer_value(json_object_get(written, "us")), 7);
	assert_string_equal(audit_member(records, 1, "op"), "move");
	assert_string_equal(audit_member(records, 1, "key"), "a");
	assert_string_equal(audit_member(records, 1, "to"), "b");
	assert_string_equal(audit_member(records, 1, "result"), "denied");
	assert_int_equal(
	    time_parse(audit_member(records, 1, "time"), &when, &err),
	    ERROR_NONE);
	assert_true(when >= time_now() - 60 && when <= time_now());
	assert_int_equal(strlen(audit_member(records, 1, "time")),
	    strlen("2026-12-01T08:00:00.123Z"));
	assert_string_equal(audit_member(records, 0, "op"), "start");
	assert_string_equal(audit_member(records, 2, "op"), "stop");
}

static void
writes_any_id_as_json(void **state)
{
	static const char *const ids[][2] = {
	    {"\"},{\"seq\":9",     "\"},{\"seq\":9"                      },
	    {"a\\b/c",             "a\\b/c"                              },
	    {"gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f"                  },
	    {"\xf0\x9f\x94\x91",   "\xf0\x9f\x94\x91"                    },
	    {"x\xff\xc3y",         "x\xef\xbf\xbd\xef\xbf\xbdy"          },
	    {"\xed\xa0\x80",       "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
	};
	struct audit *audit = audit_open_in(state);
	CLEANUP(json) json_t *records = NULL;

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		assert_int_equal(
		    audit_append_use(audit, ids[i][0], &err), ERROR_NONE);
	audit_close(audit);
	records = audit_log_records(state);
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		assert_string_equal(
		    audit_member(records, i + 1, "key"), ids[i][1]);
	assert_int_equal(audit_verify_in(state).errors, 0);
}

static void
is_for_its_owner_alone(void **state)
{
	CLEANUP(string) char *folder = audit_path_in(state, "audit");
	CLEANUP(string) char *log = audit_path_in(state, "audit/audit.log");
	struct audit_settings settings = audit_settings_of(state);
	struct stat status;

	settings.folder = folder;
	audit_close(audit_open_with(&settings));
	assert_int_equal(stat(folder, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0700);
	assert_int_equal(stat(log, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
}

static void
is_there_before_append_returns(void **state)
{
	struct audit *audit = audit_open_in(state);
	CLEANUP(json) json_t *records = NULL;

	assert_int_equal(audit_append_use(audit, "a", &err), ERROR_NONE);
	records = audit_log_records(state);
	assert_int_equal(json_array_size(records), 2);
	audit_close(audit);
}

static void
goes_on_after_a_restart(void **state)
{
	CLEANUP(json) json_t *records = NULL;

	for (int i = 0; i < 3; i++) {
		struct audit *audit = audit_open_in(state);

		assert_int_equal(
		    audit_append_use(audit, "a", &err), ERROR_NONE);
		audit_close(audit);
	}
	records = audit_log_records(state);
	assert_int_equal(json_array_size(records), 9);
	assert_int_equal(audit_verify_in(state).errors, 0);
	assert_int_equal(audit_verify_in(state).records, 9);
	assert_int_equal(audit_verify_in(state).head.sequence, 9);
}

static void
add_to_log(void *const *state, const char *text, size_t length)
{
	CLEANUP(string) char *path = audit_path_in(state, "audit.log");
	int file = open(path, O_WRONLY | O_APPEND);

	assert_true(file >= 0);
	assert_int_equal(write(file, text, length), (ssize_t)length);
	assert_int_equal(close(file), 0);
}

static void
sets_a_torn_line_aside(void **state)
{
	static const char torn[] = "{\"seq\":4,\"time\":\"20";
	CLEANUP(json) json_t *records = NULL;

	audit_close(audit_open_in(state));
	add_to_log(state, torn, strlen(torn));
	assert_int_equal(audit_verify_in(state).errors, 0);

	audit_close(audit_open_in(state));
	records = audit_log_records(state);
	assert_string_equal(audit_member(records, 2, "op"), "torn");
	assert_string_equal(audit_member(records, 2, "text"), torn);
	assert_int_equal(audit_verify_in(state).errors, 0);
}

static void
sets_zeros_that_a_power_cut_left_aside(void **state)
{
	static const char zeros[20000];

	audit_close(audit_open_in(state));
	add_to_log(state, zeros, sizeof(zeros));
	audit_close(audit_open_in(state));
	assert_int_equal(audit_verify_in(state).errors, 0);
	assert_int_equal(audit_verify_in(state).records, 5);
}

static void
shows_for_ever_that_records_were_removed(void **state)
{
	CLEANUP(string) char *path = audit_path_in(state, "audit.log");
	struct audit *audit = audit_open_in(state);
	struct stat status;

	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(audit_append_use(audit, "a", &err), ERROR_NONE);
	audit_close(audit);
	assert_int_equal(truncate(path, status.st_size), 0);
	assert_int_equal(audit_verify_in(state).errors, 1);
	/* A restart, which notes a new head, does not cover it. */
	audit_close(audit_open_in(state));
	assert_int_equal(audit_verify_in(state).errors, 1);
}

static void
goes_on_behind_a_line_that_is_none(void **state)
{
	CLEANUP(string) char *head = audit_path_in(state, "head");

	audit_close(audit_open_in(state));
	add_to_log(state, "forged\n", strlen("forged\n"));
	assert_int_equal(unlink(head), 0);
	audit_close(audit_open_in(state));
	assert_int_equal(audit_verify_in(state).errors, 1);
	assert_int_equal(audit_verify_in(state).records, 4);
}

#define TEST(function)                                                         \
	cmocka_unit_test_setup_teardown(                                       \
	    function, scratch_create, scratch_remove)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(chains_each_record_to_the_one_before),
	    TEST(records_who_did_what_with_which_key_and_how_it_went),
	    TEST(writes_any_id_as_json),
	    TEST(is_for_its_owner_alone),
	    TEST(is_there_before_append_returns),
	    TEST(goes_on_after_a_restart),
	    TEST(sets_a_torn_line_aside),
	    TEST(sets_zeros_that_a_power_cut_left_aside),
	    TEST(shows_for_ever_that_records_were_removed),
	    TEST(goes_on_behind_a_line_that_is_none),
	};

	return cmocka_run_group_tests_name("audit", tests, NULL, NULL);
}
