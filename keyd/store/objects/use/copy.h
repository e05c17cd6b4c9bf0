/* SPDX-License-Identifier: MIT */
/* Session copies of keys, within a lease. */
#ifndef KEYD_COPY_H
#define KEYD_COPY_H

#include "store.h"
#include "token.h"

/*
 * The object to work with: object itself, or, where copies say so, a session
 * copy of it that is just as sensitive. A copy lasts as long as its session.
 */
CK_OBJECT_HANDLE copy_of(struct token_lease *lease, enum key_copies copies,
    CK_OBJECT_HANDLE object, const struct key_facts *facts);

#endif
