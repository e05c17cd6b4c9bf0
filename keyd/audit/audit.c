/* SPDX-License-Identifier: MIT */
#include "audit.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit_state.h"
#include "common/deadline.h"

#define WAIT_SECONDS 30

enum error_code
audit_mode_parse(const char *text, enum audit_mode *ret_mode, struct error *err)
{
	static const char *const names[] = {
	    [AUDIT_REQUIRED] = "required",
	    [AUDIT_BEST_EFFORT] = "best-effort",
	    [AUDIT_OFF] = "off",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(text ? text : names[AUDIT_REQUIRED], names[i]) ==
		    0) {
			*ret_mode = (enum audit_mode)i;
			return ERROR_NONE;
		}
	return error_set(err, ERROR_INVALID,
	    "'audit' is '%s'; it can be required, best-effort or off", text);
}

static uint64_t
backlog(const struct audit *audit)
{
	return audit->written - audit->synced;
}

void
audit_update_hindered(struct audit *audit)
{
	atomic_store(
	    &audit->hindered, audit->write_trouble.code != ERROR_NONE ||
				  audit->sync_trouble.code != ERROR_NONE ||
				  backlog(audit) > AUDIT_BACKLOG_MAX);
}

/* ---- to the kernel ---- */

/* A write that failed may have left a part of it. */
static bool
cut(struct audit *audit)
{
	if (audit->must_cut && ftruncate(audit->file, (off_t)audit->size) == 0)
		audit->must_cut = false;
	return !audit->must_cut;
}

static void
note_failure(struct audit *audit, size_t length)
{
	struct stat status;

	(void)error_set_errno(&audit->write_trouble, ERROR_UNAVAILABLE,
	    "the audit log cannot be written (%s)", audit->path);
	/* What others have appended is not ours to cut. */
	audit->must_cut = fstat(audit->file, &status) == 0 &&
			  (uint64_t)status.st_size > audit->size &&
			  (uint64_t)status.st_size - audit->size < length;
	(void)cut(audit);
}

/* Returns how many bytes the file has got. */
static size_t
write_some(struct audit *audit, const char *data, size_t length)
{
	size_t done = 0;

	if (!cut(audit))
		return 0;
	while (done < length) {
		ssize_t count = write(audit->file, data + done, length - done);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0) {
			note_failure(audit, length - done);
			break;
		}
		done += (size_t)count;
		audit->size += (size_t)count;
		audit->written += (size_t)count;
	}
	return done;
}

static void
keep(struct audit *audit, const char *data, size_t length)
{
	memcpy(audit->pending + audit->pending_length, data, length);
	audit->pending_length += length;
}

void
audit_begin_own(struct audit *audit, const char *operation)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	audit_line_begin(&audit->line, audit->chain.sequence + 1, &now);
	audit_line_number(&audit->line, "uid", (int64_t)geteuid());
	audit_line_number(&audit->line, "pid", (int64_t)getpid());
	audit_line_text(&audit->line, "op", operation);
}

void
audit_put(struct audit *audit)
{
	struct audit_line *line = &audit->line;
	size_t done = 0;

	/* The first record of a file says what it is chained to. */
	if (audit->size == 0 && audit->pending_length == 0) {
		audit->first = audit->chain.sequence + 1;
		audit_line_text(line, "previous", audit->chain.hash);
	}
	if (audit->pending_length > AUDIT_PENDING_MAX - AUDIT_LINE_MAX ||
	    audit_line_seal(
		line, &audit->hasher, &audit->chain, &audit->write_trouble)) {
		audit->figures.lost++;
		audit->unreported++;
		return;
	}
	audit->figures.records++;
	if (audit->pending_length == 0)
		done = write_some(audit, line->text, line->length);
	if (done < line->length)
		keep(audit, line->text + done, line->length - done);
}

static void
report_losses(struct audit *audit)
{
	uint64_t count = audit->unreported;

	if (count == 0)
		return;
	audit->unreported = 0;
	audit_begin_own(audit, "lost");
	audit_line_number(&audit->line, "count", (int64_t)count);
	audit_put(audit);
}

bool
audit_flush(struct audit *audit)
{
	size_t done;

	if (audit->write_trouble.code == ERROR_NONE)
		return true;
	done = write_some(audit, audit->pending, audit->pending_length);
	audit->pending_length -= done;
	memmove(audit->pending, audit->pending + done, audit->pending_length);
	if (audit->pending_length == 0) {
		audit->write_trouble.code = ERROR_NONE;
		report_losses(audit);
	}
	audit_update_hindered(audit);
	return audit->write_trouble.code == ERROR_NONE;
}

