/* SPDX-License-Identifier: MIT */
/* The policy of a certificate, value by value, and where each was set. */
#ifndef CERTD_EXPLAIN_H
#define CERTD_EXPLAIN_H

#include "policy.h"

struct explained {
	const char *key; /* "renewal.window" */
	char *value;
	const char *origin; /* "path:line"; NULL: nobody set it. Borrowed */
};

struct explanation {
	size_t count;
	struct explained *items;
};

/* Releases the contents, not the struct. */
void explanation_done(struct explanation *explanation);

/*
 * What holds for id, which outlives the result as config does. Secrets are not
 * shown. The contents are the caller's.
 */
MUST_CHECK enum error_code explain(const struct certd_config *config,
    const char *id, struct explanation *ret_explanation, struct error *err);

#endif
