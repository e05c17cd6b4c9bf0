/* SPDX-License-Identifier: MIT */
/* What a token has instead of a key that was not found. */
#ifndef KEYD_NEAR_MISS_H
#define KEYD_NEAR_MISS_H

#include "object.h"

/*
 * Appends to err what there is instead: the same key but for one attribute, or
 * the names of some others. Ids and labels of other keys are in it.
 */
void near_miss_append(struct token_lease *lease, enum key_kind kind,
    const struct object_query *query, struct error *err);

#endif
