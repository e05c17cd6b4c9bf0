/* SPDX-License-Identifier: MIT */
#include "common/file.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/openssl.h"

#define PIECE 4096 /* of a file without a size */

static void
close_descriptor(const int *descriptor)
{
	if (*descriptor >= 0)
		(void)close(*descriptor);
}

#define CLEANUP_DESCRIPTOR __attribute__((cleanup(close_descriptor)))

char *
string_format(const char *format, ...)
{
	va_list args;
	char *text;
	int length;

	va_start(args, format);
	length = vasprintf(&text, format, args);
	va_end(args);
	return length < 0 ? NULL : text;
}

void
secret_free(char *text)
{
	if (!text)
		return;
	OPENSSL_cleanse(text, strlen(text));
	free(text);
}

bool
file_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

static enum error_code
open_failed(const char *path, struct error *err)
{
	enum error_code code =
	    errno == ENOENT || errno == ENOTDIR ? ERROR_NOT_FOUND
	    : errno == EACCES || errno == EPERM ? ERROR_DENIED
						: ERROR_INTERNAL;

	return error_set_errno(err, code, "cannot open '%s'", path);
}

static enum error_code
read_all(int descriptor, const char *path, char *data, size_t length,
    size_t *got, struct error *err)
{
	*got = 0;
	while (*got < length) {
		ssize_t count = read(descriptor, data + *got, length - *got);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return error_set_errno(
			    err, ERROR_INTERNAL, "cannot read '%s'", path);
		if (count == 0)
			break;
		*got += (size_t)count;
	}
	return ERROR_NONE;
}

static enum error_code
set_too_long(
    const char *path, uintmax_t length, size_t maximum, struct error *err)
{
	return error_set(err, ERROR_INVALID,
	    "'%s' has %ju bytes, at most %zu are read", path, length, maximum);
}

/* Those of the kernel (/proc) have a size of 0, and end where they end. */
static enum error_code
read_unsized(int descriptor, const char *path, size_t maximum, char **ret_data,
    size_t *ret_length, struct error *err)
{
	CLEANUP(string) char *data = NULL;
	size_t length = 0;
	size_t got;

	do {
		char *longer = realloc(data, length + PIECE + 1);

		if (!longer)
			return error_no_memory(err);
		data = longer;
		if (read_all(descriptor, path, data + length, PIECE, &got, err))
			return err->code;
		length += got;
		if (length > maximum)
			return set_too_long(path, length, maximum, err);
	} while (got == PIECE);
	*ret_length = length;
	*ret_data = TAKE(data);
	return ERROR_NONE;
}

static enum error_code
read_sized(int descriptor, const char *path, size_t size, char **ret_data,
    size_t *ret_length, struct error *err)
{
	CLEANUP(string) char *data = malloc(size + 1);

	if (!data)
		return error_no_memory(err);
	if (read_all(descriptor, path, data, size, ret_length, err))
		return err->code;
	*ret_data = TAKE(data);
	return ERROR_NONE;
}

enum error_code
file_read(const char *path, size_t maximum, char **ret_data, size_t *ret_length,
    struct error *err)
{
	CLEANUP_DESCRIPTOR int descriptor =
	    open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat status;
	size_t length;

	if (descriptor < 0)
		return open_failed(path, err);
	if (fstat(descriptor, &status) < 0 || !S_ISREG(status.st_mode))
		return error_set(
		    err, ERROR_INVALID, "'%s' is not a regular file", path);
	if ((uintmax_t)status.st_size > maximum)
		return set_too_long(
		    path, (uintmax_t)status.st_size, maximum, err);
	if (status.st_size == 0
		? read_unsized(
		      descriptor, path, maximum, ret_data, &length, err)
		: read_sized(descriptor, path, (size_t)status.st_size, ret_data,
		      &length, err))
		return err->code;
	(*ret_data)[length] = '\0';
	if (ret_length)
		*ret_length = length;
	return ERROR_NONE;
}

static enum error_code
write_all(int descriptor, const char *data, size_t length, struct error *err)
{
	while (length > 0) {
		ssize_t count = write(descriptor, data, length);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return error_set_errno(err, ERROR_INTERNAL, "write");
		data += count;
		length -= (size_t)count;
	}
	return ERROR_NONE;
}

/*
 * The folder of path, to be synced: what rename() and unlink() change is on
 * disk when the folder is. Opened before the change, so that this cannot fail
 * after it. *ret_folder is the caller's.
 */
static enum error_code
open_folder_of(const char *path, int *ret_folder, struct error *err)
{
	CLEANUP(string) char *copy = strdup(path);

	if (!copy)
		return error_no_memory(err);
	*ret_folder = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*ret_folder < 0)
		return error_set_errno(err, ERROR_INTERNAL,
		    "cannot open the folder of '%s'", path);
	return ERROR_NONE;
}

