/* SPDX-License-Identifier: MIT */
/* What the tokens say of themselves, without a PIN. */
#ifndef CLI_TOKEN_PROBE_H
#define CLI_TOKEN_PROBE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/json.h"

struct token_probe {
	const char *module; /* NULL: p11-kit's registered modules */
	const char *name;   /* of these, those whose file has it; NULL: all */
	/* As /proc/<pid>/environ has it: keyd's, whose module it is. */
	const char *environment;
	size_t environment_length;
};

/*
 * For apart_run(), since a module may hang: asks for the tokens of context, a
 * struct token_probe. Returns an array of {"label","serial","model",
 * "manufacturer","flags"}, or {"error"}.
 */
json_t *token_probe_run(const void *context);

/* True if the file at path is meant by module-name=name: it has that part. */
bool token_module_is_named(const char *path, const char *name);

struct token_flaw {
	unsigned long flag;
	bool wanted; /* the flag is to be there, else not */
	bool severe;
	const char *reason;
	const char *fix;
};

/* The i-th flaw of a token with these flags (CKF_); NULL: no more. Static. */
const struct token_flaw *token_flaw(unsigned long flags, size_t i);

/*
 * Looks for the token that uri, a PKCS#11 URI, names among tokens, as
 * token_probe_run() returns them: its position, or -1 if there is none; then
 * *ret_near is the label that was probably meant, borrowed, or NULL.
 */
int token_find(const json_t *tokens, const char *uri, const char **ret_near);

#endif
