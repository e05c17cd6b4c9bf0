/* SPDX-License-Identifier: MIT */
/*
 * Reading keyd's audit log: is it whole, and if not, where. Works on files,
 * without keyd; docs/guides/audit.md has the form of the lines and what can be
 * found out from them.
 */
#ifndef KEYD_AUDIT_LOG_H
#define KEYD_AUDIT_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

#define AUDIT_HASH_LENGTH 64 /* hex digits of a SHA-256 */

/* Where a chain of records is: the number and the hash of its last one. */
struct audit_chain {
	uint64_t sequence; /* 0: before the first record */
	char hash[AUDIT_HASH_LENGTH + 1];
};

/* line is 0 if the trouble is with the file as a whole. */
typedef void audit_reporter(void *context, const char *file, uint64_t line,
    const char *problem, bool is_error);

struct audit_summary {
	size_t files;
	uint64_t records;
	uint64_t errors;
	uint64_t first; /* number of the first record; 0: none */
	struct audit_chain last;
	struct audit_chain head; /* what keyd last noted; .sequence 0: none */
};

/*
 * Verifies the files of a folder as keyd keeps it: those that were rotated
 * away, the current one, and the note of its head. report is called for each
 * thing that is wrong (is_error), and for what is only worth knowing. Unless
 * expected is NULL, it is wrong too if no record has this hash.
 *
 * Success means that everything could be read; ret_summary->errors says whether
 * it is in order. Fails with ERROR_NOT_FOUND if there is no log, and as
 * file_read() does.
 */
MUST_CHECK enum error_code audit_verify_folder(const char *folder,
    const char *expected, audit_reporter *report, void *context,
    struct audit_summary *ret_summary, struct error *err);

/* The same for files alone, given in any order. */
MUST_CHECK enum error_code audit_verify_files(const char *const *paths,
    size_t count, const char *expected, audit_reporter *report, void *context,
    struct audit_summary *ret_summary, struct error *err);

#endif
