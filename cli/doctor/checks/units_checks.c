/* SPDX-License-Identifier: MIT */
/*
 * The doctor's checks of the daemons as units: what confines them, and what is
 * kept from them thereby.
 */
#include <string.h>
#include <sys/stat.h>

#include "apparmor.h"
#include "common/file.h"
#include "doctor.h"
#include "process_hardening.h"
#include "process_start.h"
#include "unit.h"
#include "unit_hardening.h"
#include "unit_sight.h"
#include "units.h"

#define PROFILE "usr.sbin.signet-keyd"
#define LOCAL_RULES APPARMOR_FOLDER "/local/" PROFILE

static pid_t
pid_of(const struct doctor *doctor, enum effective_daemon daemon)
{
	return (pid_t)json_integer_value(
	    json_object_get(doctor->daemons[daemon].health, "pid"));
}

/* The name of a daemon's unit, for the caller to free. */
static char *
unit_of(enum effective_daemon daemon)
{
	return string_format("signet-%s.service", service_names[daemon]);
}

/* Its settings; none if the daemon is no unit, or they cannot be read. */
static void
read_unit(const struct doctor *doctor, enum effective_daemon daemon,
    struct unit_settings *ret_settings, struct report *report)
{
	CLEANUP(string) char *unit = unit_of(daemon);
	pid_t pid = pid_of(doctor, daemon);
	CLEANUP(string)
	char *cgroup = pid > 0 ? process_file(pid, "cgroup", NULL) : NULL;
	struct error err;

	*ret_settings = (struct unit_settings){0};
	if (!unit || !((cgroup && strstr(cgroup, unit)) || unit_manages()))
		return;
	if (unit_settings_read(unit, NULL, ret_settings, &err))
		report_warning(
		    report, FINDING(unit, err.message,
				"systemd has to be able to read it, too"));
}

/* --- hardening ------------------------------------------------------------ */

/* False: it is no unit's. */
static bool
check_process(
    const struct doctor *doctor, enum effective_daemon i, struct report *report)
{
	CLEANUP(string) char *unit = unit_of(i);
	pid_t pid = pid_of(doctor, i);
	CLEANUP(string) char *cgroup = process_file(pid, "cgroup", NULL);
	CLEANUP(string) char *status = process_file(pid, "status", NULL);
	CLEANUP(string) char *uid_map = process_file(pid, "uid_map", NULL);
	const struct hardening_flaw *flaw;

	if (!unit || !cgroup || !strstr(cgroup, unit) || !status || !uid_map)
		return false;
	for (size_t j = 0; (flaw = hardening_flaw(status, uid_map, j)); j++) {
		CLEANUP(string)
		char *fix = string_format("'systemctl revert %s' undoes what "
					  "changes %s",
		    unit, flaw->what);

		report_warning(report, FINDING(unit, flaw->reason, fix));
	}
	return true;
}

static void
report_weakness(void *context, const char *place, const char *reason)
{
	report_warning(context,
	    FINDING(place, reason,
		"remove the line ('systemctl edit', 'systemctl revert'), then "
		"'systemctl daemon-reload' and 'signetctl system restart'"));
}

void
check_hardening(const struct doctor *doctor, struct report *report)
{
	bool any = false;

	for (size_t i = 0; i < SERVICE_COUNT; i++) {
		enum effective_daemon daemon = (enum effective_daemon)i;
		CLEANUP_DONE(unit_settings) struct unit_settings settings;

		read_unit(doctor, daemon, &settings, report);
		if (pid_of(doctor, daemon) > 0 &&
		    check_process(doctor, daemon, report))
			any = true;
		if (!settings.file)
			continue;
		any = true;
		unit_weaknesses(&settings, daemon, report_weakness, report);
	}
	if (!any)
		report_ignore(report, "the daemons do not run as units");
}

/* --- what a unit keeps from its service ----------------------------------- */

static void
report_obstacle(const struct path_need *need, uid_t uid, const char *unit,
    const struct unit_obstacle *obstacle, struct report *report)
{
	CLEANUP(string)
	char *reason = string_format("%s=%s %s it %s %s (%s)",
	    obstacle->setting->name, obstacle->setting->value,
	    obstacle->is_hidden ? "hides" : "lets nothing be written to",
	    obstacle->is_hidden ? "from" : "by", unit,
	    obstacle->setting->place);
	CLEANUP(string)
	char *fix = string_format("move it to %s, or change the setting: "
				  "'systemctl edit %s'",
	    need->writable ? "/var/lib/signet" : "/etc/signet", unit);
	struct finding finding = {.object = need->path,
	    .uid = uid,
	    .reason = reason ? reason : "out of memory",
	    .fix = fix};

	report_error(report, &finding);
}

