/* SPDX-License-Identifier: MIT */
/* The doctor's checks of files: who can reach them, PINs, room on the disk. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apart.h"
#include "common/acl.h"
#include "common/file.h"
#include "common/paths.h"
#include "common/uri.h"
#include "disk_room.h"
#include "doctor.h"
#include "environment.h"
#include "output.h"
#include "path_walk.h"
#include "pin.h"
#include "units.h"

#define WALK_MS 10000

/* --- what is needed ------------------------------------------------------- */

static void
needs_done(struct path_needs *needs)
{
	for (size_t i = 0; i < needs->count; i++)
		free(needs->items[i].path);
	free(needs->items);
}

/* Takes path, which may be NULL. */
static void
need(struct path_needs *needs, char *path, bool writable)
{
	struct path_need *items =
	    reallocarray(needs->items, needs->count + 1, sizeof(*items));

	if (items)
		needs->items = items;
	if (!items || !path || path[0] != '/') {
		free(path);
		return;
	}
	items[needs->count++] =
	    (struct path_need){.path = path, .writable = writable};
}

static void
need_module(struct path_needs *needs, const char *module)
{
	size_t count = needs->count;

	need(needs, strdup(module), false);
	if (needs->count > count)
		needs->items[count].is_program = true;
}

/* What has to be read before the key or the token of text can be used. */
static void
need_location(struct path_needs *needs, const char *text)
{
	CLEANUP(uri) struct uri *uri = NULL;
	struct error ignored;
	const char *path;

	if (!text || uri_parse(text, &uri, &ignored))
		return;
	if (uri_kind(uri) == URI_PKCS11 &&
	    p11_kit_uri_get_module_path(uri_pkcs11(uri)))
		need_module(
		    needs, p11_kit_uri_get_module_path(uri_pkcs11(uri)));
	path = uri_kind(uri) == URI_FILE ? uri_file_path(uri) : pin_source(uri);
	if (path && !pin_is_lent(uri))
		need(needs, strdup(path), false);
}

static void
need_map(struct path_needs *needs, const struct config_map *map)
{
	for (size_t i = 0; i < map->count; i++)
		need_location(needs, map->items[i].value);
}

static void
collect(const struct effective *config, enum effective_daemon daemon,
    struct path_needs *needs)
{
	need(needs, paths_config_file(service_names[daemon]), false);
	need(needs, paths_state_of(service_names[daemon]), true);
	switch (daemon) {
	case EFFECTIVE_KEYD:
		if (config->keyd.token.module)
			need_module(needs, config->keyd.token.module);
		need_location(needs, config->keyd.token.uri);
		need_map(needs, &config->keyd.preloaded_keys);
		break;
	case EFFECTIVE_CERTD:
		need_map(needs, &config->certd.preloaded_certs);
		break;
	case EFFECTIVE_PROVISIOND:
		need_location(needs, config->provisiond.trust_bundle_cert);
		break;
	}
}

/* --- paths ---------------------------------------------------------------- */

/* Who walked: the daemon's user, or where there is none, we. */
static uid_t
walker(const char *user)
{
	struct error ignored;
	uid_t uid;

	return user_lookup(user, &uid, &ignored) ? geteuid() : uid;
}

static void
report_walls(const json_t *problems, const char *user, struct report *report)
{
	for (size_t i = 0; i < json_array_size(problems); i++) {
		const json_t *problem = json_array_get(problems, i);
		const char *path = output_member(problem, "path");
		bool is_missing =
		    json_is_true(json_object_get(problem, "is_missing"));
		bool is_no_file =
		    json_is_true(json_object_get(problem, "is_no_file"));
		CLEANUP(string)
		char *fix =
		    is_no_file
			? strdup("put the file there, or correct the path in "
				 "the configuration")
		    : is_missing
			? strdup("it is not there: put it there, or correct "
				 "the path in the configuration")
			: string_format("give the user '%s' access, or move "
					"the file: 'namei -l %s' shows the way",
			      user, path);
		CLEANUP(string)
		char *reason = string_format("'%s': %s",
		    output_member(problem, "component"),
		    output_member(problem, "reason"));
		struct finding finding = {.object = path,
		    .uid = walker(user),
		    .reason = reason ? reason : "out of memory",
		    .fix = fix};

		report_error(report, &finding);
	}
}

