/* SPDX-License-Identifier: MIT */
#include "apply.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apply_journal.h"
#include "check_secret.h"
#include "common/acl.h"
#include "common/file.h"
#include "common/paths.h"
#include "common/uri.h"
#include "render.h"

#define FILE_MAX (4 * 1024 * 1024)
#define FILE_MODE 0600
#define FOLDER_MODE 0700
#define NO_OWNER ((uid_t)-1)
#define SECRETS_OF "keyd"
#define EDGED_USER "iotedge"

static const struct {
	const char *daemon;
	const char *user;
	render_daemon *render;
} daemons[APPLY_DAEMONS] = {
    {"keyd",       "signet-keyd",       render_keyd      },
    {"certd",      "signet-certd",      render_certd     },
    {"provisiond", "signet-provisiond", render_provisiond},
};

void
apply_done(struct apply *apply)
{
	for (size_t i = 0; i < apply->count; i++) {
		struct apply_item *item = &apply->items[i];

		if (item->staged)
			(void)unlink(item->staged); /* if it is still there */
		free(item->folder);
		free(item->path);
		free(item->staged);
		free(item->kept);
		OPENSSL_clear_free(item->text, item->length);
		OPENSSL_clear_free(item->old, item->old_length);
	}
	*apply = (struct apply){0};
}

const char *
apply_daemon(const char *name)
{
	for (size_t i = 0; i < APPLY_DAEMONS; i++)
		if (strcmp(daemons[i].daemon, name) == 0)
			return daemons[i].daemon;
	return NULL;
}

bool
apply_concerns(const struct apply *apply, const char *daemon)
{
	for (size_t i = 0; i < apply->count; i++)
		if (apply->items[i].changed &&
		    strcmp(apply->items[i].daemon, daemon) == 0)
			return true;
	return false;
}

bool
apply_changes_any(const struct apply *apply)
{
	for (size_t i = 0; i < apply->count; i++)
		if (apply->items[i].changed)
			return true;
	return false;
}

bool
apply_is_due(const struct apply *apply, const char *daemon)
{
	for (size_t i = 0; i < apply->count; i++)
		if (apply->items[i].due &&
		    strcmp(apply->items[i].daemon, daemon) == 0)
			return true;
	return false;
}

void
apply_set_due(struct apply *apply, const char *daemon, bool is_due)
{
	for (size_t i = 0; i < apply->count; i++)
		if (strcmp(apply->items[i].daemon, daemon) == 0)
			apply->items[i].due = is_due;
}

/* --- what is to be done --------------------------------------------------- */

/* The uid of user if it exists and we may give files away. */
static uid_t
owner_for(const char *user)
{
	struct error ignored;
	uid_t uid;

	if (geteuid() != 0 || user_lookup(user, &uid, &ignored))
		return NO_OWNER;
	return uid;
}

/*
 * Who a daemon runs as, for the principals: its user, or where there is none
 * (development, a demo) whoever applies.
 */
static const char *
runs_as(const char *user, char own[static 16])
{
	struct error ignored;
	uid_t uid;

	if (user_lookup(user, &uid, &ignored) == ERROR_NONE)
		return user;
	(void)snprintf(own, 16, "%u", (unsigned)geteuid());
	return own;
}

/* Edge's daemon is served if it is there and what it has is configured. */
static const char *
edged_of(const struct super_config *config)
{
	struct error ignored;
	uid_t uid;

	if (!config->edge_ca.present &&
	    (!config->compat || strcmp(config->compat, "none") == 0))
		return NULL;
	return user_lookup(EDGED_USER, &uid, &ignored) == ERROR_NONE
		   ? EDGED_USER
		   : NULL;
}

static bool
is_as_it_shall_be(const struct apply_item *item)
{
	struct stat status;

	if (!item->text || !item->old)
		return item->text == item->old;
	return item->length == item->old_length &&
	       memcmp(item->old, item->text, item->length) == 0 &&
	       stat(item->path, &status) == 0 &&
	       (status.st_mode & 07777) == FILE_MODE &&
	       (item->owner == NO_OWNER || status.st_uid == item->owner);
}

