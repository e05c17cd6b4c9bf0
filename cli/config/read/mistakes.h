/* SPDX-License-Identifier: MIT */
/* Mistakes in a configuration that do not keep the rest from being read. */
#ifndef CLI_MISTAKES_H
#define CLI_MISTAKES_H

#include <stddef.h>

#include "common/cleanup.h"
#include "common/error.h"

struct mistakes {
	size_t count;
	struct error *items; /* each message begins with the place */
};

/* Releases the contents. */
void mistakes_done(struct mistakes *mistakes);

/*
 * What a step said that ended with code: a mistake in the configuration
 * (ERROR_INVALID) is noted, and counts as success, so that the next step
 * follows. Fails with whatever else it was.
 */
MUST_CHECK enum error_code mistakes_pass(
    struct mistakes *mistakes, enum error_code code, struct error *err);

#endif
