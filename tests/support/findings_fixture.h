/* SPDX-License-Identifier: MIT */
/* What config check finds in a text, for tests of its rules. */
#ifndef TESTS_FINDINGS_FIXTURE_H
#define TESTS_FINDINGS_FIXTURE_H

#include "check.h"

/* A row of a table; not in braces, so that it is not aligned in columns. */
#define CASE(text, beginning)                                                  \
	{                                                                      \
		text, beginning                                                \
	}

typedef void check(const struct super_config *, struct findings *);

/* Has run check text, a file "c". The list is the caller's. */
json_t *findings_of(const char *text, check *run);

/* A member of the i-th finding; "" if there is none. */
const char *text_of(const json_t *list, size_t i, const char *member);

/* Fails unless text has one finding, which begins with "place: message". */
void assert_finding(
    const char *text, check *run, const char *severity, const char *beginning);

/* Fails if anything is found in text. */
void assert_nothing_found(const char *text, check *run);

#endif
