/* SPDX-License-Identifier: MIT */
/* What daemons said, as one object a line. */
#include "cmocka_wrap.h"

#include <stdlib.h>

#include "common/cleanup.h"
#include "log_entry.h"

static void
assert_entry(json_t *entry, const char *expected)
{
	char *text = json_dumps(entry, JSON_COMPACT);

	assert_non_null(text);
	assert_string_equal(text, expected);
	free(text);
	json_decref(entry);
}

static void
a_line_of_a_file_begins_with_its_level(void **state)
{
	static const struct {
		const char *line;
		const char *entry;
	} cases[] = {
	    {"error: no: way", "{\"daemon\":\"keyd\",\"level\":\"error\","
			       "\"message\":\"no: way\"}"},
	    {"debug: ",
             "{\"daemon\":\"keyd\",\"level\":\"debug\",\"message\":\"\"}"              },
	    {"errors: x",      "{\"daemon\":\"keyd\",\"message\":\"errors: x\"}"       },
	    {"error:x",        "{\"daemon\":\"keyd\",\"message\":\"error:x\"}"         },
	    {"error",          "{\"daemon\":\"keyd\",\"message\":\"error\"}"           },
	    {"",               "{\"daemon\":\"keyd\",\"message\":\"\"}"                },
	    {"info: \xff",
             "{\"daemon\":\"keyd\",\"level\":\"info\",\"message\":\"?\"}"              },
	    {"\xc3\x28",       "{\"daemon\":\"keyd\",\"message\":\"?(\"}"              },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_entry(
		    log_entry_of_line("keyd", cases[i].line), cases[i].entry);
}

#define AT "\"__REALTIME_TIMESTAMP\":\"1796112000999999\""
#define TIME "\"time\":\"2026-12-01T08:00:00Z\""

static void
a_record_of_the_journal_has_time_unit_and_priority(void **state)
{
	static const struct {
		const char *record;
		const char *entry;
	} cases[] = {
	    {"{" AT ",\"_SYSTEMD_UNIT\":\"signet-keyd.service\","
	     "\"PRIORITY\":\"4\",\"MESSAGE\":\"m\"}",			"{" TIME ",\"daemon\":\"keyd\",\"level\":\"warning\","
		"\"message\":\"m\"}"                       },
	    {"{" AT ",\"_SYSTEMD_UNIT\":\"init.scope\",\"UNIT\":"
	     "\"signet-keyd.socket\",\"PRIORITY\":\"0\",\"MESSAGE\":\"m\"}", "{" TIME ",\"daemon\":\"keyd\",\"level\":\"error\","
		"\"message\":\"m\"}"},
	    {"{" AT ",\"PRIORITY\":\"8\",\"MESSAGE\":[104,300,0,105]}",
             "{" TIME ",\"daemon\":\"-\",\"message\":\"h,\"}"								},
	    {"{" AT ",\"_SYSTEMD_UNIT\":7,\"PRIORITY\":7,\"MESSAGE\":null}",
             "{" TIME ",\"daemon\":\"-\",\"message\":\"\"}"								  },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_entry(
		    log_entry_of_journal(cases[i].record), cases[i].entry);
}

static void
what_is_no_record_is_none(void **state)
{
	static const char *const lines[] = {"", "-- Journal begins --", "[]",
	    "{}", "{\"MESSAGE\":\"m\"}", "{\"MESSAGE\":"};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_null(log_entry_of_journal(lines[i]));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_line_of_a_file_begins_with_its_level),
	    cmocka_unit_test(
		a_record_of_the_journal_has_time_unit_and_priority),
	    cmocka_unit_test(what_is_no_record_is_none),
	};

	return cmocka_run_group_tests_name("log entry", tests, NULL, NULL);
}