enum error_code
apply_item_name(struct apply_item *item, struct error *err)
{
	item->staged = string_format("%s.new", item->path);
	item->kept = string_format("%s.old", item->path);
	return item->staged && item->kept ? ERROR_NONE : error_no_memory(err);
}

/* Completes an item that has its daemon, path, folder, owner and text. */
static enum error_code
plan_item(struct apply_item *item, struct error *err)
{
	if (!item->path || !item->folder)
		return error_no_memory(err);
	if (apply_item_name(item, err))
		return err->code;
	if (file_read(
		item->path, FILE_MAX, &item->old, &item->old_length, err) &&
	    err->code != ERROR_NOT_FOUND)
		return err->code;
	item->was_there = item->old != NULL;
	item->changed = !is_as_it_shall_be(item);
	return ERROR_NONE;
}

static enum error_code
plan_daemon(const struct super_config *config, const struct render_users *users,
    size_t i, struct apply *apply, struct error *err)
{
	struct apply_item *item = &apply->items[apply->count++];

	*item = (struct apply_item){
	    .daemon = daemons[i].daemon,
	    .path = paths_config_file(daemons[i].daemon),
	    .folder = string_format(
		"%s/%s", paths_config_directory(), daemons[i].daemon),
	    .owner = owner_for(daemons[i].user),
	};
	if (daemons[i].render(config, users, &item->text, err))
		return err->code;
	item->length = strlen(item->text);
	return plan_item(item, err);
}

/* True if the operator himself keeps a key in the file at path. */
static bool
is_own_file(const struct super_secret *secret, const char *path)
{
	CLEANUP(uri) struct uri *uri = NULL;
	struct error ignored;

	return secret->uri && uri_parse(secret->uri, &uri, &ignored) == 0 &&
	       uri_kind(uri) == URI_FILE &&
	       strcmp(uri_file_path(uri), path) == 0;
}

/* A key that stands in the configuration; one that does no longer is removed.
 */
static enum error_code
plan_secret(const struct super_secret *secret, const char *id,
    const char *folder, struct apply *apply, struct error *err)
{
	struct apply_item *item = &apply->items[apply->count++];
	unsigned char *key = NULL;

	*item = (struct apply_item){
	    .daemon = SECRETS_OF,
	    .is_secret = true,
	    .path = string_format("%s/%s", folder, id),
	    .folder = strdup(folder),
	    .owner = owner_for("signet-" SECRETS_OF),
	};
	if (secret->value &&
	    secret_decode(secret->value, &key, &item->length, err))
		return err->code;
	item->text = (char *)key;
	if (plan_item(item, err))
		return err->code;
	if (is_own_file(secret, item->path))
		item->changed = false;
	return ERROR_NONE;
}

enum error_code
apply_plan(const struct super_config *config, struct apply *ret_apply,
    struct error *err)
{
	CLEANUP_DONE(apply) struct apply apply = {0};
	CLEANUP(string)
	char *secrets = string_format(
	    "%s/" SECRETS_OF "/secrets", paths_config_directory());
	const struct super_attestation *credential =
	    super_config_credential(config);
	char certd[16];
	char provisiond[16];
	const struct render_users users = {
	    .certd = runs_as("signet-certd", certd),
	    .provisiond = runs_as("signet-provisiond", provisiond),
	    .edged = edged_of(config),
	    .secrets = secrets,
	};

	if (!secrets)
		return error_no_memory(err);
	for (size_t i = 0; i < APPLY_DAEMONS; i++)
		if (plan_daemon(config, &users, i, &apply, err))
			return err->code;
	if (plan_secret(
		&credential->symmetric_key, ID_DEVICE, secrets, &apply, err) ||
	    plan_secret(
		&credential->group_key, ID_DEVICE_GROUP, secrets, &apply, err))
		return err->code;
	*ret_apply = TAKE_CONTENTS(apply);
	return ERROR_NONE;
}

/* --- doing it ------------------------------------------------------------- */