/* ---- for callers ---- */

static enum error_code
trouble_of(const struct audit *audit, struct error *err)
{
	const struct error *trouble = audit->write_trouble.code
					  ? &audit->write_trouble
					  : &audit->sync_trouble;

	if (trouble->code == ERROR_NONE || audit->mode != AUDIT_REQUIRED)
		return ERROR_NONE;
	return error_set(err, ERROR_UNAVAILABLE,
	    "%s; what cannot be recorded is refused (free or repair the disk, "
	    "or configure 'audit: best-effort')",
	    trouble->message);
}

/* False if the disk did not catch up in time. */
static bool
wait_for_disk(struct audit *audit)
{
	struct timespec until = deadline_after_ms(WAIT_SECONDS * 1000);

	while (backlog(audit) > AUDIT_BACKLOG_MAX &&
	       audit->sync_trouble.code == ERROR_NONE) {
		(void)pthread_cond_signal(&audit->work);
		if (pthread_cond_timedwait(
			&audit->room, &audit->lock, &until) == ETIMEDOUT)
			return false;
	}
	return true;
}

static enum error_code
ready(struct audit *audit, struct error *err)
{
	if (!audit_flush(audit))
		return trouble_of(audit, err);
	if (audit->mode == AUDIT_REQUIRED && !wait_for_disk(audit))
		return error_set(err, ERROR_UNAVAILABLE,
		    "the disk has not taken the audit log for %d s (%s)",
		    WAIT_SECONDS, audit->path);
	return trouble_of(audit, err);
}

enum error_code
audit_ready(struct audit *audit, struct error *err)
{
	enum error_code code;

	if (!audit || !atomic_load(&audit->hindered))
		return ERROR_NONE;
	(void)pthread_mutex_lock(&audit->lock);
	code = ready(audit, err);
	(void)pthread_mutex_unlock(&audit->lock);
	return code;
}

/* What kind of key it is, and by which title it is used. */
static void
put_title(struct audit_line *line, const struct audit_record *record)
{
	if (record->is_symmetric)
		audit_line_text(line, "kind", "symmetric");
	if (record->levels > 0)
		audit_line_number(line, "levels", (int64_t)record->levels);
	if (record->delegator)
		audit_line_number(line, "by", (int64_t)*record->delegator);
	if (record->delegate)
		audit_line_number(line, "for", (int64_t)*record->delegate);
}

static void
put_record(struct audit *audit, const struct audit_record *record)
{
	struct audit_line *line = &audit->line;
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	audit_line_begin(line, audit->chain.sequence + 1, &now);
	audit_line_number(line, "uid", (int64_t)record->uid);
	audit_line_number(line, "pid", (int64_t)record->pid);
	audit_line_text(line, "op", record->operation);
	audit_line_text(line, "alg", record->algorithm);
	audit_line_text(line, "key", record->key);
	audit_line_text(line, "to", record->other);
	put_title(line, record);
	audit_line_text(line, "result",
	    record->result ? error_code_name(record->result) : "ok");
	audit_line_number(line, "us", record->microseconds);
	audit_put(audit);
}

/* The thread sleeps until there is something, and then for a while. */
static void
wake_thread(struct audit *audit, uint64_t written_before)
{
	if (written_before == audit->synced ||
	    backlog(audit) > AUDIT_BACKLOG_MAX / 2 ||
	    audit->size >= audit->turn_at)
		(void)pthread_cond_signal(&audit->work);
}

enum error_code
audit_append(
    struct audit *audit, const struct audit_record *record, struct error *err)
{
	enum error_code code = ERROR_NONE;
	uint64_t written;

	if (!audit)
		return ERROR_NONE;
	(void)pthread_mutex_lock(&audit->lock);
	written = audit->written;
	(void)audit_flush(audit);
	put_record(audit, record);
	/* A disk that is late is no reason to withhold this answer. */
	if (audit->write_trouble.code)
		code = trouble_of(audit, err);
	audit_update_hindered(audit);
	wake_thread(audit, written);
	(void)pthread_mutex_unlock(&audit->lock);
	return code;
}

void
audit_figures(struct audit *audit, struct audit_figures *ret_figures)
{
	*ret_figures = (struct audit_figures){0};
	if (!audit)
		return;
	(void)pthread_mutex_lock(&audit->lock);
	*ret_figures = audit->figures;
	ret_figures->backlog_bytes = backlog(audit) + audit->pending_length;
	ret_figures->failing = audit->write_trouble.code != ERROR_NONE ||
			       audit->sync_trouble.code != ERROR_NONE;
	(void)pthread_mutex_unlock(&audit->lock);
}
