/* SPDX-License-Identifier: MIT */
/* The doctor's checks of the configuration. */
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apart.h"
#include "common/file.h"
#include "common/paths.h"
#include "doctor.h"
#include "hostname.h"
#include "output.h"
#include "process_start.h"

#define CHECK_MS 30000
#define MAY_NOT_READ "it may not be read by others: be root"
/* A file and a process that come at once may be dated either way. */
#define SLACK_SECONDS 2

static char *
super_path(void)
{
	return string_format("%s/config.yaml", paths_config_directory());
}

/* --- what can be read ----------------------------------------------------- */

static void
report_config_finding(struct report *report, const json_t *finding)
{
	const json_t *place = json_object_get(finding, "place");
	const struct finding *described =
	    FINDING(json_string_value(place), output_member(finding, "message"),
		"correct it, then 'signetctl config apply'");

	if (strcmp(output_member(finding, "severity"), "warning") == 0)
		report_warning(report, described);
	else if (strcmp(output_member(finding, "severity"), "error") == 0)
		report_error(report, described);
}

/* 'config check' knows how; here it is asked as a program. */
void
check_config_well_formed(const struct doctor *doctor, struct report *report)
{
	static const char *const argv[] = {
	    "/proc/self/exe", "config", "check", "-o", "json", NULL};
	CLEANUP(string) char *path = super_path();
	CLEANUP(json) json_t *answer = NULL;
	const json_t *findings;
	struct error err;

	(void)doctor;
	if (path && access(path, R_OK) < 0 && errno == EACCES) {
		report_skip(report, MAY_NOT_READ);
		return;
	}
	if (!path || !file_exists(path)) {
		report_ignore(report, "there is no config.yaml; the daemons' "
				      "own files are checked");
		return;
	}
	if (apart_program(argv, CHECK_MS, &answer, &err)) {
		report_error(
		    report, FINDING(path, err.message,
				"try 'signetctl config check' by itself"));
		return;
	}
	if (json_object_get(answer, "error"))
		report_error(
		    report, FINDING(path,
				output_member(json_object_get(answer, "error"),
				    "message"),
				"correct it, then 'signetctl config apply'"));
	findings = json_object_get(answer, "findings");
	for (size_t i = 0; i < json_array_size(findings); i++)
		report_config_finding(report, json_array_get(findings, i));
}

static void
check_daemon_config(const struct doctor *doctor, enum effective_daemon daemon,
    struct report *report)
{
	const struct error *err = &doctor->config.errors[daemon];
	CLEANUP(string) char *path = paths_config_file(service_names[daemon]);

	if (err->code == ERROR_NONE)
		return;
	if (err->code == ERROR_NOT_FOUND)
		report_error(report, FINDING(path, "it is not configured",
					 "'signetctl config apply' writes it"));
	else if (err->code == ERROR_DENIED && geteuid() != 0)
		report_skip(report, MAY_NOT_READ);
	else
		report_error(report,
		    FINDING(path, err->message,
			"correct it, or have 'signetctl config apply' write "
			"it anew"));
}

void
check_keyd_config(const struct doctor *doctor, struct report *report)
{
	check_daemon_config(doctor, EFFECTIVE_KEYD, report);
}

void
check_certd_config(const struct doctor *doctor, struct report *report)
{
	check_daemon_config(doctor, EFFECTIVE_CERTD, report);
}

void
check_provisiond_config(const struct doctor *doctor, struct report *report)
{
	check_daemon_config(doctor, EFFECTIVE_PROVISIOND, report);
}

/* --- what is used --------------------------------------------------------- */

/* When path was changed; 0: it is not there, or we may not see it. */
static int64_t
changed(const char *path, bool *ret_is_denied)
{
	struct stat status;
	bool is_seen = path && stat(path, &status) == 0;

	*ret_is_denied = !is_seen && errno == EACCES;
	return is_seen ? status.st_mtime : 0;
}

/* A daemon reads its file when it starts. */
static void
check_restart(const struct doctor *doctor, size_t i, const char *path,
    struct report *report)
{
	const json_t *health = doctor->daemons[i].health;
	bool is_denied;
	int64_t file_time = changed(path, &is_denied);
	json_int_t pid = json_integer_value(json_object_get(health, "pid"));
	int64_t started = pid > 0 ? process_start_time((pid_t)pid) : 0;

	if (is_denied)
		report_skip(report, MAY_NOT_READ);
	else if (report_denied(&doctor->daemons[i].error, report))
		return;
	if (started > 0 && file_time > started + SLACK_SECONDS)
		report_warning(report,
		    FINDING(path, "it has changed since the daemon started",
			"'signetctl system restart'"));
}

/* 'config diff' knows what 'config apply' would change. */
static void
check_applied(struct report *report)
{
	static const char *const argv[] = {
	    "/proc/self/exe", "config", "diff", "-o", "json", NULL};
	CLEANUP(json) json_t *answer = NULL;
	const json_t *changes;
	struct error err;

	if (apart_program(argv, CHECK_MS, &answer, &err) ||
	    json_object_get(answer, "error")) {
		report_skip(report, "see the check config-well-formed");
		return;
	}
	changes = json_object_get(answer, "changes");
	for (size_t i = 0; i < json_array_size(changes); i++)
		report_warning(report,
		    FINDING(output_member(json_array_get(changes, i), "path"),
			"it is not what config.yaml says",
			"'signetctl config diff' shows the difference, "
			"'signetctl config apply' ends it"));
}

void
check_configs_up_to_date(const struct doctor *doctor, struct report *report)
{
	CLEANUP(string) char *super = super_path();

	for (size_t i = 0; i < SERVICE_COUNT; i++) {
		CLEANUP(string)
		char *path = paths_config_file(service_names[i]);

		check_restart(doctor, i, path, report);
	}
	if (super && access(super, R_OK) < 0 && errno == EACCES)
		report_skip(report, MAY_NOT_READ);
	else if (super && file_exists(super))
		check_applied(report);
}

/* --- the host's name ------------------------------------------------------ */

void
check_hostname(const struct doctor *doctor, struct report *report)
{
	const char *configured = doctor->config.provisiond.hostname;
	char machine[HOSTNAME_BYTES_MAX + 1] = "";
	const char *problem;

	if (gethostname(machine, sizeof(machine) - 1) < 0) {
		report_error(
		    report, FINDING("hostname", "the host's name is too long",
				"set a shorter one by hostnamectl"));
		return;
	}
	problem = hostname_problem(configured ? configured : machine, machine);
	if (problem)
		report_error(report,
		    FINDING(configured ? configured : machine, problem,
			"set 'hostname' in config.yaml, or the machine's name "
			"by hostnamectl"));
}
