/* SPDX-License-Identifier: MIT */
/* docs/openapi/keyd.yaml, held against the table of routes. */
#include "cmocka_wrap.h"

#include "openapi_page.h"
#include "routes.h"

static void
describes_every_route_and_no_other(void **state)
{
	(void)state;
	assert_openapi_describes(
	    DOCS_DIRECTORY "/openapi/keyd.yaml", keyd_routes, keyd_route_count);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(describes_every_route_and_no_other),
	};

	return cmocka_run_group_tests_name("keyd openapi", tests, NULL, NULL);
}
