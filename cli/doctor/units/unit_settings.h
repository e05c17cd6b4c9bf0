/* SPDX-License-Identifier: MIT */
/*
 * The settings of a service's unit as systemd reads them: its own file, and
 * then the drop-ins (systemd.unit(5)). What systemd has not been told of yet
 * (daemon-reload) is there, too.
 */
#ifndef CLI_UNIT_SETTINGS_H
#define CLI_UNIT_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/error.h"

/* One assignment of the section [Service], in the order of reading. */
struct unit_setting {
	char *name;
	char *value; /* "" takes back what was assigned before */
	char *place; /* "/lib/systemd/system/x.service:12" */
};

struct unit_settings {
	char *file; /* the unit's own; NULL: there is no such unit */
	struct unit_setting *items;
	size_t count;
};

/*
 * Reads unit, such as "signet-keyd.service", from path: directories, separated
 * by colons, of which earlier ones have precedence. NULL is SYSTEMD_UNIT_PATH
 * of the environment, or else where systemd looks. A unit that is not there has
 * no settings. Fails if a file cannot be read. The caller ends *ret_settings
 * with unit_settings_done().
 */
MUST_CHECK enum error_code unit_settings_read(const char *unit,
    const char *path, struct unit_settings *ret_settings, struct error *err);

void unit_settings_done(struct unit_settings *settings);

/*
 * The assignment of name that counts where the last one does; NULL: none, or it
 * was taken back. Borrowed.
 */
const struct unit_setting *unit_setting_last(
    const struct unit_settings *settings, const char *name);

/*
 * The assignments of name that count where they add up: the next one behind
 * after (NULL: the first one), none that was taken back. NULL: no more.
 * Borrowed.
 */
const struct unit_setting *unit_setting_next(
    const struct unit_settings *settings, const char *name,
    const struct unit_setting *after);

/* The truth of a value as systemd has it; false for what is none. */
bool unit_value_is_true(const char *value);

#endif
