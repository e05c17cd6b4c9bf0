/* SPDX-License-Identifier: MIT */
#include "visits.h"

void
visits_begin(
    struct visits *visits, struct visit *visit, CK_FUNCTION_LIST *functions)
{
	visit->next = visits->first;
	visit->link = &visits->first;
	if (visit->next)
		visit->next->link = &visit->next;
	visits->first = visit;
	visit_begin(visit, functions);
}

void
visits_end(struct visit *visit)
{
	visit_end(visit);
	*visit->link = visit->next;
	if (visit->next)
		visit->next->link = visit->link;
}

struct hang
visits_hang(const struct visits *visits)
{
	struct hang hang = {0};

	for (const struct visit *visit = visits->first; visit;
	     visit = visit->next)
		visit_count(visit, &visits->limits, &hang);
	return hang;
}

struct hang
visits_hang_of(
    const struct visits *visits, const void *owner, enum visit_purpose purpose)
{
	struct hang hang = {0};

	for (const struct visit *visit = visits->first; visit;
	     visit = visit->next)
		if (visit->owner == owner && visit->purpose == purpose)
			visit_count(visit, &visits->limits, &hang);
	return hang;
}

bool
visits_are_stuck(const struct visits *visits)
{
	const struct visit_limits patient = {
	    visits->limits.slow_ms, visits->limits.slow_ms};
	struct hang hang = {0};

	for (const struct visit *visit = visits->first; visit;
	     visit = visit->next)
		if (visit->purpose == VISIT_SEARCH ||
		    visit->purpose == VISIT_OPEN)
			visit_count(visit, &patient, &hang);
	return hang.count > 0;
}
