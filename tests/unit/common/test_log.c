/* SPDX-License-Identifier: MIT */
/* Logging: one line each, which its contents cannot break. */
#include "cmocka_wrap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"

/* What the log wrote since start_capture(), up to a few KiB. */
struct capture {
	int kept;
	int pipe[2];
	char text[4096];
};

static void
start_capture(struct capture *capture)
{
	assert_int_equal(unsetenv("JOURNAL_STREAM"), 0);
	assert_int_equal(pipe(capture->pipe), 0);
	capture->kept = dup(STDERR_FILENO);
	assert_int_equal(dup2(capture->pipe[1], STDERR_FILENO), STDERR_FILENO);
}

static const char *
end_capture(struct capture *capture)
{
	ssize_t length;

	assert_int_equal(dup2(capture->kept, STDERR_FILENO), STDERR_FILENO);
	(void)close(capture->kept);
	(void)close(capture->pipe[1]);
	length =
	    read(capture->pipe[0], capture->text, sizeof(capture->text) - 1);
	(void)close(capture->pipe[0]);
	assert_true(length >= 0);
	capture->text[length] = '\0';
	return capture->text;
}

static void
writes_the_levels_that_are_asked_for(void **state)
{
	struct capture capture;

	(void)state;
	start_capture(&capture);
	log_set_level(LOG_LEVEL_WARNING);
	log_error("e %d", 1);
	log_warning("w");
	log_info("i");
	log_debug("d");
	log_set_level(LOG_LEVEL_DEBUG);
	log_debug("d");
	assert_string_equal(
	    end_capture(&capture), "error: e 1\nwarning: w\ndebug: d\n");
}

static void
replaces_control_characters(void **state)
{
	struct capture capture;

	(void)state;
	start_capture(&capture);
	log_set_level(LOG_LEVEL_INFO);
	log_info("'%s'", "a\nerror: forged\r\t\x1b[31m\x7f \xc3\xa4");
	assert_string_equal(end_capture(&capture),
	    "info: 'a?error: forged???[31m? \xc3\xa4'\n");
}

static void
cuts_a_line_that_is_too_long(void **state)
{
	struct capture capture;
	char text[3000];
	const char *line;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	start_capture(&capture);
	log_error("%s", text);
	line = end_capture(&capture);
	assert_in_range(strlen(line), 500, 1100);
	assert_int_equal(line[strlen(line) - 1], '\n');
}

static void
reads_levels_by_name(void **state)
{
	enum log_level level = LOG_LEVEL_ERROR;
	struct error err;

	(void)state;
	assert_int_equal(log_level_parse("debug", &level, &err), ERROR_NONE);
	assert_int_equal(level, LOG_LEVEL_DEBUG);
	assert_int_equal(
	    log_level_parse("verbose", &level, &err), ERROR_INVALID);
	assert_int_equal(level, LOG_LEVEL_DEBUG);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(writes_the_levels_that_are_asked_for),
	    cmocka_unit_test(replaces_control_characters),
	    cmocka_unit_test(cuts_a_line_that_is_too_long),
	    cmocka_unit_test(reads_levels_by_name),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
