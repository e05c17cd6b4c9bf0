/* SPDX-License-Identifier: MIT */
/*
 * A folder in which many threads rename files: those who want that to be on
 * disk at the same time share one fsync.
 */
#ifndef CERTD_FOLDER_SYNC_H
#define CERTD_FOLDER_SYNC_H

#include "common/cleanup.h"
#include "common/error.h"

struct folder_sync;

/* Fails with ERROR_INTERNAL if there is no such folder. */
MUST_CHECK enum error_code folder_sync_open(
    const char *path, struct folder_sync **ret_folder, struct error *err);

/* Nobody waits any more. NULL is allowed. */
void folder_sync_close(struct folder_sync *folder);
DEFINE_CLEANUP(folder_sync, struct folder_sync, folder_sync_close)

/*
 * When it returns, what was renamed in the folder before the call is on disk.
 * Any thread. Fails with ERROR_INTERNAL if the fsync that began after the call
 * did; who shared it fails too.
 */
MUST_CHECK enum error_code folder_sync_wait(
    struct folder_sync *folder, struct error *err);

#endif
