/* SPDX-License-Identifier: MIT */
/*
 * The operator's file, as YAML and as TOML: what the table and the rules let
 * through can be rendered for each daemon, as YAML.
 */
#include "fuzz.h"

#include <string.h>

#include "check.h"
#include "render.h"

static void
render_one(const struct super_config *config, render_daemon *render)
{
	static const struct render_users users = {
	    "certd", "provisiond", "iotedge", "/secrets"};
	CLEANUP_DONE(config_node) struct config_node root = {0};
	CLEANUP(string) char *text = NULL;
	struct error err;

	FUZZ_REQUIRE(!render(config, &users, &text, &err));
	FUZZ_REQUIRE(
	    !config_node_parse("rendered", text, strlen(text), &root, &err));
}

/* name tells which of the two languages data is in. */
static void
read_as(const char *name, const uint8_t *data, size_t size)
{
	CLEANUP_DONE(document) struct document document = {0};
	CLEANUP_DONE(super_config) struct super_config config = {0};
	CLEANUP_DONE(findings) struct findings findings = {0};
	struct error err;

	if (document_parse(name, (const char *)data, size, &document, &err) ||
	    super_config_read(&document, NULL, &config, &err)) {
		FUZZ_REQUIRE(err.code == ERROR_INVALID);
		return;
	}
	FUZZ_REQUIRE(!findings_init(&findings, &document.root, &err));
	check_structure(&config, &findings);
	if (findings.errors > 0)
		return;
	render_one(&config, render_keyd);
	render_one(&config, render_certd);
	render_one(&config, render_provisiond);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	read_as("fuzz.yaml", data, size);
	read_as("fuzz.toml", data, size);
	return 0;
}
