/* SPDX-License-Identifier: MIT */
#include "clock_offset.h"

#include <inttypes.h>
#include <stdio.h>

/* A Date header has whole seconds and is some time on its way. */
#define SMALL_SECONDS 10
/* SAS tokens and fresh certificates fail beyond. */
#define LARGE_SECONDS 300

enum doctor_result
clock_offset(int64_t ours, int64_t theirs, char *reason, size_t size)
{
	int64_t offset = ours > theirs ? ours - theirs : theirs - ours;

	if (offset <= SMALL_SECONDS)
		return DOCTOR_OK;
	(void)snprintf(reason, size,
	    "the clock is %" PRId64 " s %s that of DPS", offset,
	    ours > theirs ? "ahead of" : "behind");
	return offset > LARGE_SECONDS ? DOCTOR_ERROR : DOCTOR_WARNING;
}
