/* SPDX-License-Identifier: MIT */
/*
 * The journal of systemd, by its native protocol and without ever waiting: what
 * it does not take at once is lost to it, and counted.
 */
#ifndef KEYD_AUDIT_JOURNAL_H
#define KEYD_AUDIT_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "common/cleanup.h"
#include "common/error.h"

#define JOURNAL_SOCKET "/run/systemd/journal/socket"

struct journal;

/* Fails with ERROR_INTERNAL if the socket's path is too long. */
MUST_CHECK enum error_code journal_open(
    const char *socket_path, struct journal **ret_journal, struct error *err);
void journal_close(struct journal *journal);

/*
 * Sends the lines of the file between two of its offsets, at both of which
 * lines begin. Returns how many lines were lost.
 */
uint64_t journal_copy(
    struct journal *journal, int file, uint64_t from, uint64_t to);

#endif
