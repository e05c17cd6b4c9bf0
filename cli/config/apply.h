/* SPDX-License-Identifier: MIT */
/*
 * The configuration of each daemon, put in its place.
 *
 * All files are written beside their targets first (config.yaml.new, durable,
 * 0600, owned by the daemon's user where there is one and we are root), then
 * each is renamed over its target. If a rename fails, those before it are
 * undone. Only a crash between two renames leaves some daemons with the new and
 * some with the old; applying again ends that.
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
	char *text; /* what it shall hold; NULL: it shall not be there */
	size_t length;
	char *old; /* what it holds; NULL: it does not exist */
	size_t old_length;
	uid_t owner;
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

/* Does it. On failure every file is as it was. Fails as file_write() does. */
MUST_CHECK enum error_code apply_switch(
    const struct apply *apply, struct error *err);

/* Brings back what was before apply_switch(). */
MUST_CHECK enum error_code apply_undo(
    const struct apply *apply, struct error *err);

/* True if a file of daemon changes. */
bool apply_concerns(const struct apply *apply, const char *daemon);

#endif