static enum error_code
give(const char *path, uid_t owner, struct error *err)
{
	if (owner != NO_OWNER && chown(path, owner, (gid_t)-1) < 0)
		return error_set_errno(
		    err, ERROR_INTERNAL, "cannot give away '%s'", path);
	return ERROR_NONE;
}

static enum error_code
write_for(const struct apply_item *item, const char *path, const char *text,
    size_t length, struct error *err)
{
	if (file_write(path, text, length, FILE_MODE, err))
		return err->code;
	return give(path, item->owner, err);
}

static enum error_code
make_folder(const struct apply_item *item, struct error *err)
{
	struct stat status;
	bool is_new = stat(item->folder, &status) < 0;

	if (file_make_directory(item->folder, FOLDER_MODE, err))
		return err->code;
	return is_new ? give(item->folder, item->owner, err) : ERROR_NONE;
}

static enum error_code
stage(const struct apply_item *item, struct error *err)
{
	if (!item->changed || !item->text)
		return ERROR_NONE;
	if (make_folder(item, err))
		return err->code;
	return write_for(item, item->staged, item->text, item->length, err);
}

static enum error_code
replace(const struct apply_item *item, struct error *err)
{
	if (!item->changed)
		return ERROR_NONE;
	if (!item->text)
		return file_remove(item->path, err);
	return file_rename(item->staged, item->path, err);
}

/* --- until it is kept or taken back --------------------------------------- */

/* Second names that nobody needs; what is left of them goes the next time. */
static void
forget_kept(const struct apply *apply)
{
	for (size_t i = 0; i < apply->count; i++)
		(void)unlink(apply->items[i].kept);
}

static enum error_code
keep_all(const struct apply *apply, struct error *err)
{
	for (size_t i = 0; i < apply->count; i++) {
		const struct apply_item *item = &apply->items[i];

		if (item->changed && item->was_there &&
		    file_link(item->path, item->kept, err))
			return err->code;
	}
	return ERROR_NONE;
}

/* Where nothing is kept, it has been brought back already. */
static enum error_code
bring_back(const struct apply_item *item, struct error *err)
{
	if (!item->changed)
		return ERROR_NONE;
	if (!item->was_there)
		return file_remove(item->path, err);
	return file_exists(item->kept)
		   ? file_rename(item->kept, item->path, err)
		   : ERROR_NONE;
}

enum error_code
apply_bring_back(const struct apply *apply, struct error *err)
{
	for (size_t i = 0; i < apply->count; i++)
		if (bring_back(&apply->items[i], err))
			return err->code;
	return ERROR_NONE;
}

enum error_code
apply_forget(const struct apply *apply, struct error *err)
{
	if (apply_journal_close(apply, err))
		return err->code;
	/* A rename to another name of the same file has left both. */
	forget_kept(apply);
	return ERROR_NONE;
}

/* Takes back what failed; err tells how that went. */
static enum error_code
undo(const struct apply *apply, struct error *err)
{
	const struct error cause = *err;

	if (apply_bring_back(apply, err) || apply_forget(apply, err))
		return error_wrap(err,
		    "%.200s; some files are new now, others old: apply again",
		    cause.message);
	*err = cause;
	return error_wrap(err, "nothing is changed");
}

enum error_code
apply_switch(const struct apply *apply, struct error *err)
{
	forget_kept(apply);
	if (!apply_changes_any(apply))
		return ERROR_NONE;
	for (size_t i = 0; i < apply->count; i++)
		if (stage(&apply->items[i], err))
			return error_wrap(err, "nothing is changed");
	if (keep_all(apply, err) || apply_journal_write(apply, err))
		return undo(apply, err);
	for (size_t i = 0; i < apply->count; i++)
		if (replace(&apply->items[i], err))
			return undo(apply, err);
	return ERROR_NONE;
}

enum error_code
apply_commit(const struct apply *apply, struct error *err)
{
	return apply_changes_any(apply) ? apply_forget(apply, err) : ERROR_NONE;
}

enum error_code
apply_at_once(const struct apply *apply, struct error *err)
{
	if (apply_switch(apply, err))
		return err->code;
	return apply_commit(apply, err) ? undo(apply, err) : ERROR_NONE;
}
