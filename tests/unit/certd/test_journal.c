/* SPDX-License-Identifier: MIT */
/* The journal of a renewal as text. */
#include "cmocka_wrap.h"

#include <string.h>

#include "journal.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void
comes_back_as_it_was_written(void **state)
{
	struct journal journal = {
	    .stage = JOURNAL_CONFIRMED,
	    .wish = JOURNAL_WANTED_AGAIN,
	    .key = (char *)(uintptr_t) "device-id-next",
	    .key_digest = "aa",
	    .certificate = (char *)(uintptr_t) "-----BEGIN\nX\n",
	    .leaf_digest = "bb",
	    .since = 1,
	    .next = INT64_C(5000000000),
	    .attempts = 3,
	    .failing_since = 6,
	    .last_attempt = 4,
	    .last_success = 5,
	    .error = "no \"way\"",
	};
	CLEANUP(string) char *text = journal_text("device-id", &journal);
	CLEANUP_DONE(journal) struct journal again = {.stage = JOURNAL_IDLE};
	struct error err = {.message = ""};

	(void)state;
	if (journal_parse("device-id", text, strlen(text), &again, &err))
		fail_msg("%s", err.message);
	assert_int_equal(again.stage, JOURNAL_CONFIRMED);
	assert_int_equal(again.wish, JOURNAL_WANTED_AGAIN);
	assert_string_equal(again.key, journal.key);
	assert_string_equal(again.key_digest, "aa");
	assert_string_equal(again.certificate, journal.certificate);
	assert_string_equal(again.leaf_digest, "bb");
	assert_int_equal(again.since, 1);
	assert_int_equal(again.next, INT64_C(5000000000));
	assert_int_equal(again.attempts, 3);
	assert_int_equal(again.failing_since, 6);
	assert_int_equal(again.last_attempt, 4);
	assert_int_equal(again.last_success, 5);
	assert_string_equal(again.error, journal.error);
}

static void
refuses_what_is_not_its_own_or_not_whole(void **state)
{
#define REST                                                                   \
	"\"leafDigest\":\"\",\"since\":0,\"next\":0,\"attempts\":0,"           \
	"\"lastAttempt\":0,\"lastSuccess\":0,\"error\":\"\"}"
	static const char *const texts[] = {
	    "",
	    "{}",
	    "[]",
	    "{\"id\":\"b\",\"stage\":\"idle\",\"keyDigest\":\"\"," REST,
	    "{\"id\":\"a\",\"stage\":\"done\",\"keyDigest\":\"\"," REST,
	    "{\"id\":\"a\",\"stage\":\"key\",\"keyDigest\":\"\"," REST,
	    "{\"id\":\"a\",\"stage\":\"asked\",\"key\":\"k\","
	    "\"keyDigest\":\"\"," REST,
	    "{\"id\":\"a\",\"stage\":\"candidate\",\"key\":\"k\","
	    "\"keyDigest\":\"d\"," REST,
	    "{\"id\":\"a\",\"stage\":\"idle\",\"keyDigest\":\"\","
	    "\"leafDigest\":\"\",\"since\":-1," REST,
	    "{\"id\":\"a\",\"stage\":\"idle\",\"keyDigest\":7," REST,
	    "{\"id\":\"a\",\"stage\":\"idle\",\"keyDigest\":\"\","
	    "\"wish\":\"maybe\"," REST,
	};
	static const char good[] =
	    "{\"id\":\"a\",\"stage\":\"idle\",\"keyDigest\":\"\"," REST;
	struct journal journal = {.stage = JOURNAL_KEY};
	struct error err = {.message = ""};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		if (journal_parse("a", texts[i], strlen(texts[i]), &journal,
			&err) != ERROR_INVALID)
			fail_msg("'%s' was read", texts[i]);
		assert_int_equal(journal.stage, JOURNAL_KEY);
	}
	if (journal_parse("a", good, strlen(good), &journal, &err))
		fail_msg("%s", err.message);
	assert_int_equal(journal.wish, JOURNAL_NO_WISH);
	journal_done(&journal);
}

static void
is_idle_where_there_is_none(void **state)
{
	struct journal journal = {.stage = JOURNAL_KEY};
	struct error err;

	(void)state;
	assert_int_equal(
	    journal_load("/nowhere/a.json", "a", &journal, &err), ERROR_NONE);
	assert_int_equal(journal.stage, JOURNAL_IDLE);
	assert_null(journal.key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(comes_back_as_it_was_written),
	    cmocka_unit_test(refuses_what_is_not_its_own_or_not_whole),
	    cmocka_unit_test(is_idle_where_there_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
