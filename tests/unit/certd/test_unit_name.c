/* SPDX-License-Identifier: MIT */
/* What may be started after a renewal. */
#include "cmocka_wrap.h"

#include <string.h>

#include "unit.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void
takes_names_of_services_and_targets(void **state)
{
	static const char *const names[] = {
	    "reload-nginx.service", "a@b:c_d.target", "x\\x2dy.service"};
	struct error err = {.message = ""};

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++)
		if (unit_check_name(names[i], &err))
			fail_msg("%s", err.message);
}

static void
refuses_commands_paths_and_what_cannot_be_started(void **state)
{
	static const char *const names[] = {"", ".service", "-x.service",
	    "reload nginx.service", "nginx", "/bin/sh.service", "a;b.service",
	    "$(a).service", "a.service\n", "dev-sda.device", "a.servicex"};
	char name[UNIT_NAME_MAX + 10];
	struct error err;

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++)
		assert_int_equal(
		    unit_check_name(names[i], &err), ERROR_INVALID);
	memset(name, 'a', UNIT_NAME_MAX);
	memcpy(name + UNIT_NAME_MAX, ".service", sizeof(".service"));
	assert_int_equal(unit_check_name(name, &err), ERROR_INVALID);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(takes_names_of_services_and_targets),
	    cmocka_unit_test(refuses_commands_paths_and_what_cannot_be_started),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
