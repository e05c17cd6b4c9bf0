/* SPDX-License-Identifier: MIT */
/* How the audit log goes on where it ended, however that was. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit_state.h"
#include "check.h"
#include "common/deadline.h"
#include "common/file.h"
#include "common/log.h"
#include "files.h"

static const char zeros[] =
    "0000000000000000000000000000000000000000000000000000000000000000";

/* The end of a file: its last whole line, and what is behind it. */
struct tail {
	struct audit_place last; /* .chain.sequence is 0: not a record */
	bool is_empty;           /* there is no whole line */
	uint64_t whole;          /* bytes up to the end of the last line */
	size_t torn_length;      /* bytes behind it, of which are here: */
	char torn[AUDIT_TEXT_MAX];
};

/*
 * Reads the tail from text, the last length bytes of a file of size bytes.
 * Returns false if its last line begins before them.
 */
static bool
read_tail(const char *text, size_t length, uint64_t size, struct tail *tail)
{
	const char *end = memrchr(text, '\n', length);
	size_t torn = end ? length - (size_t)(end + 1 - text) : length;
	const char *before =
	    end ? memrchr(text, '\n', (size_t)(end - text)) : NULL;
	const char *line = before ? before + 1 : text;

	if (!before && length < size)
		return false;
	*tail = (struct tail){
	    .is_empty = !end, .whole = size - torn, .torn_length = torn};
	memcpy(tail->torn, text + length - torn,
	    torn < sizeof(tail->torn) ? torn : sizeof(tail->torn));
	if (end && !audit_line_parse(line, (size_t)(end - line), &tail->last))
		tail->last = (struct audit_place){0};
	return true;
}

/* Looks at more and more of the file, but mostly at a little. */
static enum error_code
tail_of(int file, const char *path, struct tail *ret_tail, struct error *err)
{
	struct stat status;
	uint64_t size, window = AUDIT_LINE_MAX;
	bool found = false;

	if (fstat(file, &status) < 0)
		return error_set_errno(err, ERROR_INTERNAL, "'%s'", path);
	size = (uint64_t)status.st_size;
	for (; !found; window *= 8) {
		uint64_t length = window < size ? window : size;
		CLEANUP(string) char *text = malloc(length + 1);
		ssize_t got;

		if (!text)
			return error_no_memory(err);
		got = pread(file, text, length, (off_t)(size - length));
		if (got != (ssize_t)length)
			return error_set_errno(
			    err, ERROR_INTERNAL, "cannot read '%s'", path);
		found = read_tail(text, length, size, ret_tail);
	}
	return ERROR_NONE;
}

/* ---- where the chain is ---- */

static void
ignore_problem(void *context, const char *file, uint64_t line,
    const char *problem, bool is_error)
{
	(void)context;
	(void)file;
	(void)line;
	(void)problem;
	(void)is_error;
}

/* The last record of a file whose last line is none. */
static void
search_last(const char *path, struct audit_chain *chain)
{
	struct audit_summary summary;
	struct error err;

	if (audit_verify_files(
		&path, 1, NULL, ignore_problem, NULL, &summary, &err)) {
		log_error("audit: %s", err.message);
		return;
	}
	*chain = summary.last;
}

static void
go_on_from(const char *path, const struct tail *tail, struct audit_chain *chain)
{
	if (tail->last.chain.sequence > 0) {
		*chain = tail->last.chain;
	} else if (!tail->is_empty) {
		log_error("audit: the last line of '%s' is no record; "
			  "'signetctl audit verify' tells more",
		    path);
		search_last(path, chain);
	}
}

/*
 * Without the current file, because the last run ended while it was turned, or
 * because somebody removed it, the newest of the others is gone on from.
 */
