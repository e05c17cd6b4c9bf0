/* SPDX-License-Identifier: MIT */
/*
 * The state of aziot's daemons: what of it becomes state of ours, and what its
 * configuration has to say besides.
 */
#ifndef CLI_AZIOT_STATE_H
#define CLI_AZIOT_STATE_H

#include "common/json.h"
#include "super_config.h"

/* A file to be written. */
struct takeover_file {
	const char *daemon; /* whose it becomes */
	char *from;
	char *to;
	char *data;
	size_t length;
};

struct takeover {
	size_t count;
	struct takeover_file *files;
	json_t *notes; /* texts: what is not taken over, and why */
};

/* Begins with nothing; *ret_takeover is the caller's. */
MUST_CHECK enum error_code takeover_init(
    struct takeover *ret_takeover, struct error *err);

/* Wipes and releases the contents. */
void takeover_done(struct takeover *takeover);

/*
 * Adds keys and certificates below var ("/var/lib/aziot"), and says in root,
 * the configuration, where the key pairs are. Nothing is written yet.
 *
 * Fails as file_read() does.
 */
MUST_CHECK enum error_code takeover_plan(const char *var,
    struct config_node *root, struct takeover *takeover, struct error *err);

/*
 * Adds aziot's assignment of the device, which config says what it was made
 * for. Nothing if there is none, or the source is not dps.
 */
MUST_CHECK enum error_code takeover_assignment(const char *var,
    const struct super_config *config, struct takeover *takeover,
    struct error *err);

/*
 * Adds our records of the modules that aziot's daemon has made. What cannot be
 * is among the notes.
 */
MUST_CHECK enum error_code takeover_modules(
    const char *var, struct takeover *takeover, struct error *err);

/*
 * Says in root where the key pairs will be: root has been checked with them
 * where they were.
 */
MUST_CHECK enum error_code takeover_settle(const struct takeover *takeover,
    struct config_node *root, struct error *err);

/* Fails with ERROR_EXISTS if one of the files is there, and holds other things.
 */
MUST_CHECK enum error_code takeover_check(
    const struct takeover *takeover, struct error *err);

/* Writes the files, 0600, owned by the daemons' users. */
MUST_CHECK enum error_code takeover_write(
    const struct takeover *takeover, struct error *err);

/*
 * Adds what operators have put below etc ("/etc/aziot") into the folders
 * config.d of the daemons: principals and what is preloaded. What is not taken
 * over is among the notes. What is in 00-super.toml follows from config.toml
 * and is left out.
 */
MUST_CHECK enum error_code takeover_settings(const char *etc,
    struct config_node *root, struct takeover *takeover, struct error *err);

/* --- for those who add files ---------------------------------------------- */

/* Reads path, as file_read() does; *ret_file, the caller's, has no target. */
MUST_CHECK enum error_code takeover_read(
    const char *path, struct takeover_file *ret_file, struct error *err);

/* Takes the contents of file, also if it fails. */
MUST_CHECK enum error_code takeover_add(
    struct takeover *takeover, struct takeover_file *file, struct error *err);

/* Adds the note "'what' why". */
void takeover_note(
    struct takeover *takeover, const char *what, const char *why);

/* Wipes and releases the contents. */
void takeover_file_done(struct takeover_file *file);

#endif
