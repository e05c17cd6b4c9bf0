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

#define APPLY_COUNT 3

struct applied {
	const char *daemon;
	char *path;
	bool changed; /* false: the file was so already, and is untouched */
};

/* Releases the contents of all APPLY_COUNT. */
void applied_done(struct applied *applied);

/*
 * Makes the daemons' files of config in paths_config_directory(). On success
 * the contents of applied, which has APPLY_COUNT items, are the caller's. On
 * failure every file is as it was. Fails as file_write() does.
 */
MUST_CHECK enum error_code apply_config(const struct super_config *config,
    struct applied *ret_applied, struct error *err);

#endif
