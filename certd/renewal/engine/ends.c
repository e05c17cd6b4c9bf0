/* SPDX-License-Identifier: MIT */
#include "ends.h"

#include <stdlib.h>
#include <string.h>

#include "lint.h"

enum said { SAID_NOTHING, SAID_NEAR, SAID_OVER };

struct end {
	char *id;
	int64_t near; /* from then on it is near */
	int64_t until;
	enum said said;
	bool is_there;
};

struct ends {
	size_t count;
	struct end *items;
};

enum error_code
ends_create(struct ends **ret_ends, struct error *err)
{
	*ret_ends = calloc(1, sizeof(**ret_ends));
	return *ret_ends ? ERROR_NONE : error_no_memory(err);
}

void
ends_free(struct ends *ends)
{
	if (!ends)
		return;
	for (size_t i = 0; i < ends->count; i++)
		free(ends->items[i].id);
	free(ends->items);
	free(ends);
}

static struct end *
find(const struct ends *ends, const char *id)
{
	for (size_t i = 0; i < ends->count; i++)
		if (strcmp(ends->items[i].id, id) == 0)
			return &ends->items[i];
	return NULL;
}

/* The one of id; NULL: no memory. */
static struct end *
find_or_add(struct ends *ends, const char *id)
{
	struct end *end = find(ends, id);
	struct end *more;

	if (end)
		return end;
	more = reallocarray(ends->items, ends->count + 1, sizeof(*more));
	if (!more)
		return NULL;
	ends->items = more;
	end = &more[ends->count];
	*end = (struct end){.id = strdup(id)};
	if (!end->id)
		return NULL;
	ends->count++;
	return end;
}

enum error_code
ends_note(struct ends *ends, const char *id, int64_t from, int64_t until,
    struct error *err)
{
	struct end *end = find_or_add(ends, id);

	if (!end)
		return error_no_memory(err);
	if (end->until != until)
		end->said = SAID_NOTHING;
	end->until = until;
	end->near = until - (until - from) / 100 * LINT_NEAR_PERCENT;
	end->is_there = true;
	return ERROR_NONE;
}

static void
forget_the_absent(struct ends *ends)
{
	size_t kept = 0;

	for (size_t i = 0; i < ends->count; i++) {
		if (ends->items[i].is_there)
			ends->items[kept++] = ends->items[i];
		else
			free(ends->items[i].id);
	}
	ends->count = kept;
}

int64_t
ends_tell(struct ends *ends, int64_t now,
    void (*tell)(void *context, const char *id, int64_t until, bool is_over),
    void *context)
{
	int64_t next = ENDS_NEVER;

	forget_the_absent(ends);
	for (size_t i = 0; i < ends->count; i++) {
		struct end *end = &ends->items[i];
		enum said news = SAID_NOTHING;
		int64_t then = ENDS_NEVER;

		end->is_there = false;
		if (now >= end->until)
			news = SAID_OVER;
		else if (now >= end->near)
			news = SAID_NEAR;
		if (news > end->said) {
			tell(context, end->id, end->until, news == SAID_OVER);
			end->said = news;
		}
		if (now < end->until)
			then = now < end->near ? end->near : end->until;
		if (then < next)
			next = then;
	}
	return next;
}
