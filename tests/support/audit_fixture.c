/* SPDX-License-Identifier: MIT */
#include "audit_fixture.h"

#include <string.h>

#include "cmocka_wrap.h"
#include "common/file.h"

#define LOG_MAX ((size_t)16 * 1024 * 1024)

struct audit_settings
audit_settings_of(void *const *state)
{
	return (struct audit_settings){
	    .folder = *state, .file_size = LOG_MAX, .files = 3};
}

struct audit *
audit_open_with(const struct audit_settings *settings)
{
	struct audit *audit = NULL;
	struct error err;

	if (audit_open(settings, &audit, &err))
		fail_msg("%s", err.message);
	return audit;
}

struct audit *
audit_open_in(void *const *state)
{
	struct audit_settings settings = audit_settings_of(state);

	return audit_open_with(&settings);
}

enum error_code
audit_append_use(struct audit *audit, const char *key, struct error *err)
{
	struct audit_record record = {.operation = "sign",
	    .algorithm = "ES256",
	    .key = key,
	    .uid = 1001,
	    .pid = 4711,
	    .microseconds = 42};

	return audit_append(audit, &record, err);
}

char *
audit_path_in(void *const *state, const char *name)
{
	char *path = string_format("%s/%s", (const char *)*state, name);

	assert_non_null(path);
	return path;
}

char *
audit_log_text(void *const *state)
{
	CLEANUP(string) char *path = audit_path_in(state, "audit.log");
	char *text;
	struct error err;

	if (file_read(path, LOG_MAX, &text, NULL, &err))
		fail_msg("%s", err.message);
	return text;
}

/* The log's lines as JSON. */
json_t *
audit_log_records(void *const *state)
{
	CLEANUP(string) char *text = audit_log_text(state);
	json_t *records = json_array(), *record;
	struct error err;
	char *rest, *line = strtok_r(text, "\n", &rest);

	for (; line; line = strtok_r(NULL, "\n", &rest)) {
		if (json_parse(line, strlen(line), &record, &err))
			fail_msg("%s: %s", line, err.message);
		assert_int_equal(json_array_append_new(records, record), 0);
	}
	return records;
}

const char *
audit_member(const json_t *records, size_t index, const char *name)
{
	const char *text = json_string_value(
	    json_object_get(json_array_get(records, index), name));

	return text ? text : "";
}

static void
print_problem(void *context, const char *file, uint64_t line,
    const char *problem, bool is_error)
{
	(void)context;
	(void)is_error;
	print_message("%s:%u: %s\n", file, (unsigned)line, problem);
}

struct audit_summary
audit_verify_in(void *const *state)
{
	struct audit_summary summary;
	struct error err;

	if (audit_verify_folder(
		*state, NULL, print_problem, NULL, &summary, &err))
		fail_msg("%s", err.message);
	return summary;
}
