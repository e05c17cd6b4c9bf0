/* SPDX-License-Identifier: MIT */
/* Making key pairs in a token, within a lease. */
#ifndef KEYD_GENERATE_H
#define KEYD_GENERATE_H

#include "token.h"

#include "store.h"

struct generate_wish {
	const char *label;
	enum key_spec spec; /* of a pair */
	unsigned usage;
};

/*
 * Generates a key pair: private, sensitive, not extractable, with label and
 * with the CKA_ID that key_public_tag() computes. A key that the token made
 * extractable is destroyed again.
 *
 * Fails with ERROR_INVALID if the token cannot make such a key.
 */
MUST_CHECK enum error_code generate_pair(struct token_lease *lease,
    const struct generate_wish *wish, struct key_facts *ret_facts,
    struct error *err);

#endif
