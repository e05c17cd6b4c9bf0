/* SPDX-License-Identifier: MIT */
/* Within the audit log: the writer, which callers use, and its thread. */
#ifndef KEYD_AUDIT_STATE_H
#define KEYD_AUDIT_STATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "audit.h"
#include "journal.h"
#include "line.h"

/* Records that wait for the kernel to take them. */
#define AUDIT_PENDING_MAX ((size_t)512 * 1024)

/* How far the disk may be behind before callers wait. */
#define AUDIT_BACKLOG_MAX ((uint64_t)16 * 1024 * 1024)

struct audit {
	enum audit_mode mode;
	char *folder;
	char *path; /* of the current file */
	uint64_t file_size;
	unsigned files;

	/* True: audit_ready() has to look; set under the lock. */
	atomic_bool hindered;

	pthread_mutex_t lock; /* of all below */
	pthread_cond_t work;  /* for the thread */
	pthread_cond_t room;  /* for callers that wait for the disk */
	pthread_t thread;
	bool has_thread;
	bool stopping;

	int file;         /* changed by the thread only */
	uint64_t first;   /* number of the file's first record */
	uint64_t size;    /* of the file */
	uint64_t turn_at; /* the size at which it is turned */
	bool must_cut;    /* a failed write has left something behind size */

	struct audit_hasher hasher;
	struct audit_line line;
	struct audit_chain chain; /* with what is pending */
	char *pending;            /* AUDIT_PENDING_MAX bytes */
	size_t pending_length;
	uint64_t unreported; /* records lost, of which the log does not say */
	struct error write_trouble; /* .code is ERROR_NONE if there is none */
	struct error sync_trouble;

	uint64_t written; /* bytes since the start */
	uint64_t synced;  /* of them, known to be on disk */
	struct audit_figures figures;

	struct journal *journal; /* the thread's, with: */
	uint64_t journaled;      /* bytes of the file that it has got */
};

/* All with the lock held, but for audit_thread(). */

/* Tells audit_ready() how things are. */
void audit_update_hindered(struct audit *audit);

/* Starts a record of our own, in audit->line. */
void audit_begin_own(struct audit *audit, const char *operation);

/*
 * Ends the record in audit->line and writes it, or keeps it. Without room for
 * it, it is lost.
 */
void audit_put(struct audit *audit);

/* Writes what is pending; true if nothing is any more. */
bool audit_flush(struct audit *audit);

/* The thread: runs until audit->stopping. */
void *audit_thread(void *argument /* struct audit */);

#endif
