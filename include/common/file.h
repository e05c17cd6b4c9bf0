/* SPDX-License-Identifier: MIT */
/*
 * Files that are either the old or the new, whenever the power goes: written
 * to a temporary file beside the target, fsync, rename, fsync of the folder.
 */
#ifndef COMMON_FILE_H
#define COMMON_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "common/cleanup.h"
#include "common/error.h"

/*
 * Reads a whole regular file of at most maximum bytes, also one of the kernel's
 * (/proc), whose size nobody knows before. *ret_data (with a NUL behind it that
 * *ret_length does not count) is the caller's, to be freed. ret_length may be
 * NULL.
 *
 * Fails with ERROR_NOT_FOUND if there is no such file, ERROR_DENIED if it may
 * not be read, ERROR_INVALID if it is longer or no regular file.
 */
MUST_CHECK enum error_code file_read(const char *path, size_t maximum,
    char **ret_data, size_t *ret_length, struct error *err);

/*
 * Replaces path by data, with exactly mode. On failure path is as it was and
 * no temporary file ("path.<number>.tmp") stays; only if the very last step,
 * the fsync of the folder, fails, path has the new data already. Fails with
 * ERROR_INTERNAL (the text has the errno).
 */
MUST_CHECK enum error_code file_write(const char *path, const void *data,
    size_t length, mode_t mode, struct error *err);

/*
 * file_write() without that last step: path is the old or the new, but which of
 * them after a power cut is not known until its folder has been synced.
 */
MUST_CHECK enum error_code file_write_unsynced(const char *path,
    const void *data, size_t length, mode_t mode, struct error *err);

/*
 * Renames from to to, which is replaced, durably; both are in one folder. Fails
 * with ERROR_INTERNAL.
 */
MUST_CHECK enum error_code file_rename(
    const char *from, const char *to, struct error *err);

/*
 * Gives the file from the second name to, which must not exist, durably; both
 * are in one folder. Fails with ERROR_INTERNAL.
 */
MUST_CHECK enum error_code file_link(
    const char *from, const char *to, struct error *err);

/* Removes path durably; that it does not exist is success. */
MUST_CHECK enum error_code file_remove(const char *path, struct error *err);

bool file_exists(const char *path);

/* Makes the directory path and what is missing above it, with mode less umask.
 */
MUST_CHECK enum error_code file_make_directory(
    const char *path, mode_t mode, struct error *err);

/*
 * The name under which aziot keeps what belongs to id:
 * "<alphanumerics of id>-<hex SHA-256 of id>.<extension>". NULL: no memory.
 */
char *file_name_of_id(const char *id, const char *extension);

/* asprintf() that returns the text, or NULL if there is no memory. */
char *string_format(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* Frees text after wiping it. NULL is allowed. */
void secret_free(char *text);
DEFINE_CLEANUP(secret, char, secret_free)

#endif
