/* SPDX-License-Identifier: MIT */
/*
 * Sessions: all local. Opening one asks nobody, so it cannot fail because keyd
 * is away, and it stays valid while keyd restarts (libp11 waits for ever when
 * C_OpenSession fails, and never reopens a session).
 */
#ifndef PKCS11_SESSION_H
#define PKCS11_SESSION_H

#include <p11-kit/pkcs11.h>

#include "operation.h"

/* Between C_FindObjectsInit and C_FindObjectsFinal. */
struct search {
	bool active;
	CK_OBJECT_HANDLE *handles;
	size_t count;
	size_t next;
};

struct session {
	bool open;
	CK_SESSION_HANDLE handle;
	CK_FLAGS flags;
	struct search search;
	struct operation operations[PURPOSE_COUNT];
};

struct session_table {
	struct session *items;
	size_t count; /* of items, open or not */
};

/* Release the contents and zero them. */
void search_done(struct search *search);
void session_table_done(struct session_table *table);

/*
 * Opens a session, with those of flags that it knows. NULL: there are far too
 * many, or no memory. Valid until the next opening.
 */
struct session *session_open(struct session_table *table, CK_FLAGS flags);

/* Ends what session is doing, and closes it. */
void session_close(struct session *session);

/* The open session with handle; NULL: none. Valid until the next opening. */
struct session *session_find(
    struct session_table *table, CK_SESSION_HANDLE handle);

/* How many sessions are open, or of those how many are read-write. */
CK_ULONG session_count(const struct session_table *table, bool read_write_only);

#endif
