/* SPDX-License-Identifier: MIT */
/* docs/protocol-tpmd.md and openapi/tpmd.yaml against the table of routes. */
#include "cmocka_wrap.h"

#include "openapi_page.h"
#include "protocol_page.h"
#include "routes_tpm.h"

static void
the_page_describes_every_route_and_no_other(void **state)
{
	static const struct protocol_audience audiences[] = {
	    {HTTP_ANYONE,                "anyone"        },
	    {HTTP_PRINCIPAL,             "users"         },
	    {HTTP_PRINCIPAL | HTTP_ROOT, "users and root"},
	    {0,			  NULL            },
	};

	(void)state;
	assert_page_describes(DOCS_DIRECTORY "/protocol-tpmd.md", tpm_routes,
	    tpm_route_count, audiences);
}

static void
openapi_describes_every_route_and_no_other(void **state)
{
	(void)state;
	assert_openapi_describes(
	    DOCS_DIRECTORY "/openapi/tpmd.yaml", tpm_routes, tpm_route_count);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_page_describes_every_route_and_no_other),
	    cmocka_unit_test(openapi_describes_every_route_and_no_other),
	};

	return cmocka_run_group_tests_name("tpmd protocol", tests, NULL, NULL);
}
