/* SPDX-License-Identifier: MIT */
/* The portal's HTML: whatever is put into it stays text. */
#include "cmocka_wrap.h"

#include <string.h>

#include "common/cleanup.h"
#include "common/utf8.h"
#include "html.h"

static void
assert_written(struct html *html, const char *expected)
{
	CLEANUP(string) char *text = html_take(html);

	assert_non_null(text);
	assert_string_equal(text, expected);
}

static void
escapes_what_elements_and_attributes_read(void **state)
{
	struct html html = {0};

	(void)state;
	html_print(&html, "<b title=\"%s\">%s</b>", "\" onclick='x'",
	    "<script>&amp;</script>");
	assert_written(&html, "<b title=\"&quot; onclick=&#39;x&#39;\">"
			      "&lt;script&gt;&amp;amp;&lt;/script&gt;</b>");
}

static void
shows_bytes_that_are_no_text_as_replacements(void **state)
{
	struct html html = {0};

	(void)state;
	html_print(&html, "%s", "a\xff\x01\x7f\xc3\xa9\n\t\xe2\x82");
	assert_written(&html,
	    "a" UTF8_REPLACEMENT UTF8_REPLACEMENT UTF8_REPLACEMENT
	    "\xc3\xa9\n\t" UTF8_REPLACEMENT UTF8_REPLACEMENT);
}

static void
writes_numbers_percent_signs_and_nothing_for_null(void **state)
{
	struct html html = {0};
	const char *volatile nothing = NULL;

	(void)state;
	html_print(&html, "%d %zu%% [%s]", -3, (size_t)100, nothing);
	assert_written(&html, "-3 100% []");
}

static void
grows_as_far_as_it_has_to(void **state)
{
	struct html html = {0};
	CLEANUP(string) char *text = NULL;

	(void)state;
	for (int i = 0; i < 20000; i++)
		html_print(&html, "%s", "<");
	text = html_take(&html);
	assert_int_equal(strlen(text), 20000 * strlen("&lt;"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(escapes_what_elements_and_attributes_read),
	    cmocka_unit_test(shows_bytes_that_are_no_text_as_replacements),
	    cmocka_unit_test(writes_numbers_percent_signs_and_nothing_for_null),
	    cmocka_unit_test(grows_as_far_as_it_has_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
