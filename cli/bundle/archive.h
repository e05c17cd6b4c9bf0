/* SPDX-License-Identifier: MIT */
/* An archive of texts as tar(1) reads it (ustar), in memory. */
#ifndef CLI_ARCHIVE_H
#define CLI_ARCHIVE_H

#include <stdint.h>

#include "common/cleanup.h"
#include "common/error.h"

struct archive;

MUST_CHECK enum error_code archive_create(
    int64_t now, struct archive **ret_archive, struct error *err);

/* NULL is allowed. */
void archive_free(struct archive *archive);
DEFINE_CLEANUP(archive, struct archive, archive_free)

/* Adds a file; its name has at most 99 bytes. Fails with ERROR_INVALID. */
MUST_CHECK enum error_code archive_add(struct archive *archive,
    const char *name, const char *text, struct error *err);

/*
 * Ends it and writes it to path, mode 0600, or with NULL to standard output.
 * Fails as file_write().
 */
MUST_CHECK enum error_code archive_write(
    struct archive *archive, const char *path, struct error *err);

#endif
