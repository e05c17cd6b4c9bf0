/* SPDX-License-Identifier: MIT */
/* Statements of the database that are prepared once and used again. */
#include "cmocka_wrap.h"

#include "common/file.h"
#include "database.h"

#define ECHO "SELECT ?1, ?2"

static int
setup(void **state)
{
	struct database *database;
	struct error err;

	if (database_open(":memory:", &database, &err))
		return 1;
	*state = database;
	return 0;
}

static int
teardown(void **state)
{
	database_close(*state);
	return 0;
}

static struct statement *
query(
    void *state, const char *sql, const struct sql_value *values, size_t count)
{
	struct statement *statement;
	struct error err;

	if (database_query(state, sql, values, count, &statement, &err))
		fail_msg("%s", err.message);
	return statement;
}

static void
assert_row(struct statement *statement, const char *first, int64_t second)
{
	char text[32];
	struct error err;

	assert_int_equal(statement_only_row(statement, &err), ERROR_NONE);
	statement_read_text(statement, 0, text, sizeof(text));
	assert_string_equal(text, first);
	assert_int_equal(statement_integer(statement, 1), second);
}

static void
prepares_the_same_sql_once(void **state)
{
	struct statement *first =
	    query(*state, ECHO, SQL_VALUES(sql_text("a"), sql_integer(1)));
	struct statement *second;

	assert_row(first, "a", 1);
	statement_release(first);
	second = query(*state, ECHO, SQL_VALUES(sql_text("b"), sql_integer(2)));
	assert_ptr_equal(second, first);
	assert_row(second, "b", 2);
	statement_release(second);
}

static void
remembers_no_value_of_before(void **state)
{
	struct statement *statement =
	    query(*state, ECHO, SQL_VALUES(sql_text("a"), sql_integer(1)));

	statement_release(statement);
	statement = query(*state, ECHO, SQL_VALUES(sql_text("b")));
	assert_row(statement, "b", 0);
	statement_release(statement);
}

/* As a visit of rows does that queries the same for each. */
static void
keeps_two_apart_that_are_in_use_at_once(void **state)
{
	struct statement *outer =
	    query(*state, ECHO, SQL_VALUES(sql_text("a"), sql_integer(1)));
	struct statement *inner =
	    query(*state, ECHO, SQL_VALUES(sql_text("b"), sql_integer(2)));

	assert_ptr_not_equal(inner, outer);
	assert_row(inner, "b", 2);
	assert_row(outer, "a", 1);
	statement_release(inner);
	statement_release(outer);
}

/* The sanitizer tells if one is lost, or freed under who uses it. */
static void
runs_more_statements_than_it_keeps(void **state)
{
	struct statement *held[2 * STATEMENTS_MAX];

	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 2 * STATEMENTS_MAX; i++) {
			CLEANUP(string)
			char *sql = string_format("SELECT ?1, %d", i);

			held[i] = query(*state, sql, SQL_VALUES(sql_text("a")));
		}
		for (int i = 0; i < 2 * STATEMENTS_MAX; i++) {
			assert_row(held[i], "a", i);
			statement_release(held[i]);
		}
	}
	for (int i = 0; i < 2 * STATEMENTS_MAX; i++) {
		CLEANUP(string) char *sql = string_format("SELECT 'b', %d", i);
		CLEANUP(statement)
		struct statement *statement = query(*state, sql, SQL_NO_VALUES);

		assert_row(statement, "b", i);
	}
}

static void
may_be_used_again_after_it_failed(void **state)
{
	static const char insert[] =
	    "INSERT INTO setting(name, value) VALUES(?, ?)";
	struct error err;

	assert_int_equal(database_execute(*state, insert,
			     SQL_VALUES(sql_text("a"), sql_text("1")), &err),
	    ERROR_NONE);
	assert_int_equal(database_execute(*state, insert,
			     SQL_VALUES(sql_text("a"), sql_text("1")), &err),
	    ERROR_INTERNAL);
	assert_int_equal(database_execute(*state, insert,
			     SQL_VALUES(sql_text("b"), sql_text("2")), &err),
	    ERROR_NONE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(prepares_the_same_sql_once),
	    TEST(remembers_no_value_of_before),
	    TEST(keeps_two_apart_that_are_in_use_at_once),
	    TEST(runs_more_statements_than_it_keeps),
	    TEST(may_be_used_again_after_it_failed),
	};

	return cmocka_run_group_tests_name("statements", tests, NULL, NULL);
}
