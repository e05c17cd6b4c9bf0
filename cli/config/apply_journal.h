/* SPDX-License-Identifier: MIT */
/*
 * What an apply is changing, on disk (applying.json beside config.yaml) from
 * before its first change until it is kept or taken back: an apply that has
 * been killed is found by it. Afterwards it is there for daemons alone that ran
 * and could not be started again, so that the next apply tries.
 */
#ifndef CLI_APPLY_JOURNAL_H
#define CLI_APPLY_JOURNAL_H

#include "apply.h"

/* Writes it, durably. Fails as file_write() does. */
MUST_CHECK enum error_code apply_journal_write(
    const struct apply *apply, struct error *err);

/*
 * Says, durably, that nothing is being changed any more: what is due remains,
 * without that it is removed; that there is none is success. Fails as
 * file_write() or file_remove() does.
 */
MUST_CHECK enum error_code apply_journal_close(
    const struct apply *apply, struct error *err);

/*
 * What an apply that is no longer at work has left: *ret_apply, the caller's,
 * can be taken back with apply_bring_back(), and has no text; what ran is due.
 * No items: there is nothing. Fails as file_read() does, or with ERROR_INVALID.
 */
MUST_CHECK enum error_code apply_journal_read(
    struct apply *ret_apply, struct error *err);

/* Where it is; the caller frees it. NULL: no memory. */
char *apply_journal_path(void);

/*
 * What it means that files are being changed and no apply is at work; NULL: it
 * is not so.
 */
const char *apply_interruption(void);

/*
 * Locks the folder of the configuration, which is made, against another apply,
 * until *ret_lock, the caller's, is closed; who just asks whether one is at
 * work is waited for. Fails with ERROR_UNAVAILABLE if one is.
 */
MUST_CHECK enum error_code apply_lock(int *ret_lock, struct error *err);

/* True if an apply is at work. Never waits. */
bool apply_is_locked(void);

#endif
