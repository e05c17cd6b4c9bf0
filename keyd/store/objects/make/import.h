/* SPDX-License-Identifier: MIT */
/* Putting key pairs into a token, within a lease. */
#ifndef KEYD_IMPORT_H
#define KEYD_IMPORT_H

#include "generate.h"

/* As key_store_import_pair(). Of wish label and usage count. */
MUST_CHECK enum error_code import_pair(struct token_lease *lease,
    EVP_PKEY *pair, const struct generate_wish *wish,
    struct key_facts *ret_facts, struct error *err);

#endif
