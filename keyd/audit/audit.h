/* SPDX-License-Identifier: MIT */
/*
 * The audit log: one record for each use of a key, written before the answer
 * goes out, each chained to the one before. A thread brings what is written to
 * the disk within a second, turns the file at its size, and repeats the
 * records to the journal. docs/guides/audit.md describes it for operators.
 *
 * Any thread, any number of them. A NULL audit records nothing.
 */
#ifndef KEYD_AUDIT_H
#define KEYD_AUDIT_H

#include <sys/types.h>

#include "common/cleanup.h"
#include "keyd/audit_log.h"

#define AUDIT_FILE_SIZE_DEFAULT ((uint64_t)64 * 1024 * 1024)
#define AUDIT_FILES_DEFAULT 8

enum audit_mode {
	AUDIT_REQUIRED,    /* what cannot be recorded is refused */
	AUDIT_BEST_EFFORT, /* it is done, and the loss is counted */
	AUDIT_OFF,
};

/* Reads "required", "best-effort" or "off"; NULL is "required". */
MUST_CHECK enum error_code audit_mode_parse(
    const char *text, enum audit_mode *ret_mode, struct error *err);

struct audit_settings {
	const char *folder;
	enum audit_mode mode;
	uint64_t file_size;         /* turn the file at about this size */
	unsigned files;             /* how many old ones are kept */
	const char *journal_socket; /* NULL: no journal */
};

struct audit;

/*
 * Opens the log in folder, which is made, and goes on with its chain. With
 * AUDIT_OFF *ret_audit is NULL.
 *
 * Fails with ERROR_INTERNAL or as file_make_directory() does.
 */
MUST_CHECK enum error_code audit_open(const struct audit_settings *settings,
    struct audit **ret_audit, struct error *err);

/* Brings everything to the disk. NULL is allowed. */
void audit_close(struct audit *audit);
DEFINE_CLEANUP(audit, struct audit, audit_close)

/* One use of a key, or an attempt. Strings are borrowed. */
struct audit_record {
	const char *operation; /* "sign" */
	const char *algorithm; /* "ES256"; NULL: none */
	const char *key;       /* its id; NULL: none */
	const char *other;     /* the id that it is moved to; NULL: none */
	bool is_symmetric;
	size_t levels;          /* how often what is used is derived from it */
	const uid_t *delegator; /* who lent the handle; NULL: nobody */
	const uid_t *delegate;  /* whom it is lent to; NULL: nobody */
	uid_t uid;
	pid_t pid;
	enum error_code result;
	int64_t microseconds;
};

/*
 * To be asked before an operation: whether it could be recorded. Waits while
 * the disk is far behind.
 *
 * Fails with ERROR_UNAVAILABLE if not, and the mode is AUDIT_REQUIRED.
 */
MUST_CHECK enum error_code audit_ready(struct audit *audit, struct error *err);

/*
 * Records. When it returns, the record is the kernel's, and outlives us.
 *
 * Fails with ERROR_UNAVAILABLE if it cannot be written and the mode is
 * AUDIT_REQUIRED; the record is kept and written when that can be done again,
 * but the operation's result must not be given away.
 */
MUST_CHECK enum error_code audit_append(
    struct audit *audit, const struct audit_record *record, struct error *err);

/* What the log has done since the start. */
struct audit_figures {
	uint64_t records;
	uint64_t lost;          /* records that could not be written */
	uint64_t journal_lost;  /* not taken by the journal */
	uint64_t backlog_bytes; /* written, and not known to be on disk */
	uint64_t syncs;
	uint64_t sync_failures;
	bool failing; /* records cannot be written now */
};

/* NULL is allowed: all zero. */
void audit_figures(struct audit *audit, struct audit_figures *ret_figures);

#endif
