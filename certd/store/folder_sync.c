/* SPDX-License-Identifier: MIT */
#include "folder_sync.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Somebody who wants a sync that has not begun yet; on the caller's stack. */
struct waiter {
	struct waiter *next;
	bool is_done;
	int failure; /* an errno, or 0 */
};

struct folder_sync {
	char *path;
	int descriptor;
	pthread_mutex_t lock; /* for what follows */
	pthread_cond_t changed;
	bool is_busy; /* somebody syncs for all who waited when he began */
	struct waiter *waiting;
};

void
folder_sync_close(struct folder_sync *folder)
{
	if (!folder)
		return;
	if (folder->descriptor >= 0)
		(void)close(folder->descriptor);
	free(folder->path);
	(void)pthread_cond_destroy(&folder->changed);
	(void)pthread_mutex_destroy(&folder->lock);
	free(folder);
}

enum error_code
folder_sync_open(
    const char *path, struct folder_sync **ret_folder, struct error *err)
{
	CLEANUP(folder_sync)
	struct folder_sync *folder = malloc(sizeof(*folder));

	if (!folder)
		return error_no_memory(err);
	*folder = (struct folder_sync){.path = strdup(path),
	    .descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC),
	    .lock = PTHREAD_MUTEX_INITIALIZER,
	    .changed = PTHREAD_COND_INITIALIZER};
	if (!folder->path)
		return error_no_memory(err);
	if (folder->descriptor < 0)
		return error_set_errno(
		    err, ERROR_INTERNAL, "cannot open the folder '%s'", path);
	*ret_folder = TAKE(folder);
	return ERROR_NONE;
}

/* Syncs for all who wait now. Under the lock, which is let go meanwhile. */
static void
sync_for_all(struct folder_sync *folder)
{
	struct waiter *served = TAKE(folder->waiting);
	int failure;

	folder->is_busy = true;
	(void)pthread_mutex_unlock(&folder->lock);
	failure = fsync(folder->descriptor) < 0 ? errno : 0;
	(void)pthread_mutex_lock(&folder->lock);
	folder->is_busy = false;
	for (; served; served = served->next) {
		served->failure = failure;
		served->is_done = true;
	}
	(void)pthread_cond_broadcast(&folder->changed);
}

enum error_code
folder_sync_wait(struct folder_sync *folder, struct error *err)
{
	struct waiter own = {.is_done = false};

	(void)pthread_mutex_lock(&folder->lock);
	own.next = folder->waiting;
	folder->waiting = &own;
	while (!own.is_done)
		if (folder->is_busy)
			(void)pthread_cond_wait(
			    &folder->changed, &folder->lock);
		else
			sync_for_all(folder);
	(void)pthread_mutex_unlock(&folder->lock);
	if (!own.failure)
		return ERROR_NONE;
	errno = own.failure;
	return error_set_errno(
	    err, ERROR_INTERNAL, "fsync of the folder '%s'", folder->path);
}
