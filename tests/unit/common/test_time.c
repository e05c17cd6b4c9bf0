/* SPDX-License-Identifier: MIT */
/* Points in time as text, past 2038 and 2049; and waiting. */
#include "cmocka_wrap.h"

#include <string.h>

#include "common/time.h"

static void
writes_and_reads_the_same_text(void **state)
{
	static const struct {
		int64_t when;
		const char *text;
	} cases[] = {
	    {0,		     "1970-01-01T00:00:00Z"},
	    {-1,		    "1969-12-31T23:59:59Z"},
	    {INT64_C(2147483648),   "2038-01-19T03:14:08Z"},
	    {INT64_C(2524608000),   "2050-01-01T00:00:00Z"},
	    {INT64_C(2682456245),   "2055-01-01T22:44:05Z"},
	    {INT64_C(253402300799), "9999-12-31T23:59:59Z"},
	    {INT64_C(1709164800),   "2024-02-29T00:00:00Z"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t when;
		struct error err;

		print_message("%s\n", cases[i].text);
		assert_string_equal(
		    time_format(cases[i].when).text, cases[i].text);
		assert_int_equal(
		    time_parse(cases[i].text, &when, &err), ERROR_NONE);
		assert_int_equal(when, cases[i].when);
	}
}

static void
reads_fractions_and_offsets(void **state)
{
	static const struct {
		const char *text;
		int64_t when;
	} cases[] = {
	    {"1970-01-01T00:00:01.5Z",            1    },
	    {"1970-01-01T00:00:01.9999999+00:00", 1    },
	    {"1970-01-01T01:00:00+01:00",         0    },
	    {"1970-01-01T00:00:00-05:30",         19800},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t when;
		struct error err;

		assert_int_equal(
		    time_parse(cases[i].text, &when, &err), ERROR_NONE);
		assert_int_equal(when, cases[i].when);
	}
}

static void
refuses_what_is_no_point_in_time(void **state)
{
	static const char *const texts[] = {"", "2026-01-02",
	    "2026-01-02T03:04:05", "2026-01-02 03:04:05Z",
	    "2026-01-02T03:04:05z", "2026-01-02T03:04:05ZZ",
	    "2026-01-02T03:04:05.Z", "2026-01-02T03:04:05+1:00",
	    "2026-01-02T03:04:05+24:00", "2026-01-02T03:04:05+0100",
	    "2026-01-02T03:04:05+ 1:00", "2026-02-31T00:00:00Z",
	    "2026-02-29T00:00:00Z", "2026-1-02T03:04:05Z",
	    " 2026-01-02T03:04:05Z", "2026-01-02T24:00:00Z",
	    "12026-01-02T03:04:05Z", "-026-01-02T03:04:05Z"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		int64_t when;
		struct error err;

		print_message("%s\n", texts[i]);
		assert_int_equal(
		    time_parse(texts[i], &when, &err), ERROR_INVALID);
	}
}

static void
formats_any_number(void **state)
{
	static const int64_t values[] = {
	    INT64_MIN, INT64_MAX, INT64_C(253402300800)};

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		assert_in_range(
		    strlen(time_format(values[i]).text), 1, TIME_TEXT_MAX - 1);
}

static void
waits_as_long_as_told(void **state)
{
	int64_t begin = time_monotonic_ms();

	(void)state;
	time_sleep_ms(20);
	assert_in_range(time_monotonic_ms() - begin, 20, 60000);
	time_sleep_ms(0);
	time_sleep_ms(-5);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(writes_and_reads_the_same_text),
	    cmocka_unit_test(reads_fractions_and_offsets),
	    cmocka_unit_test(refuses_what_is_no_point_in_time),
	    cmocka_unit_test(formats_any_number),
	    cmocka_unit_test(waits_as_long_as_told),
	};

	return cmocka_run_group_tests_name("time", tests, NULL, NULL);
}
