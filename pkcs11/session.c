/* SPDX-License-Identifier: MIT */
#include "session.h"

/*
 * A handle is 1 + the place in the table, plus a multiple of SESSIONS_MAX that
 * grows with each use of the place: an old handle never means a new session.
 */
#define SESSIONS_MAX 65536UL
#define SESSIONS_START 16

void
search_done(struct search *search)
{
	free(search->handles);
	*search = (struct search){0};
}

void
session_close(struct session *session)
{
	search_done(&session->search);
	for (size_t i = 0; i < PURPOSE_COUNT; i++)
		operation_done(&session->operations[i]);
	session->open = false;
}

void
session_table_done(struct session_table *table)
{
	for (size_t i = 0; i < table->count; i++)
		session_close(&table->items[i]);
	free(table->items);
	*table = (struct session_table){0};
}

struct session *
session_find(struct session_table *table, CK_SESSION_HANDLE handle)
{
	size_t place = (handle - 1) % SESSIONS_MAX;
	struct session *session;

	if (place >= table->count)
		return NULL;
	session = &table->items[place];
	return session->open && session->handle == handle ? session : NULL;
}

CK_ULONG
session_count(const struct session_table *table, bool read_write_only)
{
	CK_ULONG count = 0;

	for (size_t i = 0; i < table->count; i++)
		if (table->items[i].open &&
		    (!read_write_only ||
			(table->items[i].flags & CKF_RW_SESSION)))
			count++;
	return count;
}

static bool
table_grow(struct session_table *table)
{
	size_t count = table->count ? 2 * table->count : SESSIONS_START;
	struct session *items;

	if (count > SESSIONS_MAX)
		return false;
	items = realloc(table->items, count * sizeof(*items));
	if (!items)
		return false;
	for (size_t i = table->count; i < count; i++)
		items[i] = (struct session){.handle = i + 1};
	table->items = items;
	table->count = count;
	return true;
}

struct session *
session_open(struct session_table *table, CK_FLAGS flags)
{
	size_t place = 0;
	struct session *session;

	while (place < table->count && table->items[place].open)
		place++;
	if (place == table->count && !table_grow(table))
		return NULL;
	session = &table->items[place];
	session->open = true;
	session->flags = flags & (CKF_SERIAL_SESSION | CKF_RW_SESSION);
	session->handle += SESSIONS_MAX;
	return session;
}
