/* SPDX-License-Identifier: MIT */
/* What brings the audit log to the disk and turns its file. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit_state.h"
#include "common/deadline.h"
#include "common/file.h"
#include "common/log.h"
#include "files.h"

#define SYNC_MS 500
/* A file that cannot be turned is tried again when it has grown by this. */
#define TURN_RETRY ((uint64_t)1024 * 1024)

/* ---- to the disk ---- */

/* What was written when a sync began. */
struct mark {
	uint64_t written;
	uint64_t size;
	bool is_whole; /* chain is of a record that is in the file */
	struct audit_chain chain;
};

static enum error_code
sync_file(struct audit *audit, const struct mark *mark, struct error *err)
{
	struct error trouble;

	if (fsync(audit->file) < 0)
		return error_set_errno(err, ERROR_UNAVAILABLE,
		    "the audit log cannot be brought to the disk (%s)",
		    audit->path);
	/* Without it only the removal of records is harder to find out. */
	if (mark->is_whole &&
	    audit_head_write(audit->folder, &mark->chain, &trouble))
		log_warning("audit: %s", trouble.message);
	return ERROR_NONE;
}

/* What a power cut may take is said in the log itself. */
static void
note_sync_failure(struct audit *audit, const struct error *trouble)
{
	if (audit->sync_trouble.code == ERROR_NONE) {
		log_error("%s", trouble->message);
		audit_begin_own(audit, "sync-failed");
		audit_put(audit);
	}
	audit->figures.sync_failures++;
	audit->sync_trouble = *trouble;
}

/* The lines of file up to its offset to; returns how many were lost. */
static uint64_t
journal_more(struct audit *audit, int file, uint64_t to)
{
	uint64_t from = audit->journaled;

	audit->journaled = to;
	return audit->journal ? journal_copy(audit->journal, file, from, to)
			      : 0;
}

static void
sync_once(struct audit *audit)
{
	struct mark mark;
	struct error trouble = {0};
	uint64_t lost = 0;

	(void)audit_flush(audit);
	mark = (struct mark){
	    .written = audit->written,
	    .size = audit->size,
	    .is_whole = audit->pending_length == 0,
	    .chain = audit->chain,
	};
	(void)pthread_mutex_unlock(&audit->lock);
	(void)sync_file(audit, &mark, &trouble);
	if (mark.is_whole)
		lost = journal_more(audit, audit->file, mark.size);
	(void)pthread_mutex_lock(&audit->lock);

	audit->figures.syncs++;
	audit->figures.journal_lost += lost;
	if (trouble.code) {
		note_sync_failure(audit, &trouble);
	} else {
		audit->sync_trouble.code = ERROR_NONE;
		audit->synced = mark.written;
	}
	audit_update_hindered(audit);
	(void)pthread_cond_broadcast(&audit->room);
}

/* ---- turning the file ---- */

static void
remove_oldest(const struct audit *audit)
{
	CLEANUP_DONE(audit_files) struct audit_files files = {0};
	struct error trouble;

	if (audit_files_list(audit->folder, &files, &trouble))
		return;
	/* The last one is the current one. */
	for (size_t i = 0; i + audit->files + 1 < files.count; i++)
		(void)unlink(files.paths[i]);
}

/* Gives the file its old name and opens a new one; -1 and errno: it stays. */
static int
replace_file(const struct audit *audit)
{
	CLEANUP(string)
	char *old = string_format(
	    "%s/audit-%012" PRIu64 ".log", audit->folder, audit->first);
	int file;

	if (!old || rename(audit->path, old) < 0)
		return -1;
	file = open(audit->path,
	    O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (file < 0) {
		int reason = errno;

		(void)rename(old, audit->path);
		errno = reason;
	}
	return file;
}

static void
sync_folder(const struct audit *audit)
{
	int folder = open(audit->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (folder < 0)
		return;
	(void)fsync(folder);
	(void)close(folder);
}

static void
use_file(struct audit *audit, int file)
{
	audit->file = file;
	audit->size = 0;
	audit->turn_at = audit->file_size;
	audit->must_cut = false;
	audit_begin_own(audit, "continue");
	audit_put(audit);
}

static void
turn(struct audit *audit)
{
	int old = audit->file;
	uint64_t old_size = audit->size;
	int file = replace_file(audit);
	uint64_t lost;

	if (file < 0) {
		log_warning("audit: cannot turn '%s': %s", audit->path,
		    strerror(errno));
		audit->turn_at = audit->size + TURN_RETRY;
		return;
	}
	use_file(audit, file);
	(void)pthread_mutex_unlock(&audit->lock);
	if (fsync(old) < 0)
		log_error("audit: fsync of an old file: %s", strerror(errno));
	lost = journal_more(audit, old, old_size);
	audit->journaled = 0;
	(void)close(old);
	sync_folder(audit);
	remove_oldest(audit);
	(void)pthread_mutex_lock(&audit->lock);
	audit->figures.journal_lost += lost;
}

/* A file that was removed or replaced by others is not written to for ever. */
static void
follow_file(struct audit *audit)
{
	struct stat ours, theirs;
	int file;

	if (fstat(audit->file, &ours) < 0 ||
	    (stat(audit->path, &theirs) == 0 && theirs.st_ino == ours.st_ino &&
		theirs.st_dev == ours.st_dev))
		return;
	file = open(audit->path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (file < 0)
		return;
	log_error("audit: somebody has removed '%s'; a new file is begun",
	    audit->path);
	(void)close(audit->file);
	use_file(audit, file);
	audit->journaled = 0;
}

/* ---- the thread ---- */

static bool
is_failing(const struct audit *audit)
{
	return audit->write_trouble.code != ERROR_NONE ||
	       audit->sync_trouble.code != ERROR_NONE;
}

static bool
has_work(const struct audit *audit)
{
	return audit->written != audit->synced || is_failing(audit);
}

static bool
is_urgent(const struct audit *audit)
{
	if (audit->stopping || is_failing(audit))
		return audit->stopping;
	return audit->written - audit->synced > AUDIT_BACKLOG_MAX / 2 ||
	       audit->size >= audit->turn_at;
}

/* Lets more records come, so that one sync serves many. */
static void
gather(struct audit *audit)
{
	struct timespec until = deadline_after_ms(SYNC_MS);

	while (!is_urgent(audit))
		if (pthread_cond_timedwait(
			&audit->work, &audit->lock, &until) == ETIMEDOUT)
			return;
}

void *
audit_thread(void *argument)
{
	struct audit *audit = argument;

	(void)pthread_mutex_lock(&audit->lock);
	while (!audit->stopping) {
		if (!has_work(audit)) {
			(void)pthread_cond_wait(&audit->work, &audit->lock);
			continue;
		}
		gather(audit);
		follow_file(audit);
		sync_once(audit);
		if (audit->size >= audit->turn_at && !is_failing(audit))
			turn(audit);
	}
	if (has_work(audit))
		sync_once(audit);
	(void)pthread_mutex_unlock(&audit->lock);
	return NULL;
}
