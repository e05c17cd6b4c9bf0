/* SPDX-License-Identifier: MIT */
/* What is told of the ends of certificates, and when. */
#include "cmocka_wrap.h"

#include <stdio.h>
#include <string.h>

#include "ends.h"

static char told[256];

static void
tell(void *context, const char *id, int64_t until, bool is_over)
{
	size_t used = strlen(told);

	(void)context;
	(void)snprintf(told + used, sizeof(told) - used, "%s %d %s;", id,
	    (int)until, is_over ? "over" : "near");
}

static void
note(struct ends *ends, const char *id, int64_t from, int64_t until)
{
	struct error err;

	assert_int_equal(ends_note(ends, id, from, until, &err), ERROR_NONE);
}

/* web is valid from 0 until 1000, ca from 0 until 2000. */
static void
assert_told(struct ends *ends, int64_t now, const char *news, int64_t next)
{
	*told = '\0';
	note(ends, "web", 0, 1000);
	note(ends, "ca", 0, 2000);
	assert_int_equal(ends_tell(ends, now, tell, NULL), next);
	assert_string_equal(told, news);
}

static void
tells_once_that_an_end_is_near_and_has_come(void **state)
{
	CLEANUP(ends) struct ends *ends = NULL;
	struct error err;

	(void)state;
	assert_int_equal(ends_create(&ends, &err), ERROR_NONE);
	assert_told(ends, 500, "", 900);
	assert_told(ends, 899, "", 900);
	assert_told(ends, 900, "web 1000 near;", 1000);
	assert_told(ends, 950, "", 1000);
	assert_told(ends, 999, "", 1000);
	assert_told(ends, 1000, "web 1000 over;", 1800);
	assert_told(ends, 1001, "", 1800);
	assert_told(ends, 2500, "ca 2000 over;", ENDS_NEVER);
	assert_told(ends, 2501, "", ENDS_NEVER);
}

static void
tells_of_another_certificate_anew(void **state)
{
	CLEANUP(ends) struct ends *ends = NULL;
	struct error err;

	(void)state;
	assert_int_equal(ends_create(&ends, &err), ERROR_NONE);
	*told = '\0';
	for (int i = 0; i < 2; i++) {
		note(ends, "web", 0, 1000);
		(void)ends_tell(ends, 1500, tell, NULL);
	}
	assert_string_equal(told, "web 1000 over;");
	note(ends, "web", 1000, 2000);
	assert_int_equal(ends_tell(ends, 1500, tell, NULL), 1900);
	note(ends, "web", 1000, 2000);
	assert_int_equal(ends_tell(ends, 1950, tell, NULL), 2000);
	assert_string_equal(told, "web 1000 over;web 2000 near;");
}

static void
forgets_what_was_removed(void **state)
{
	CLEANUP(ends) struct ends *ends = NULL;
	struct error err;

	(void)state;
	assert_int_equal(ends_create(&ends, &err), ERROR_NONE);
	*told = '\0';
	note(ends, "a", 0, 1000);
	note(ends, "b", 0, 3000);
	assert_int_equal(ends_tell(ends, 500, tell, NULL), 900);
	note(ends, "b", 0, 3000);
	assert_int_equal(ends_tell(ends, 600, tell, NULL), 2700);
	assert_int_equal(ends_tell(ends, 5000, tell, NULL), ENDS_NEVER);
	assert_string_equal(told, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tells_once_that_an_end_is_near_and_has_come),
	    cmocka_unit_test(tells_of_another_certificate_anew),
	    cmocka_unit_test(forgets_what_was_removed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
