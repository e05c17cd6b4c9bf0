/* SPDX-License-Identifier: MIT */
/* From the name of a key to its object in a token, within a lease. */
#ifndef KEYD_LOOKUP_H
#define KEYD_LOOKUP_H

#include "common/uri.h"
#include "object.h"

/*
 * What to search for: what uri (which may be NULL) says, else tag and label of
 * name. Borrows from both.
 */
struct object_query lookup_query(
    const struct key_name *name, const struct uri *uri);

/*
 * Finds the one private or secret key that name and uri name. Fails with
 * ERROR_NOT_FOUND (for a uri the message says which keys there are), and with
 * ERROR_INVALID if there are several.
 */
MUST_CHECK enum error_code lookup_key(struct token_lease *lease,
    const struct key_name *name, const struct uri *uri,
    CK_OBJECT_HANDLE *ret_key, struct error *err);

#endif
