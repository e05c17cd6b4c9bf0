/* SPDX-License-Identifier: MIT */
/*
 * The configuration of each daemon, put in its place.
 *
 * All files are written beside their targets first (config.yaml.new, durable,
 * 0600, owned by the daemon's user where there is one and we are root), and
 * what is there gets a second name (config.yaml.old). Then each is renamed over
 * its target. Until apply_commit() the old files can be brought back by
 * renames, which need no space; a journal (apply_journal.h) lets another
 * process do it.
 */
#ifndef CLI_APPLY_H
#define CLI_APPLY_H

#include "super_config.h"

/* The daemons' files come first, keys that stand in the configuration behind.
 */
#define APPLY_DAEMONS 3
#define APPLY_MAX 5

/* A file to be. */
struct apply_item {
	const char *daemon; /* whose it is */
	bool is_secret;     /* a key, whose bytes nobody is to see */
	char *path;
	char *folder;
	char *staged;
	char *kept;     /* the second name of what it was, while that counts */
	bool was_there; /* false: there was no file to be kept */
	char *text;     /* what it shall hold; NULL: it shall not be there */
	size_t length;
	char *old; /* what it holds; NULL: it does not exist */
	size_t old_length;
	uid_t owner;
	bool runs;    /* the daemon does, so it is to run afterwards */
	bool due;     /* it did once, and could not be started again */
	bool changed; /* false: the file is so already, and stays untouched */
};

struct apply {
	size_t count;
	struct apply_item items[APPLY_MAX];
};

/* Wipes and releases the contents; what is staged is removed. */
void apply_done(struct apply *apply);

/*
 * Says what is to be done in paths_config_directory(). Nothing is changed; the
 * contents of *ret_apply are the caller's. Fails as file_read() does.
 */
MUST_CHECK enum error_code apply_plan(const struct super_config *config,
    struct apply *ret_apply, struct error *err);

/*
 * Does it, until apply_commit() or apply_forget(). The caller has apply_lock().
 * On failure every file is as it was. Fails as file_write() does.
 */
MUST_CHECK enum error_code apply_switch(
    const struct apply *apply, struct error *err);

/*
 * Makes it last. On failure it can be undone still. Fails as file_remove(), or
 * as file_write() if a daemon is due.
 */
MUST_CHECK enum error_code apply_commit(
    const struct apply *apply, struct error *err);

/* Both; on failure every file is as it was. */
MUST_CHECK enum error_code apply_at_once(
    const struct apply *apply, struct error *err);

/*
 * Brings back what was before apply_switch(), again if it failed, and forgets
 * that there was something to bring back. Between the two daemons can be
 * restarted: who is killed there has left the journal, by which the next one
 * does it. Which daemons are due still is not forgotten: the journal keeps
 * that.
 */
MUST_CHECK enum error_code apply_bring_back(
    const struct apply *apply, struct error *err);
MUST_CHECK enum error_code apply_forget(
    const struct apply *apply, struct error *err);

/* The name of a daemon that has files here, for good; NULL: none is called so.
 */
const char *apply_daemon(const char *name);

/* Completes an item that has a path: what else is beside it. */
MUST_CHECK enum error_code apply_item_name(
    struct apply_item *item, struct error *err);

/* True if any file changes. */
bool apply_changes_any(const struct apply *apply);

/* True if a file of daemon changes. */
bool apply_concerns(const struct apply *apply, const char *daemon);

/* True if daemon is due. */
bool apply_is_due(const struct apply *apply, const char *daemon);

/* Notes of all files of daemon whether it is. */
void apply_set_due(struct apply *apply, const char *daemon, bool is_due);

#endif
