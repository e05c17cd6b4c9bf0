/* SPDX-License-Identifier: MIT */
/* All visits to a module, and what hangs among them. No lock: it has one. */
#ifndef KEYD_VISITS_H
#define KEYD_VISITS_H

#include <stdbool.h>

#include "visit.h"

struct visits {
	struct visit *first;
	struct visit_limits limits;
};

/* Begins visit, as visit_begin() does, and adds it; visits_end() removes it. */
void visits_begin(
    struct visits *visits, struct visit *visit, CK_FUNCTION_LIST *functions);
void visits_end(struct visit *visit);

/* What hangs at all. */
struct hang visits_hang(const struct visits *visits);

/* Of the visits with this owner and purpose. */
struct hang visits_hang_of(
    const struct visits *visits, const void *owner, enum visit_purpose purpose);

/*
 * True if a visit to open something, or to search, is in a call that takes
 * longer than even one that makes a key may.
 */
bool visits_are_stuck(const struct visits *visits);

#endif
