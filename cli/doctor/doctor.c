/* SPDX-License-Identifier: MIT */
#include "doctor.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/file.h"

static const char *const result_names[] = {
    [DOCTOR_OK] = "ok",
    [DOCTOR_IGNORED] = "ignored",
    [DOCTOR_SKIPPED] = "skipped",
    [DOCTOR_WARNING] = "warning",
    [DOCTOR_ERROR] = "error",
};

const char *
doctor_result_name(enum doctor_result result)
{
	return result_names[result];
}

static void
add(struct report *report, enum doctor_result result,
    const struct finding *finding)
{
	json_t *item;

	assert(finding->reason && (result < DOCTOR_WARNING || finding->fix));
	item = json_pack("{s:s*, s:s, s:s, s:s*}", "object", finding->object,
	    "severity", result_names[result], "reason", finding->reason, "fix",
	    finding->fix);

	if (finding->uid != DOCTOR_NO_UID)
		(void)json_object_set_new(
		    item, "uid", json_integer((json_int_t)finding->uid));
	(void)json_array_append_new(report->findings, item);
	if (result > report->result)
		report->result = result;
}

void
report_error(struct report *report, const struct finding *finding)
{
	add(report, DOCTOR_ERROR, finding);
}

void
report_warning(struct report *report, const struct finding *finding)
{
	add(report, DOCTOR_WARNING, finding);
}

void
report_skip(struct report *report, const char *reason)
{
	add(report, DOCTOR_SKIPPED, FINDING(NULL, reason, NULL));
}

void
report_ignore(struct report *report, const char *reason)
{
	add(report, DOCTOR_IGNORED, FINDING(NULL, reason, NULL));
}

bool
report_unread(const struct doctor *doctor, enum effective_daemon daemon,
    struct report *report)
{
	const struct error *err = &doctor->config.errors[daemon];
	char reason[64];

	if (err->code == ERROR_NONE)
		return false;
	(void)snprintf(reason, sizeof(reason),
	    "the configuration of %s cannot be read%s", service_names[daemon],
	    err->code == ERROR_DENIED && geteuid() != 0 ? ": be root" : "");
	report_skip(report, reason);
	return true;
}

bool
report_denied(const struct error *err, struct report *report)
{
	CLEANUP(string) char *reason = NULL;

	if (err->code != ERROR_DENIED || geteuid() == 0)
		return false;
	reason = string_format("%s%s", err->message,
	    strstr(err->message, "be root") ? "" : ": be root");
	report_skip(report, reason ? reason : "be root");
	return true;
}

json_t *
doctor_run(const struct doctor_entry *entry, const struct doctor *doctor,
    enum doctor_result *ret_result)
{
	CLEANUP(json) json_t *findings = json_array();
	struct report report = {DOCTOR_OK, findings};

	entry->run(doctor, &report);
	*ret_result = report.result;
	return json_pack("{s:s, s:s, s:s, s:s, s:O}", "id", entry->id, "layer",
	    entry->layer, "title", entry->title, "result",
	    result_names[report.result], "findings", findings);
}

/* --- lists of ids --------------------------------------------------------- */

bool
doctor_list_has(const char *list, const char *id)
{
	size_t wanted = strlen(id);

	while (list && *list) {
		size_t length = strcspn(list, ",");

		if (length == wanted && strncmp(list, id, length) == 0)
			return true;
		list += length;
		list += *list == ',';
	}
	return false;
}

static bool
is_check(const char *id)
{
	for (size_t i = 0; i < doctor_check_count; i++)
		if (strcmp(doctor_checks[i].id, id) == 0)
			return true;
	return false;
}

bool
doctor_list_unknown(const char *list, char *name, size_t size)
{
	while (list && *list) {
		size_t length = strcspn(list, ",");

		(void)snprintf(name, size, "%.*s", (int)length, list);
		if (!is_check(name))
			return true;
		list += length;
		list += *list == ',';
	}
	return false;
}
