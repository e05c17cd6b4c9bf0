/* SPDX-License-Identifier: MIT */
#include "render_fixture.h"

#include <string.h>

#include "check.h"

#define COMMENT                                                                \
	"# Written by 'signetctl config apply' from the operator's "           \
	"config.yaml. Changes belong there.\n"

static const struct render_users users = {
    "signet-certd", "1000", NULL, "/etc/signet/keyd/secrets"};

void
assert_rendered(const char *text, render_daemon *render, const char *expected)
{
	CLEANUP_DONE(document) struct document document = {0};
	CLEANUP_DONE(super_config) struct super_config config = {0};
	CLEANUP(string) char *rendered = NULL;
	struct error err;

	if (document_parse("c", text, strlen(text), &document, &err) ||
	    super_config_read(&document, NULL, &config, &err))
		fail_msg("%s", err.message);
	assert_int_equal(render(&config, &users, &rendered, &err), ERROR_NONE);
	assert_ptr_equal(strstr(rendered, COMMENT), rendered);
	assert_string_equal(rendered + strlen(COMMENT), expected);
}

void
assert_renders(
    const char *name, const char *text, render_daemon *render, const char *part)
{
	static const struct render_users with_edged = {"signet-certd",
	    "signet-provisiond", "iotedge", "/etc/signet/keyd/secrets"};
	CLEANUP_DONE(document) struct document document = {0};
	CLEANUP_DONE(super_config) struct super_config config = {0};
	CLEANUP_DONE(findings) struct findings findings = {0};
	CLEANUP(string) char *rendered = NULL;
	char aziot[] = "aziot";
	struct super_config judged;
	struct error err;

	if (document_parse(name, text, strlen(text), &document, &err) ||
	    super_config_read(&document, NULL, &config, &err))
		fail_msg("%s\n%s", text, err.message);
	assert_int_equal(
	    findings_init(&findings, &document.root, &err), ERROR_NONE);
	findings.is_lenient = document.flavour != FLAVOUR_SIGNET;
	judged = config;
	if (findings.is_lenient)
		judged.compat = aziot;
	check_structure(&judged, &findings);
	findings_print(&findings);
	assert_int_equal(findings.errors, 0);
	if (render(&config, &with_edged, &rendered, &err))
		fail_msg("%s\n%s", text, err.message);
	if (!strstr(rendered, part))
		fail_msg(
		    "%s\nexpected:\n%s\nis not in:\n%s", text, part, rendered);
}
