/* SPDX-License-Identifier: MIT */
/* Removing and renaming the objects of keys in a token, within a lease. */
#ifndef KEYD_CHANGE_H
#define KEYD_CHANGE_H

#include "object.h"

/* Destroys all objects of a key, and session copies of them. */
MUST_CHECK enum error_code change_destroy(struct token_lease *lease,
    enum key_kind kind, const struct object_query *query, struct error *err);

/* Sets an attribute on all of them. *ret_count is how many objects have it. */
MUST_CHECK enum error_code change_set(struct token_lease *lease,
    enum key_kind kind, const struct object_query *query,
    const CK_ATTRIBUTE *attribute, size_t *ret_count, struct error *err);

/* Sets an attribute of one object. */
MUST_CHECK enum error_code change_set_object(struct token_lease *lease,
    CK_OBJECT_HANDLE object, const CK_ATTRIBUTE *attribute, struct error *err);

/* Removes what was made in vain. */
void change_undo(struct token_lease *lease, CK_OBJECT_HANDLE object);

#endif
