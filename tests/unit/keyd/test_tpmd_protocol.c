/* SPDX-License-Identifier: MIT */
/*
 * docs/protocol-tpmd.md, openapi/tpmd.yaml and signet-keyd(8) against the table
 * of routes.
 */
#include "cmocka_wrap.h"

#include "manual_page.h"
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

static void
the_manual_lists_every_route_and_no_other(void **state)
{
	(void)state;
	assert_manual_lists(DOCS_DIRECTORY "/man/signet-keyd.8", "tpmd.sock",
	    tpm_routes, tpm_route_count);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_page_describes_every_route_and_no_other),
	    cmocka_unit_test(openapi_describes_every_route_and_no_other),
	    cmocka_unit_test(the_manual_lists_every_route_and_no_other),
	};

	return cmocka_run_group_tests_name("tpmd protocol", tests, NULL, NULL);
}
