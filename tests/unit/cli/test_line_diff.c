/* SPDX-License-Identifier: MIT */
/* What two texts differ in. */
#include "cmocka_wrap.h"

#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "line_diff.h"

static void
shows_what_goes_and_what_comes(void **state)
{
	static const struct {
		const char *old;
		const char *new;
		const char *diff;
	} cases[] = {
	    {"",          "",          ""                      },
	    {"a\nb\n",    "a\nb\n",    ""                      },
	    {"",          "a\n",       "@@ 1\n+ a\n"           },
	    {"a\n",       "",          "@@ 1\n- a\n"           },
	    {"a\nb\nc\n", "a\nx\nc\n", "@@ 2\n- b\n+ x\n"      },
	    {"a\nb\nc\n", "b\nc\nd\n", "@@ 1\n- a\n@@ 4\n+ d\n"},
	    {"a\nb",      "a\nb\n",    ""                      },
	    {"a\n\nb\n",  "a\nb\n",    "@@ 2\n- \n"            },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CLEANUP(string)
		char *diff = line_diff(cases[i].old, cases[i].new);

		assert_non_null(diff);
		assert_string_equal(diff, cases[i].diff);
	}
}

/* So many lines that they are not compared with each other. */
static void
bounds_what_it_compares(void **state)
{
	CLEANUP(string) char *old = calloc(1, 10001);
	CLEANUP(string) char *new = calloc(1, 10001);
	CLEANUP(string) char *diff = NULL;

	(void)state;
	assert_non_null(old);
	assert_non_null(new);
	for (size_t i = 0; i < 5000; i++) {
		old[2 * i] = 'a';
		new[2 * i] = i == 2500 ? 'b' : 'a';
		old[2 * i + 1] = new[2 * i + 1] = '\n';
	}
	diff = line_diff(old, new);
	assert_non_null(diff);
	assert_int_equal(strncmp(diff, "@@ 2501\n+ b\n", 12), 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(shows_what_goes_and_what_comes),
	    cmocka_unit_test(bounds_what_it_compares),
	};

	return cmocka_run_group_tests_name("line diff", tests, NULL, NULL);
}
