/* SPDX-License-Identifier: MIT */
#include "render_fixture.h"

#include <string.h>

#define COMMENT                                                                \
	"# Written by 'signetctl config apply' from the operator's "           \
	"config.yaml. Changes belong there.\n"

static const struct render_users users = {"signet-certd", "1000"};

void
assert_rendered(const char *text, render_daemon *render, const char *expected)
{
	CLEANUP(places) struct places *places = NULL;
	CLEANUP_DONE(super_config) struct super_config config = {0};
	CLEANUP(string) char *rendered = NULL;
	struct error err;

	assert_int_equal(places_create(&places, &err), ERROR_NONE);
	assert_int_equal(
	    super_config_parse("c", text, strlen(text), &config, places, &err),
	    ERROR_NONE);
	assert_int_equal(render(&config, &users, &rendered, &err), ERROR_NONE);
	assert_ptr_equal(strstr(rendered, COMMENT), rendered);
	assert_string_equal(rendered + strlen(COMMENT), expected);
}
