/* SPDX-License-Identifier: MIT */
#include "findings.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum error_code
findings_init(struct findings *findings, const struct config_node *root,
    struct error *err)
{
	*findings = (struct findings){.root = root, .list = json_array()};
	return findings->list ? ERROR_NONE : error_no_memory(err);
}

void
findings_done(struct findings *findings)
{
	json_decref(findings->list);
	*findings = (struct findings){0};
}

static bool
has(const struct findings *findings, const char *place, const char *message)
{
	for (size_t i = 0; i < json_array_size(findings->list); i++) {
		const json_t *finding = json_array_get(findings->list, i);
		const char *other =
		    json_string_value(json_object_get(finding, "place"));

		if (strcmp(other ? other : "", place ? place : "") == 0 &&
		    strcmp(
			json_string_value(json_object_get(finding, "message")),
			message) == 0)
			return true;
	}
	return false;
}

/* False if it is there: two readers of one value may say the same of it. */
__attribute__((format(printf, 4, 0))) static bool
add(struct findings *findings, const char *severity, const char *place,
    const char *format, va_list args)
{
	char message[ERROR_MESSAGE_MAX];

	(void)vsnprintf(message, sizeof(message), format, args);
	if (has(findings, place, message))
		return false;
	(void)json_array_append_new(
	    findings->list, json_pack("{s:s, s:s*, s:s}", "severity", severity,
				"place", place, "message", message));
	return true;
}

void
findings_error(struct findings *findings, char *place, const char *format, ...)
{
	CLEANUP(string) char *owned = place;
	va_list args;

	va_start(args, format);
	findings->errors += add(findings, "error", owned, format, args);
	va_end(args);
}

void
findings_warn(struct findings *findings, char *place, const char *format, ...)
{
	CLEANUP(string) char *owned = place;
	va_list args;

	va_start(args, format);
	findings->warnings += add(findings, "warning", owned, format, args);
	va_end(args);
}

void
findings_note(struct findings *findings, char *place, const char *format, ...)
{
	CLEANUP(string) char *owned = place;
	va_list args;

	va_start(args, format);
	(void)add(findings, "note", owned, format, args);
	va_end(args);
}

void
findings_stray(struct findings *findings, char *place, const char *format, ...)
{
	CLEANUP(string) char *owned = place;
	va_list args;

	va_start(args, format);
	if (findings->is_lenient)
		findings->warnings +=
		    add(findings, "warning", owned, format, args);
	else
		findings->errors += add(findings, "error", owned, format, args);
	va_end(args);
}

void
findings_print(const struct findings *findings)
{
	for (size_t i = 0; i < json_array_size(findings->list); i++) {
		const json_t *finding = json_array_get(findings->list, i);
		const char *place =
		    json_string_value(json_object_get(finding, "place"));

		(void)fprintf(stderr, "%s%s%s: %s\n", place ? place : "",
		    place ? ": " : "",
		    json_string_value(json_object_get(finding, "severity")),
		    json_string_value(json_object_get(finding, "message")));
	}
}
