/* SPDX-License-Identifier: MIT */
/*
 * The files of the audit log in their folder:
 *
 *	audit.log            the current one
 *	audit-<number>.log   older ones, by the number of their first record
 *	head                 the record that was known to be on disk last
 */
#ifndef KEYD_AUDIT_FILES_H
#define KEYD_AUDIT_FILES_H

#include "line.h"

#define AUDIT_CURRENT "audit.log"
#define AUDIT_HEAD "head"

/* Paths, oldest first, the current file last. */
struct audit_files {
	size_t count;
	char **paths;
};

void audit_files_done(struct audit_files *files);

/* Fails with ERROR_NOT_FOUND if there is no such folder. */
MUST_CHECK enum error_code audit_files_list(
    const char *folder, struct audit_files *ret_files, struct error *err);

/*
 * The place of the first record of a file that is open, and called path.
 * ret_place->chain.sequence is 0 if its first line is none. ERROR_INTERNAL.
 */
MUST_CHECK enum error_code audit_file_first(int file, const char *path,
    struct audit_place *ret_place, struct error *err);

/* The note of the head; .sequence is 0 if there is none, or none to be read. */
void audit_head_read(const char *folder, struct audit_chain *ret_head);

/* Fails as file_write() does. */
MUST_CHECK enum error_code audit_head_write(
    const char *folder, const struct audit_chain *head, struct error *err);

#endif
