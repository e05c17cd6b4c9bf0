/* SPDX-License-Identifier: MIT */
/* Making secrets in a token, or putting them there, within a lease. */
#ifndef KEYD_SECRET_MAKE_H
#define KEYD_SECRET_MAKE_H

#include "store.h"
#include "token.h"

/*
 * Makes a secret, or, if value is not NULL, puts that one there, and tries it.
 * Fails with ERROR_INVALID if the token does not take or cannot use it.
 */
MUST_CHECK enum error_code secret_make(struct token_lease *lease,
    const char *label, unsigned usage, const struct key_input *value,
    struct key_facts *ret_facts, struct error *err);

#endif
