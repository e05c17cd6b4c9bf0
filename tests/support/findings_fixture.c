/* SPDX-License-Identifier: MIT */
#include "findings_fixture.h"

#include <string.h>

#include "cmocka_wrap.h"
#include "common/file.h"

json_t *
findings_of(const char *text, check *run)
{
	CLEANUP_DONE(document) struct document document = {0};
	CLEANUP_DONE(super_config) struct super_config config = {0};
	struct findings findings = {0};
	struct error err;

	if (document_parse("c", text, strlen(text), &document, &err) ||
	    super_config_read(&document, NULL, &config, &err))
		fail_msg("%s\n%s", text, err.message);
	assert_int_equal(
	    findings_init(&findings, &document.root, &err), ERROR_NONE);
	run(&config, &findings);
	assert_int_equal(json_array_size(findings.list),
	    findings.errors + findings.warnings);
	return findings.list;
}

const char *
text_of(const json_t *list, size_t i, const char *member)
{
	const char *text =
	    json_string_value(json_object_get(json_array_get(list, i), member));

	return text ? text : "";
}

void
assert_finding(
    const char *text, check *run, const char *severity, const char *beginning)
{
	CLEANUP(json) json_t *list = findings_of(text, run);
	CLEANUP(string)
	char *line = string_format(
	    "%s: %s", text_of(list, 0, "place"), text_of(list, 0, "message"));

	if (json_array_size(list) != 1 ||
	    strncmp(line, beginning, strlen(beginning)) != 0 ||
	    strcmp(text_of(list, 0, "severity"), severity) != 0)
		fail_msg("%s\n%zu findings\nexpected: %s: %s...\nfirst:    "
			 "%s: %s",
		    text, json_array_size(list), severity, beginning,
		    text_of(list, 0, "severity"), line);
}

void
assert_nothing_found(const char *text, check *run)
{
	CLEANUP(json) json_t *list = findings_of(text, run);

	if (json_array_size(list) != 0)
		fail_msg("%s\n%s", text, text_of(list, 0, "message"));
}