static enum error_code
go_on_from_old(struct audit *audit, struct error *err)
{
	CLEANUP_DONE(audit_files) struct audit_files files = {0};
	struct tail tail;
	enum error_code code;
	int file;

	if (audit_files_list(audit->folder, &files, err))
		return err->code;
	if (files.count == 0)
		return ERROR_NONE;
	file = open(files.paths[files.count - 1], O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return error_set_errno(err, ERROR_INTERNAL, "cannot open '%s'",
		    files.paths[files.count - 1]);
	code = tail_of(file, files.paths[files.count - 1], &tail, err);
	(void)close(file);
	if (code == ERROR_NONE)
		go_on_from(files.paths[files.count - 1], &tail, &audit->chain);
	return code;
}

/* Records that were on disk and are not there any more stay missed. */
static void
heed_head(struct audit *audit)
{
	struct audit_chain head;

	audit_head_read(audit->folder, &head);
	if (head.sequence <= audit->chain.sequence)
		return;
	log_error("audit: the records up to %" PRIu64 " were on disk, and '%s' "
		  "ends with %" PRIu64 "; somebody has removed some",
	    head.sequence, audit->path, audit->chain.sequence);
	audit->chain = head;
}

static enum error_code
open_current(struct audit *audit, struct tail *tail, struct error *err)
{
	struct audit_place first;

	audit->file = open(audit->path, O_RDWR | O_APPEND | O_CLOEXEC);
	if (audit->file < 0 && errno == ENOENT) {
		if (go_on_from_old(audit, err))
			return err->code;
		audit->file = open(audit->path,
		    O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	}
	if (audit->file < 0)
		return error_set_errno(
		    err, ERROR_INTERNAL, "cannot open '%s'", audit->path);
	if (tail_of(audit->file, audit->path, tail, err) ||
	    audit_file_first(audit->file, audit->path, &first, err))
		return err->code;
	go_on_from(audit->path, tail, &audit->chain);
	audit->first = first.chain.sequence;
	return ERROR_NONE;
}

/* A record whose writing was cut off is no record; what is there is kept. */
static enum error_code
set_torn_aside(struct audit *audit, const struct tail *tail, struct error *err)
{
	size_t shown = tail->torn_length < sizeof(tail->torn)
			   ? tail->torn_length
			   : sizeof(tail->torn);

	audit->size = tail->whole;
	audit->journaled = tail->whole;
	if (tail->torn_length == 0)
		return ERROR_NONE;
	if (ftruncate(audit->file, (off_t)tail->whole) < 0)
		return error_set_errno(err, ERROR_INTERNAL,
		    "cannot cut the torn line off '%s'", audit->path);
	audit_begin_own(audit, "torn");
	audit_line_number(&audit->line, "bytes", (int64_t)tail->torn_length);
	audit_line_bytes(&audit->line, "text", tail->torn, shown);
	audit_put(audit);
	return ERROR_NONE;
}

static enum error_code
resume(struct audit *audit, struct error *err)
{
	struct tail tail;

	memcpy(audit->chain.hash, zeros, sizeof(zeros));
	if (file_make_directory(audit->folder, 0700, err) ||
	    open_current(audit, &tail, err))
		return err->code;
	heed_head(audit);
	if (set_torn_aside(audit, &tail, err))
		return err->code;
	audit_begin_own(audit, "start");
	audit_line_text(&audit->line, "version", SIGNET_VERSION);
	audit_put(audit);
	if (audit->write_trouble.code)
		log_error("%s", audit->write_trouble.message);
	audit_update_hindered(audit);
	return ERROR_NONE;
}

/* ---- from nothing to a thread ---- */

static void
init_locks(struct audit *audit)
{
	(void)pthread_mutex_init(&audit->lock, NULL);
	deadline_condition_init(&audit->work);
	deadline_condition_init(&audit->room);
}

static enum error_code
prepare(struct audit *audit, const struct audit_settings *settings,
    struct error *err)
{
	audit->mode = settings->mode;
	audit->file_size = settings->file_size;
	audit->turn_at = settings->file_size;
	audit->files = settings->files;
	audit->folder = strdup(settings->folder);
	audit->path = string_format("%s/%s", settings->folder, AUDIT_CURRENT);
	audit->pending = malloc(AUDIT_PENDING_MAX);
	if (!audit->folder || !audit->path || !audit->pending)
		return error_no_memory(err);
	if (settings->journal_socket &&
	    journal_open(settings->journal_socket, &audit->journal, err))
		return err->code;
	return audit_hasher_init(&audit->hasher, err);
}

enum error_code
audit_open(const struct audit_settings *settings, struct audit **ret_audit,
    struct error *err)
{
	CLEANUP(audit) struct audit *audit = NULL;

	if (settings->mode == AUDIT_OFF) {
		*ret_audit = NULL;
		return ERROR_NONE;
	}
	audit = calloc(1, sizeof(*audit));
	if (!audit)
		return error_no_memory(err);
	audit->file = -1;
	init_locks(audit);
	if (prepare(audit, settings, err) || resume(audit, err))
		return error_wrap(err, "audit");
	errno = pthread_create(&audit->thread, NULL, audit_thread, audit);
	if (errno)
		return error_set_errno(
		    err, ERROR_INTERNAL, "starting the audit thread");
	audit->has_thread = true;
	*ret_audit = TAKE(audit);
	return ERROR_NONE;
}

static void
stop_thread(struct audit *audit)
{
	if (!audit->has_thread)
		return;
	(void)pthread_mutex_lock(&audit->lock);
	(void)audit_flush(audit);
	audit_begin_own(audit, "stop");
	audit_put(audit);
	audit->stopping = true;
	(void)pthread_cond_broadcast(&audit->work);
	(void)pthread_mutex_unlock(&audit->lock);
	(void)pthread_join(audit->thread, NULL);
}

void
audit_close(struct audit *audit)
{
	if (!audit)
		return;
	stop_thread(audit);
	if (audit->file >= 0)
		(void)close(audit->file);
	journal_close(audit->journal);
	audit_hasher_done(&audit->hasher);
	(void)pthread_cond_destroy(&audit->room);
	(void)pthread_cond_destroy(&audit->work);
	(void)pthread_mutex_destroy(&audit->lock);
	free(audit->pending);
	free(audit->path);
	free(audit->folder);
	free(audit);
}