static enum error_code
sync_folder(int folder, const char *path, struct error *err)
{
	if (fsync(folder) < 0)
		return error_set_errno(
		    err, ERROR_INTERNAL, "fsync of the folder of '%s'", path);
	return ERROR_NONE;
}

static enum error_code
write_temporary(const char *temporary, const void *data, size_t length,
    mode_t mode, struct error *err)
{
	CLEANUP_DESCRIPTOR int descriptor =
	    open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (descriptor < 0)
		return error_set_errno(err, ERROR_INTERNAL, "create");
	if (fchmod(descriptor, mode) < 0)
		return error_set_errno(err, ERROR_INTERNAL, "fchmod");
	if (write_all(descriptor, data, length, err))
		return err->code;
	if (fsync(descriptor) < 0)
		return error_set_errno(err, ERROR_INTERNAL, "fsync");
	return ERROR_NONE;
}

/* Writes temporary and makes it path; what is left of it is the caller's. */
static enum error_code
replace(const char *path, const char *temporary, const void *data,
    size_t length, mode_t mode, struct error *err)
{
	if (write_temporary(temporary, data, length, mode, err))
		return err->code;
	if (rename(temporary, path) < 0)
		return error_set_errno(err, ERROR_INTERNAL, "rename");
	return ERROR_NONE;
}

enum error_code
file_write_unsynced(const char *path, const void *data, size_t length,
    mode_t mode, struct error *err)
{
	CLEANUP(string)
	char *temporary = string_format("%s.%d.tmp", path, gettid());

	if (!temporary)
		return error_no_memory(err);
	/* Only a dead thread with our number can have left one. */
	(void)unlink(temporary);
	if (replace(path, temporary, data, length, mode, err)) {
		(void)unlink(temporary);
		return error_wrap(err, "cannot write '%s'", path);
	}
	return ERROR_NONE;
}

enum error_code
file_write(const char *path, const void *data, size_t length, mode_t mode,
    struct error *err)
{
	CLEANUP_DESCRIPTOR int folder = -1;

	if (open_folder_of(path, &folder, err) ||
	    file_write_unsynced(path, data, length, mode, err))
		return err->code;
	return sync_folder(folder, path, err);
}

enum error_code
file_rename(const char *from, const char *to, struct error *err)
{
	CLEANUP_DESCRIPTOR int folder = -1;

	if (open_folder_of(to, &folder, err))
		return err->code;
	if (rename(from, to) < 0)
		return error_set_errno(
		    err, ERROR_INTERNAL, "cannot rename '%s'", from);
	return sync_folder(folder, to, err);
}

enum error_code
file_link(const char *from, const char *to, struct error *err)
{
	CLEANUP_DESCRIPTOR int folder = -1;

	if (open_folder_of(to, &folder, err))
		return err->code;
	if (link(from, to) < 0)
		return error_set_errno(
		    err, ERROR_INTERNAL, "cannot keep '%s' as '%s'", from, to);
	return sync_folder(folder, to, err);
}

enum error_code
file_remove(const char *path, struct error *err)
{
	CLEANUP_DESCRIPTOR int folder = -1;

	if (faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) < 0 &&
	    errno == ENOENT)
		return ERROR_NONE;
	if (open_folder_of(path, &folder, err))
		return err->code;
	if (unlink(path) < 0 && errno != ENOENT)
		return error_set_errno(
		    err, ERROR_INTERNAL, "cannot remove '%s'", path);
	return sync_folder(folder, path, err);
}

static enum error_code
make_one_directory(const char *path, mode_t mode, struct error *err)
{
	struct stat status;

	if (mkdir(path, mode) == 0)
		return ERROR_NONE;
	if (errno == EEXIST && stat(path, &status) == 0 &&
	    S_ISDIR(status.st_mode))
		return ERROR_NONE;
	return error_set_errno(
	    err, ERROR_INTERNAL, "cannot make directory '%s'", path);
}

enum error_code
file_make_directory(const char *path, mode_t mode, struct error *err)
{
	CLEANUP(string) char *copy = strdup(path);
	char *slash;

	if (!copy)
		return error_no_memory(err);
	/* Not the slash at the start, which needs no making. */
	slash = strchr(copy + strspn(copy, "/"), '/');
	while (slash) {
		*slash = '\0';
		if (make_one_directory(copy, mode, err))
			return err->code;
		*slash = '/';
		slash = strchr(slash + 1, '/');
	}
	return make_one_directory(path, mode, err);
}

char *
file_name_of_id(const char *id, const char *extension)
{
	CLEANUP(string) char *plain = malloc(strlen(id) + 1);
	char hex[65];
	size_t kept = 0;
	struct error ignored;

	if (!plain || sha256_hex(id, strlen(id), hex, &ignored))
		return NULL;
	for (const char *c = id; *c; c++)
		if (isascii((unsigned char)*c) && isalnum((unsigned char)*c))
			plain[kept++] = *c;
	plain[kept] = '\0';
	return string_format("%s-%s.%s", plain, hex, extension);
}
