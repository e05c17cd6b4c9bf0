/* SPDX-License-Identifier: MIT */
/* docs/protocol-keyd.md and signet-keyd(8) against the table of routes. */
#include "cmocka_wrap.h"

#include "manual_page.h"
#include "protocol_page.h"
#include "routes.h"

static void
describes_every_route_and_no_other(void **state)
{
	static const struct protocol_audience audiences[] = {
	    {HTTP_ANYONE,                "anyone"             },
	    {HTTP_PRINCIPAL | HTTP_ROOT, "principals and root"},
	    {0,			  NULL                 },
	};

	(void)state;
	assert_page_describes(DOCS_DIRECTORY "/protocol-keyd.md", keyd_routes,
	    keyd_route_count, audiences);
}

static void
the_manual_lists_every_route_and_no_other(void **state)
{
	(void)state;
	assert_manual_lists(DOCS_DIRECTORY "/man/signet-keyd.8", "keyd.sock",
	    keyd_routes, keyd_route_count);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(describes_every_route_and_no_other),
	    cmocka_unit_test(the_manual_lists_every_route_and_no_other),
	};

	return cmocka_run_group_tests_name("keyd protocol", tests, NULL, NULL);
}
