/* SPDX-License-Identifier: MIT */
/* The doctor's checks of the daemons as processes. */
#include <errno.h>
#include <string.h>

#include "common/file.h"
#include "doctor.h"
#include "output.h"

static void
check_running(
    const struct doctor *doctor, enum effective_daemon i, struct report *report)
{
	const struct doctor_daemon *daemon = &doctor->daemons[i];
	const json_t *health = daemon->health;
	const char *status = output_member(health, "status");

	if (!health && !report_denied(&daemon->error, report))
		report_error(report,
		    FINDING(service_names[i], daemon->error.message,
			daemon->error.code == ERROR_TIMEOUT
			    ? "it hangs: 'signetctl system logs' may say in "
			      "what; 'signetctl system restart' ends it"
			    : "'signetctl system start'; 'signetctl system "
			      "logs' says why it ended"));
	else if (!health)
		return;
	else if (strcmp(status, "ok") != 0 && strcmp(status, "starting") != 0)
		report_error(report,
		    FINDING(service_names[i], output_member(health, "message"),
			strstr(
			    output_member(health, "message"), strerror(EACCES))
			    ? "give the daemon's user access to what it "
			      "names: the check paths says what is in the way"
			    : "what it says has to be put right; 'signetctl "
			      "system logs' may tell more"));
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

static void
report_silent(size_t i, struct report *report)
{
	CLEANUP(string)
	char *reason = string_format("signet-%s does not tell: see %s-running",
	    service_names[i], service_names[i]);

	report_skip(report, reason ? reason : "a daemon does not tell");
}

void
check_versions(const struct doctor *doctor, struct report *report)
{
	for (size_t i = 0; i < SERVICE_COUNT; i++) {
		const struct doctor_daemon *daemon = &doctor->daemons[i];
		const json_t *health = daemon->health;
		CLEANUP(string) char *reason = NULL;

		if (!health && !report_denied(&daemon->error, report))
			report_silent(i, report);
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
