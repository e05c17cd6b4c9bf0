/* SPDX-License-Identifier: MIT */
/*
 * The operator's file: what the table and the rules let through can be
 * rendered for each daemon, as YAML.
 */
#include "fuzz.h"

#include <string.h>

#include "check.h"
#include "render.h"

static void
render_one(const struct super_config *config, render_daemon *render)
{
	static const struct render_users users = {"certd", "provisiond"};
	CLEANUP(places) struct places *places = NULL;
	CLEANUP(string) char *text = NULL;
	struct error err;

	FUZZ_REQUIRE(!render(config, &users, &text, &err));
	FUZZ_REQUIRE(!places_create(&places, &err));
	FUZZ_REQUIRE(!places_add(places, "rendered", text, strlen(text), &err));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(places) struct places *places = NULL;
	CLEANUP_DONE(super_config) struct super_config config = {0};
	CLEANUP_DONE(findings) struct findings findings = {0};
	struct error err;

	FUZZ_REQUIRE(!places_create(&places, &err));
	if (super_config_parse(
		"fuzz", (const char *)data, size, &config, places, &err)) {
		FUZZ_REQUIRE(err.code == ERROR_INVALID);
		return 0;
	}
	FUZZ_REQUIRE(!findings_init(&findings, places, &err));
	check_structure(&config, &findings);
	if (findings.errors > 0)
		return 0;
	render_one(&config, render_keyd);
	render_one(&config, render_certd);
	render_one(&config, render_provisiond);
	return 0;
}
