/* SPDX-License-Identifier: MIT */
/*
 * A disk that fails once, or a power cut: preloaded into a daemon, it fails one
 * write, fsync, rename or unlink below a folder, or kills the daemon in its
 *place, and lets everything else through.
 *
 *	FAILIO_FOLDER  calls on it and on files below it count (an absolute
 *	               path, no slash at its end)
 *	FAILIO_CALL    write, fsync, rename or unlink
 *	FAILIO_NUMBER  which of them fails; the first is 1
 *	FAILIO_ERRNO   ENOSPC or EIO, or KILL: SIGKILL comes instead
 *	FAILIO_MARK    a file that is made when the call has failed
 *
 * A write fails half-way: half of it is on disk first.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef ssize_t write_function(int, const void *, size_t);
typedef int fsync_function(int);
typedef int rename_function(const char *, const char *);
typedef int unlink_function(const char *);

static atomic_long calls;

/* dlsym() gives an object pointer; ISO C wants the detour. */
#define NEXT(function, name)                                                   \
	do {                                                                   \
		void *symbol_ = dlsym(RTLD_NEXT, name);                        \
		memcpy(&(function), &symbol_, sizeof(function));               \
	} while (0)

static bool
is_below_folder(const char *path)
{
	const char *folder = getenv("FAILIO_FOLDER");

	return folder && strncmp(path, folder, strlen(folder)) == 0;
}

static bool
is_file_below_folder(int descriptor)
{
	char entry[64], path[PATH_MAX];
	ssize_t length;

	(void)snprintf(entry, sizeof(entry), "/proc/self/fd/%d", descriptor);
	/* NOLINTNEXTLINE(readability-suspicious-call-argument): a good order */
	length = readlink(entry, path, sizeof(path) - 1);
	if (length < 0)
		return false;
	path[length] = '\0';
	return is_below_folder(path);
}

static void
leave_mark(void)
{
	const char *mark = getenv("FAILIO_MARK");
	int descriptor = mark ? open(mark, O_CREAT | O_WRONLY, 0600) : -1;

	if (descriptor >= 0)
		(void)close(descriptor);
}

/* This is as far as the daemon gets, if that is the order. */
static void
die_if_ordered(void)
{
	const char *reason = getenv("FAILIO_ERRNO");

	if (reason && strcmp(reason, "KILL") == 0)
		(void)kill(getpid(), SIGKILL);
}

/* True for the one call that must fail; errno is set then. */
static bool
is_turn(const char *call)
{
	const char *wanted = getenv("FAILIO_CALL");
	const char *number = getenv("FAILIO_NUMBER");
	const char *reason = getenv("FAILIO_ERRNO");

	if (!wanted || !number || !reason || strcmp(wanted, call) != 0)
		return false;
	if (atomic_fetch_add(&calls, 1) + 1 != strtol(number, NULL, 10))
		return false;
	leave_mark();
	errno = strcmp(reason, "EIO") == 0 ? EIO : ENOSPC;
	return true;
}

/* These take the place of libc's; the names of its parameters are its own. */
/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */
ssize_t
write(int descriptor, const void *data, size_t length)
{
	write_function *next;

	NEXT(next, "write");
	if (is_file_below_folder(descriptor) && is_turn("write")) {
		int reason = errno;

		(void)next(descriptor, data, length / 2);
		die_if_ordered();
		errno = reason;
		return -1;
	}
	return next(descriptor, data, length);
}

int
fsync(int descriptor)
{
	fsync_function *next;

	NEXT(next, "fsync");
	if (is_file_below_folder(descriptor) && is_turn("fsync")) {
		die_if_ordered();
		return -1;
	}
	return next(descriptor);
}

int
rename(const char *from, const char *to)
{
	rename_function *next;

	NEXT(next, "rename");
	if (is_below_folder(to) && is_turn("rename")) {
		die_if_ordered();
		return -1;
	}
	return next(from, to);
}

int
unlink(const char *path)
{
	unlink_function *next;

	NEXT(next, "unlink");
	if (is_below_folder(path) && is_turn("unlink")) {
		die_if_ordered();
		return -1;
	}
	return next(path);
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
