/* SPDX-License-Identifier: MIT */
/* The doctor's checks of the daemons as processes. */
#include <string.h>

#include "common/file.h"
#include "common/paths.h"
#include "doctor.h"
#include "output.h"
#include "process_hardening.h"
#include "process_start.h"

static void
check_running(
    const struct doctor *doctor, enum effective_daemon i, struct report *report)
{
	const struct doctor_daemon *daemon = &doctor->daemons[i];
	CLEANUP(string) char *socket = paths_socket(service_names[i]);
	const char *status = output_member(daemon->health, "status");

	if (!daemon->health)
		report_error(report,
		    FINDING(socket, daemon->error.message,
			daemon->error.code == ERROR_DENIED
			    ? "be root, or in the group of the socket"
			    : "'signetctl system start'; 'signetctl system "
			      "logs' says why it ended"));
	else if (strcmp(status, "ok") != 0 && strcmp(status, "starting") != 0)
		report_error(report,
		    FINDING(socket, output_member(daemon->health, "message"),
			"what it says has to be put right; 'signetctl system "
			"logs' may tell more"));
}

void
check_keyd_running(const struct doctor *doctor, struct report *report)
{
	check_running(doctor, EFFECTIVE_KEYD, report);
}

void
check_certd_running(const struct doctor *doctor, struct report *report)
{
	check_running(doctor, EFFECTIVE_CERTD, report);
}

void
check_provisiond_running(const struct doctor *doctor, struct report *report)
{
	check_running(doctor, EFFECTIVE_PROVISIOND, report);
}

void
check_versions(const struct doctor *doctor, struct report *report)
{
	for (size_t i = 0; i < SERVICE_COUNT; i++) {
		const json_t *health = doctor->daemons[i].health;
		CLEANUP(string) char *reason = NULL;

		if (!health || strcmp(output_member(health, "version"),
				   SIGNET_VERSION) == 0)
			continue;
		reason = string_format("it is version %s, and signetctl is "
				       "version %s",
		    output_member(health, "version"), SIGNET_VERSION);
		report_warning(report,
		    FINDING(service_names[i], reason ? reason : "another one",
			"'signetctl system restart' after an upgrade"));
	}
}

/* True if the process is of the unit of its own name. */
static bool
is_unit(const char *cgroup, const char *name)
{
	CLEANUP(string) char *unit = string_format("signet-%s.service", name);

	return cgroup && unit && strstr(cgroup, unit);
}

static bool
check_process(pid_t pid, const char *name, struct report *report)
{
	CLEANUP(string) char *cgroup = process_file(pid, "cgroup", NULL);
	CLEANUP(string) char *status = process_file(pid, "status", NULL);
	CLEANUP(string) char *uid_map = process_file(pid, "uid_map", NULL);
	CLEANUP(string) char *unit = string_format("signet-%s.service", name);
	const struct hardening_flaw *flaw;

	if (!is_unit(cgroup, name) || !status || !uid_map)
		return false;
	for (size_t i = 0; (flaw = hardening_flaw(status, uid_map, i)); i++) {
		CLEANUP(string)
		char *fix = string_format("'systemctl revert %s' undoes what "
					  "changes %s",
		    unit ? unit : name, flaw->what);

		report_warning(report, FINDING(unit, flaw->reason, fix));
	}
	return true;
}

void
check_hardening(const struct doctor *doctor, struct report *report)
{
	bool any = false;

	for (size_t i = 0; i < SERVICE_COUNT; i++) {
		json_int_t pid = json_integer_value(
		    json_object_get(doctor->daemons[i].health, "pid"));

		if (pid > 0 &&
		    check_process((pid_t)pid, service_names[i], report))
			any = true;
	}
	if (!any)
		report_ignore(report, "the daemons do not run as units");
}
