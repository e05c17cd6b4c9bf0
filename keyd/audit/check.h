/* SPDX-License-Identifier: MIT */
/*
 * Follows the chain through files and says where it breaks. After a break it
 * goes on from what the line says of itself, so that one change is one
 * complaint.
 */
#ifndef KEYD_AUDIT_CHECK_H
#define KEYD_AUDIT_CHECK_H

#include "line.h"

struct audit_check {
	audit_reporter *report;
	void *context;
	struct audit_summary summary; /* .head is set by the caller */
	const char *expected;         /* likewise; NULL: none */
	bool is_expected_there;
	struct audit_hasher hasher;
	const char *file;
	uint64_t line;  /* of file, from 1 */
	size_t carried; /* bytes of the line that is being read */
	char carry[AUDIT_LINE_MAX];
};

/* Fails with ERROR_INTERNAL. */
MUST_CHECK enum error_code audit_check_init(struct audit_check *check,
    audit_reporter *report, void *context, struct error *err);
void audit_check_done(struct audit_check *check);

/* Starts the next file, whose name is borrowed until the next one. */
void audit_check_file(struct audit_check *check, const char *file);

/* Takes the next bytes of the file. Fails with ERROR_INTERNAL. */
MUST_CHECK enum error_code audit_check_feed(struct audit_check *check,
    const char *data, size_t length, struct error *err);

/* Ends a file: an incomplete line is an error unless it is_last. */
void audit_check_file_end(struct audit_check *check, bool is_last);

/* Ends the whole: compares it with the head, and with what is expected. */
void audit_check_end(struct audit_check *check);

#endif
