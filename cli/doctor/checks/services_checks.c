/* SPDX-License-Identifier: MIT */
/* The doctor's checks of the daemons as processes. */
#include <string.h>

#include "common/file.h"
#include "common/paths.h"
#include "doctor.h"
#include "output.h"

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
