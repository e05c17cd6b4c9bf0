/* SPDX-License-Identifier: MIT */
#include "apply.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/acl.h"
#include "common/file.h"
#include "common/paths.h"
#include "render.h"

#define FILE_MAX (4 * 1024 * 1024)
#define FILE_MODE 0600
#define FOLDER_MODE 0700
#define NO_OWNER ((uid_t)-1)

static const struct {
	const char *daemon;
	const char *user;
	render_daemon *render;
} daemons[APPLY_COUNT] = {
    {"keyd",       "signet-keyd",       render_keyd      },
    {"certd",      "signet-certd",      render_certd     },
    {"provisiond", "signet-provisiond", render_provisiond},
};

/* A file to be. */
struct target {
	char *folder;
	char *path;
	char *staged;
	char *text; /* what it shall hold */
	char *old;  /* what it holds; NULL: it does not exist */
	uid_t owner;
	bool changed;
};

struct plan {
	struct target targets[APPLY_COUNT];
};

static void
plan_done(struct plan *plan)
{
	for (size_t i = 0; i < APPLY_COUNT; i++) {
		struct target *target = &plan->targets[i];

		if (target->staged)
			(void)unlink(target->staged); /* if it is still there */
		free(target->folder);
		free(target->path);
		free(target->staged);
		secret_free(target->text);
		secret_free(target->old);
	}
}

void
applied_done(struct applied *applied)
{
	for (size_t i = 0; i < APPLY_COUNT; i++)
		free(applied[i].path);
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

static bool
is_as_it_shall_be(const struct target *target)
{
	struct stat status;

	return target->old && strcmp(target->old, target->text) == 0 &&
	       stat(target->path, &status) == 0 &&
	       (status.st_mode & 07777) == FILE_MODE &&
	       (target->owner == NO_OWNER || status.st_uid == target->owner);
}

static enum error_code
plan_target(const struct super_config *config, const struct render_users *users,
    size_t i, struct target *target, struct error *err)
{
	target->owner = owner_for(daemons[i].user);
	target->path = paths_config_file(daemons[i].daemon);
	target->folder =
	    string_format("%s/%s", paths_config_directory(), daemons[i].daemon);
	if (!target->path || !target->folder)
		return error_no_memory(err);
	target->staged = string_format("%s.new", target->path);
	if (!target->staged)
		return error_no_memory(err);

	if (daemons[i].render(config, users, &target->text, err))
		return err->code;
	if (file_read(target->path, FILE_MAX, &target->old, NULL, err) &&
	    err->code != ERROR_NOT_FOUND)
		return err->code;
	target->changed = !is_as_it_shall_be(target);
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
write_for(const struct target *target, const char *path, const char *text,
    struct error *err)
{
	if (file_write(path, text, strlen(text), FILE_MODE, err))
		return err->code;
	return give(path, target->owner, err);
}

static enum error_code
stage(const struct target *target, struct error *err)
{
	struct stat status;
	bool is_new = stat(target->folder, &status) < 0;

	if (file_make_directory(target->folder, FOLDER_MODE, err))
		return err->code;
	if (is_new && give(target->folder, target->owner, err))
		return err->code;
	return write_for(target, target->staged, target->text, err);
}

static enum error_code
bring_back(const struct target *target, struct error *err)
{
	if (!target->changed)
		return ERROR_NONE;
	if (!target->old)
		return file_remove(target->path, err);
	return write_for(target, target->path, target->old, err);
}

/* Brings back what the first count targets were; err tells how that went. */
static enum error_code
undo(const struct plan *plan, size_t count, struct error *err)
{
	const struct error cause = *err;

	for (size_t i = 0; i < count; i++)
		if (bring_back(&plan->targets[i], err))
			return error_wrap(err,
			    "%.200s; some files are new now, others old: apply "
			    "again",
			    cause.message);
	*err = cause;
	return error_wrap(err, "nothing is changed");
}

static enum error_code
carry_out(const struct plan *plan, struct error *err)
{
	for (size_t i = 0; i < APPLY_COUNT; i++)
		if (plan->targets[i].changed && stage(&plan->targets[i], err))
			return error_wrap(err, "nothing is changed");
	for (size_t i = 0; i < APPLY_COUNT; i++) {
		const struct target *target = &plan->targets[i];

		if (target->changed &&
		    file_rename(target->staged, target->path, err))
			return undo(plan, i + 1, err);
	}
	return ERROR_NONE;
}

enum error_code
apply_config(const struct super_config *config, struct applied *ret_applied,
    struct error *err)
{
	CLEANUP_DONE(plan) struct plan plan = {0};
	char certd[16];
	char provisiond[16];
	const struct render_users users = {
	    .certd = runs_as("signet-certd", certd),
	    .provisiond = runs_as("signet-provisiond", provisiond)};

	for (size_t i = 0; i < APPLY_COUNT; i++)
		if (plan_target(config, &users, i, &plan.targets[i], err))
			return err->code;
	if (file_make_directory(paths_config_directory(), 0755, err) ||
	    carry_out(&plan, err))
		return err->code;
	for (size_t i = 0; i < APPLY_COUNT; i++) {
		ret_applied[i].daemon = daemons[i].daemon;
		ret_applied[i].path = TAKE(plan.targets[i].path);
		ret_applied[i].changed = plan.targets[i].changed;
	}
	return ERROR_NONE;
}
