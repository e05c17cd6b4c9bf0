/* SPDX-License-Identifier: MIT */
/*
 * A request target, "/a/b%20c?d=e", taken apart. Segments are decoded after
 * they are split, so an encoded slash stays inside its segment; a slash before
 * the query is nothing.
 */
#ifndef CLOUD_TARGET_H
#define CLOUD_TARGET_H

#include <stddef.h>

#include "common/cleanup.h"
#include "common/error.h"

#define TARGET_SEGMENTS_MAX 8
#define TARGET_FIELDS_MAX 16

struct target_field {
	const char *name;
	const char *value;
};

struct target {
	char *text; /* the target, cut up; the others point into it */
	size_t segment_count;
	const char *segments[TARGET_SEGMENTS_MAX];
	size_t field_count;
	struct target_field fields[TARGET_FIELDS_MAX];
};

/* Releases the contents. */
void target_done(struct target *target);

/*
 * Takes text apart. On success the contents of ret_target are the caller's.
 * Fails with ERROR_INVALID: no leading slash, a broken escape, too many parts.
 */
MUST_CHECK enum error_code target_parse(
    const char *text, struct target *ret_target, struct error *err);

/* The value of the query field name, or NULL. */
const char *target_query(const struct target *target, const char *name);

/* The api-version, if it is one that Azure's own clients use; else NULL. */
const char *target_version(const struct target *target);

#endif