void
check_paths(const struct doctor *doctor, struct report *report)
{
	for (size_t i = 0; i < SERVICE_COUNT; i++) {
		struct path_needs needs = {0};
		CLEANUP(string)
		char *user = environment_user(doctor, (enum effective_daemon)i);
		CLEANUP(json) json_t *problems = NULL;
		struct error err;

		if (!user ||
		    report_unread(doctor, (enum effective_daemon)i, report))
			continue;
		collect(&doctor->config, (enum effective_daemon)i, &needs);
		if (apart_run(
			path_walk_all, &needs, user, WALK_MS, &problems, &err))
			report_skip(report, err.message);
		report_walls(problems, user, report);
		report_unit_walls(doctor, (enum effective_daemon)i, &needs,
		    walker(user), report);
		needs_done(&needs);
	}
}

/* --- PINs ----------------------------------------------------------------- */

/* owner is who has to read it. */
static void
check_mode(const char *path, const char *owner, struct report *report)
{
	struct stat status;
	CLEANUP(string) char *reason = NULL;
	CLEANUP(string) char *fix = NULL;

	if (stat(path, &status) < 0 || !S_ISREG(status.st_mode) ||
	    (status.st_mode & 077) == 0)
		return;
	reason = string_format("others may read it (mode %04o)",
	    (unsigned)status.st_mode & 07777U);
	fix = string_format(
	    "make it readable by '%s' alone: 'chown %s %s && chmod 0400 %s'",
	    owner, owner, path, path);
	report_warning(
	    report, FINDING(path, reason ? reason : "others may read it", fix));
}

/* Whether there is a PIN in it, read as keyd does. */
static void
check_pin_file(const char *path, const char *owner, struct report *report)
{
	CLEANUP(secret) char *pin = NULL;
	struct error err;

	check_mode(path, owner, report);
	if (pin_read(path, &pin, &err) == ERROR_NONE)
		return;
	if (err.code == ERROR_DENIED && geteuid() != 0)
		report_skip(report, "only root can read the file of the PIN");
	else
		report_error(
		    report, FINDING(path, err.message,
				"it has to be a file with the token's PIN as "
				"its first line"));
}

/* text is shown without its query. */
static void
check_pin(const struct doctor *doctor, const char *name, const char *text,
    struct report *report)
{
	CLEANUP(uri) struct uri *uri = NULL;
	CLEANUP(string) char *user = environment_user(doctor, EFFECTIVE_KEYD);
	CLEANUP(string) char *path = NULL;
	struct error err;

	if (!text || uri_parse(text, &uri, &err) ||
	    uri_kind(uri) != URI_PKCS11 || !uri_has_pin(uri))
		return;
	path = pin_file(uri);
	if (path && user) /* what is lent, systemd reads */
		check_pin_file(path, pin_is_lent(uri) ? "root" : user, report);
	else if (strstr(text, "pin-value="))
		report_warning(report,
		    FINDING(name, "the PIN itself stands in the configuration",
			"put it in a file of its own: "
			"pin-source=file:/path"));
	else
		report_skip(report,
		    "which file a credential of another name is made of is "
		    "not known");
}

void
check_pins(const struct doctor *doctor, struct report *report)
{
	const struct effective_keyd *keyd = &doctor->config.keyd;

	if (report_unread(doctor, EFFECTIVE_KEYD, report))
		return;
	check_pin(doctor, "token", keyd->token.uri, report);
	for (size_t i = 0; i < keyd->preloaded_keys.count; i++)
		check_pin(doctor, keyd->preloaded_keys.items[i].key,
		    keyd->preloaded_keys.items[i].value, report);
}

/* --- the disk ------------------------------------------------------------- */

void
check_disk_space(const struct doctor *doctor, struct report *report)
{
	const char *path = paths_state_directory();
	struct statvfs status;
	char reason[128];
	enum doctor_result result;

	(void)doctor;
	if (statvfs(path, &status) < 0) {
		report_error(report,
		    FINDING(path, strerrorname_np(errno),
			"the folder of the daemons' state must be there"));
		return;
	}
	result = disk_room(&status, reason, sizeof(reason));
	if (result == DOCTOR_ERROR)
		report_error(report, FINDING(path, reason,
					 "make room: nothing new can be kept"));
	else if (result == DOCTOR_WARNING)
		report_warning(report, FINDING(path, reason, "make room"));
}
