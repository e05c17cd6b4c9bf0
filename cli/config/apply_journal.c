/* SPDX-License-Identifier: MIT */
#include "apply_journal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "common/file.h"
#include "common/json.h"
#include "common/paths.h"
#include "common/time.h"

#define NAME "applying.json"
#define JOURNAL_MAX ((size_t)64 * 1024)
#define FILE_MODE 0644 /* nothing in it is secret, and all may ask */
#define ASKING_MS 5000
#define POLL_MS 10

char *
apply_journal_path(void)
{
	return string_format("%s/" NAME, paths_config_directory());
}

/* What is under way; or, if that is over, what is due still. */
static json_t *
describe(const struct apply *apply, bool is_over)
{
	json_t *files = json_array();

	for (size_t i = 0; i < apply->count; i++) {
		const struct apply_item *item = &apply->items[i];
		bool changes = item->changed && !is_over;

		if (changes || item->due)
			(void)json_array_append_new(files,
			    json_pack("{s:s, s:s, s:b, s:b, s:b}", "daemon",
				item->daemon, "path", item->path, "was_there",
				item->was_there, "changed", changes, "ran",
				item->due || (item->runs && !is_over)));
	}
	return files;
}

static enum error_code
write_journal(const struct apply *apply, bool is_over, struct error *err)
{
	CLEANUP(string) char *path = apply_journal_path();
	CLEANUP(json) json_t *files = describe(apply, is_over);
	CLEANUP(string) char *text = json_text(files);

	if (!path || !text)
		return error_no_memory(err);
	return file_write(path, text, strlen(text), FILE_MODE, err);
}

enum error_code
apply_journal_write(const struct apply *apply, struct error *err)
{
	return write_journal(apply, false, err);
}

enum error_code
apply_journal_close(const struct apply *apply, struct error *err)
{
	CLEANUP(string) char *path = apply_journal_path();

	for (size_t i = 0; i < apply->count; i++)
		if (apply->items[i].due)
			return write_journal(apply, true, err);
	return path ? file_remove(path, err) : error_no_memory(err);
}

static enum error_code
read_item(const json_t *file, struct apply_item *item, struct error *err)
{
	const char *daemon;

	if (json_get_string(file, "daemon", &daemon, err) ||
	    json_copy_string(file, "path", &item->path, err) ||
	    json_get_bool(file, "was_there", false, &item->was_there, err) ||
	    json_get_bool(file, "changed", true, &item->changed, err) ||
	    json_get_bool(file, "ran", false, &item->due, err))
		return err->code;
	item->daemon = apply_daemon(daemon);
	if (!item->daemon)
		return error_set(
		    err, ERROR_INVALID, "there is no daemon '%s'", daemon);
	return apply_item_name(item, err);
}

static enum error_code
read_items(
    const char *text, size_t length, struct apply *apply, struct error *err)
{
	CLEANUP(json) json_t *files = NULL;
	size_t i;
	json_t *file;

	if (json_parse(text, length, &files, err))
		return err->code;
	if (!json_is_array(files) || json_array_size(files) > APPLY_MAX)
		return error_set(err, ERROR_INVALID, "it is no list of files");
	json_array_foreach(
	    files, i, file) if (read_item(file, &apply->items[apply->count++],
				    err)) return err->code;
	return ERROR_NONE;
}

enum error_code
apply_journal_read(struct apply *ret_apply, struct error *err)
{
	CLEANUP_DONE(apply) struct apply apply = {0};
	CLEANUP(string) char *path = apply_journal_path();
	CLEANUP(string) char *text = NULL;
	size_t length;

	if (!path)
		return error_no_memory(err);
	if (file_read(path, JOURNAL_MAX, &text, &length, err)) {
		if (err->code != ERROR_NOT_FOUND)
			return err->code;
	} else if (read_items(text, length, &apply, err)) {
		return error_wrap(err, "'%s'", path);
	}
	*ret_apply = TAKE_CONTENTS(apply);
	return ERROR_NONE;
}

/* --- one at a time -------------------------------------------------------- */

/* Who asks holds it shared, for an instant; an apply lets nobody have that. */
static enum error_code
take(int lock, struct error *err)
{
	const struct timespec pause = {.tv_nsec = POLL_MS * 1000000L};
	int64_t end = time_monotonic_ms() + ASKING_MS;

	while (flock(lock, LOCK_EX | LOCK_NB) < 0) {
		if (flock(lock, LOCK_SH | LOCK_NB) < 0 ||
		    time_monotonic_ms() > end)
			return error_set(err, ERROR_UNAVAILABLE,
			    "nothing is changed: another 'config apply' is at "
			    "work");
		(void)flock(lock, LOCK_UN);
		(void)nanosleep(&pause, NULL);
	}
	return ERROR_NONE;
}

enum error_code
apply_lock(int *ret_lock, struct error *err)
{
	const char *folder = paths_config_directory();
	int lock;

	if (file_make_directory(folder, 0755, err))
		return err->code;
	lock = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (lock < 0)
		return error_set_errno(
		    err, ERROR_INTERNAL, "cannot open '%s'", folder);
	if (take(lock, err)) {
		(void)close(lock);
		return err->code;
	}
	*ret_lock = lock;
	return ERROR_NONE;
}

bool
apply_is_locked(void)
{
	int lock =
	    open(paths_config_directory(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool is_locked = lock >= 0 && flock(lock, LOCK_SH | LOCK_NB) < 0 &&
			 errno == EWOULDBLOCK;

	if (lock >= 0)
		(void)close(lock);
	return is_locked;
}

/* One that is damaged is found by the next apply; not everybody may read it. */
static bool
is_under_way(void)
{
	CLEANUP_DONE(apply) struct apply apply = {0};
	struct error err;

	if (apply_journal_read(&apply, &err))
		return err.code != ERROR_DENIED;
	return apply_changes_any(&apply);
}

const char *
apply_interruption(void)
{
	/* One that has just ended left no journal behind, but was seen with it.
	 */
	if (!is_under_way() || apply_is_locked() || !is_under_way())
		return NULL;
	return "an earlier 'config apply' was interrupted, so that some "
	       "daemons may have its files and others the old, or not run; "
	       "the next one takes that back first, and starts them";
}
