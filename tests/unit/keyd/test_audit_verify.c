/* SPDX-License-Identifier: MIT */
/* What the verifier says of a log that somebody has changed. */
#include "cmocka_wrap.h"

#include <stdio.h>
#include <string.h>

#include "check.h"

#define LINES 6

/* A log of LINES records, and what is done to it. */
static char lines[LINES][256];
static const char *order[LINES + 2];

/* What was found. */
static char problems[8][256];
static uint64_t places[8];
static size_t problem_count;
static struct audit_summary summary;
static struct error err;

static int
make_log(void **state)
{
	static const struct timespec now = {.tv_sec = 1796112000};
	struct audit_hasher hasher;
	struct audit_chain chain = {0};
	struct audit_line line;

	(void)state;
	memset(chain.hash, '0', AUDIT_HASH_LENGTH);
	assert_int_equal(audit_hasher_init(&hasher, &err), ERROR_NONE);
	for (size_t i = 0; i < LINES; i++) {
		audit_line_begin(&line, i + 1, &now);
		audit_line_text(&line, "op", "sign");
		audit_line_text(&line, "key", "device-id");
		assert_int_equal(
		    audit_line_seal(&line, &hasher, &chain, &err), ERROR_NONE);
		(void)snprintf(lines[i], sizeof(lines[i]), "%.*s",
		    (int)line.length, line.text);
		order[i] = lines[i];
	}
	order[LINES] = order[LINES + 1] = NULL;
	audit_hasher_done(&hasher);
	return 0;
}

static void
note(void *context, const char *file, uint64_t line, const char *problem,
    bool is_error)
{
	(void)context;
	(void)file;
	(void)is_error;
	assert_true(problem_count < 8);
	places[problem_count] = line;
	(void)snprintf(
	    problems[problem_count++], sizeof(problems[0]), "%s", problem);
}

static void
check_with_head(const struct audit_chain *head)
{
	static struct audit_check check;

	problem_count = 0;
	assert_int_equal(
	    audit_check_init(&check, note, NULL, &err), ERROR_NONE);
	check.summary.head = *head;
	audit_check_file(&check, "audit.log");
	for (size_t i = 0; order[i]; i++)
		assert_int_equal(
		    audit_check_feed(&check, order[i], strlen(order[i]), &err),
		    ERROR_NONE);
	audit_check_file_end(&check, true);
	audit_check_end(&check);
	summary = check.summary;
	audit_check_done(&check);
}

static void
check_log(void)
{
	check_with_head(&(struct audit_chain){0});
}

static void
assert_problem(size_t index, uint64_t line, const char *part)
{
	assert_true(index < problem_count);
	print_message(
	    "line %u: %s\n", (unsigned)places[index], problems[index]);
	assert_int_equal(places[index], line);
	assert_non_null(strstr(problems[index], part));
}

static void
finds_nothing_in_a_log_that_is_whole(void **state)
{
	(void)state;
	check_log();
	assert_int_equal(problem_count, 0);
	assert_int_equal(summary.records, LINES);
	assert_int_equal(summary.last.sequence, LINES);
}

static void
finds_a_changed_line(void **state)
{
	(void)state;
	memcpy(strstr(lines[2], "device-id"), "DEVICE-ID", 9);
	check_log();
	assert_int_equal(problem_count, 1);
	assert_problem(0, 3, "was changed");
	assert_int_equal(summary.errors, 1);
}

static void
finds_each_byte_that_is_changed(void **state)
{
	(void)state;
	for (size_t i = 0; i < strlen(lines[2]) - 1; i++) {
		lines[2][i] ^= 1;
		check_log();
		assert_true(summary.errors > 0);
		lines[2][i] ^= 1;
	}
	check_log();
	assert_int_equal(summary.errors, 0);
}

static void
finds_a_removed_line(void **state)
{
	(void)state;
	memmove(&order[2], &order[3], sizeof(order) - 3 * sizeof(order[0]));
	check_log();
	assert_int_equal(problem_count, 1);
	assert_problem(0, 3, "record 3 is missing before this line");
}

static void
finds_a_repeated_line(void **state)
{
	(void)state;
	memmove(&order[3], &order[2], 4 * sizeof(order[0]));
	check_log();
	assert_int_equal(problem_count, 1);
	assert_problem(0, 4, "inserted or moved");
}

static void
finds_a_foreign_line(void **state)
{
	(void)state;
	memmove(&order[3], &order[2], 4 * sizeof(order[0]));
	order[2] = "{\"seq\":3,\"op\":\"sign\"}\n";
	check_log();
	assert_int_equal(problem_count, 1);
	assert_problem(0, 3, "no audit record");
}

static void
finds_lines_that_changed_places(void **state)
{
	(void)state;
	order[2] = lines[3];
	order[3] = lines[2];
	check_log();
	assert_int_equal(problem_count, 2);
	assert_problem(0, 3, "record 3 is missing");
	assert_problem(1, 4, "record 3 stands behind record 4");
}

static void
finds_a_removed_beginning(void **state)
{
	(void)state;
	memmove(&order[0], &order[2], sizeof(order) - 2 * sizeof(order[0]));
	check_log();
	assert_int_equal(problem_count, 1);
	assert_problem(0, 1, "record 3 is no first record");
}

static void
finds_a_removed_end_by_the_head(void **state)
{
	struct audit_chain head = {.sequence = LINES};

	(void)state;
	order[4] = NULL;
	check_with_head(&head);
	assert_int_equal(problem_count, 1);
	assert_problem(0, 0, "records 5 to 6 are missing at the end");
}

static void
finds_a_rewritten_log_by_the_head(void **state)
{
	struct audit_chain head = {.sequence = 4};

	(void)state;
	memset(head.hash, 'a', AUDIT_HASH_LENGTH);
	check_with_head(&head);
	assert_int_equal(problem_count, 1);
	assert_problem(0, 4, "rewritten");
}

static void
takes_a_torn_end_for_a_crash(void **state)
{
	(void)state;
	lines[LINES - 1][20] = '\0';
	check_log();
	assert_int_equal(problem_count, 1);
	assert_problem(0, LINES, "not complete");
	assert_int_equal(summary.errors, 0);
	assert_int_equal(summary.records, LINES - 1);
}

static void
refuses_a_line_without_end(void **state)
{
	static char long_line[3 * AUDIT_LINE_MAX];

	(void)state;
	memset(long_line, 'x', sizeof(long_line) - 2);
	long_line[sizeof(long_line) - 2] = '\n';
	order[LINES] = long_line;
	check_log();
	assert_int_equal(problem_count, 1);
	assert_problem(0, LINES + 1, "no audit record");
}

#define TEST(function) cmocka_unit_test_setup(function, make_log)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(finds_nothing_in_a_log_that_is_whole),
	    TEST(finds_a_changed_line),
	    TEST(finds_each_byte_that_is_changed),
	    TEST(finds_a_removed_line),
	    TEST(finds_a_repeated_line),
	    TEST(finds_a_foreign_line),
	    TEST(finds_lines_that_changed_places),
	    TEST(finds_a_removed_beginning),
	    TEST(finds_a_removed_end_by_the_head),
	    TEST(finds_a_rewritten_log_by_the_head),
	    TEST(takes_a_torn_end_for_a_crash),
	    TEST(refuses_a_line_without_end),
	};

	return cmocka_run_group_tests_name("audit verify", tests, NULL, NULL);
}