/* True if keyd runs under the profile that we ship, and that is enforced. */
static bool
is_under_profile(const struct doctor *doctor)
{
	static const char expected[] = "signet-keyd (enforce)";
	pid_t pid = pid_of(doctor, EFFECTIVE_KEYD);
	CLEANUP(string)
	char *profile =
	    pid > 0 ? process_file(pid, "attr/current", NULL) : NULL;

	return profile && strncmp(profile, expected, strlen(expected)) == 0;
}

/* What keyd does with need, as AppArmor sees it; links are followed first. */
static struct apparmor_request
request_of(const struct path_need *need, const char *path, uid_t uid)
{
	struct stat status;
	struct apparmor_request request = {
	    .path = path, .access = "r", .is_owner = need->writable};

	if (need->writable)
		request.access = "rw";
	else if (need->is_program)
		request.access = "rm";
	if (stat(path, &status) == 0 && status.st_uid == uid)
		request.is_owner = true;
	return request;
}

#define RELOAD "'apparmor_parser -r " APPARMOR_FOLDER "/" PROFILE "'"

/* The rule that is missing; a path with blanks stands in quotes. */
static char *
missing_rule(const struct path_need *need, const char *path)
{
	const char *quote = strpbrk(path, " \t") ? "\"" : "";
	const char *access = need->writable     ? " rwkl"
			     : need->is_program ? " rm"
						: " r";

	return string_format("%s%s%s%s%s,", quote, path,
	    need->writable ? "/**" : "", quote, access);
}

/* The reason and the fix, for the caller to free. */
static void
explain(const struct apparmor_answer *answer, const struct path_need *need,
    const char *path, char **ret_reason, char **ret_fix)
{
	CLEANUP(string) char *rule = missing_rule(need, path);

	if (answer->verdict == APPARMOR_UNCLEAR) {
		*ret_reason = string_format("it is not clear what AppArmor "
					    "lets keyd do with it; not "
					    "understood: %s",
		    answer->statement);
		*ret_fix = string_format(
		    "look by hand whether that concerns '%s'; what was denied "
		    "is in 'journalctl -k -g apparmor'",
		    path);
	} else if (*answer->statement) {
		*ret_reason = string_format(
		    "AppArmor denies it (EACCES): %s", answer->statement);
		*ret_fix = string_format(
		    "take that rule away, then " RELOAD ", or move the file");
	} else {
		*ret_reason = string_format("AppArmor denies it (EACCES): the "
					    "profile signet-keyd has no rule "
					    "for it");
		*ret_fix =
		    string_format("add '%s' to " LOCAL_RULES ", then " RELOAD,
			rule ? rule : path);
	}
}

static void
check_rule(const struct path_need *need, uid_t uid, struct report *report)
{
	static const struct apparmor_profile profile = {
	    .folder = APPARMOR_FOLDER, .file = PROFILE, .name = "signet-keyd"};
	CLEANUP(string) char *target = realpath(need->path, NULL);
	const char *path = target ? target : need->path;
	/* What is written is in the folder. */
	CLEANUP(string)
	char *file = string_format("%s%s", path, need->writable ? "/file" : "");
	CLEANUP(string) char *reason = NULL;
	CLEANUP(string) char *fix = NULL;
	struct finding finding = {.object = need->path, .uid = uid};
	struct apparmor_request request;
	struct apparmor_answer answer;
	struct error err;

	if (!file)
		return;
	request = request_of(need, file, uid);
	if (apparmor_ask(&profile, &request, &answer, &err)) {
		report_skip(report, err.message);
		return;
	}
	if (answer.verdict == APPARMOR_ALLOWED)
		return;
	explain(&answer, need, path, &reason, &fix);
	finding.reason = reason ? reason : "out of memory";
	finding.fix = fix;
	if (answer.verdict == APPARMOR_DENIED)
		report_error(report, &finding);
	else
		report_warning(report, &finding);
}

void
report_unit_walls(const struct doctor *doctor, enum effective_daemon daemon,
    const struct path_needs *needs, uid_t uid, struct report *report)
{
	CLEANUP_DONE(unit_settings) struct unit_settings settings;
	CLEANUP(string) char *unit = unit_of(daemon);
	bool has_rules = daemon == EFFECTIVE_KEYD && is_under_profile(doctor);
	struct unit_obstacle obstacle;

	read_unit(doctor, daemon, &settings, report);
	for (size_t i = 0; unit && i < needs->count; i++) {
		const struct path_need *need = &needs->items[i];

		if (unit_obstructs(
			&settings, need->path, need->writable, &obstacle))
			report_obstacle(need, uid, unit, &obstacle, report);
		if (has_rules)
			check_rule(need, uid, report);
	}
}
