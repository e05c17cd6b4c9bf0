/* SPDX-License-Identifier: MIT */
/* docs/protocol-provisiond.md and signet-provisiond(8) against the routes. */
#include "cmocka_wrap.h"

#include "manual_page.h"
#include "protocol_page.h"
#include "routes.h"

#define OPERATORS (PEER_ROOT | PEER_DAEMON)

static void
describes_every_route_and_no_other(void **state)
{
	static const struct protocol_audience audiences[] = {
	    {HTTP_ANYONE,			   "anyone"                         },
	    {OPERATORS,			     "root and agents"                },
	    {OPERATORS | PEER_DEVICE,               "root, agents and device readers"},
	    {OPERATORS | PEER_DEVICE | PEER_MODULE,
             "root, agents, device readers and modules"                              },
	    {OPERATORS | PEER_MODULE | PEER_LOCAL,
             "root, agents and programs of that name"                                },
	    {OPERATORS | HTTP_PRINCIPAL,            "root and principals"            },
	    {0,				     NULL			     },
	};

	(void)state;
	assert_page_describes(DOCS_DIRECTORY "/protocol-provisiond.md",
	    provisiond_routes, provisiond_route_count, audiences);
}

static void
the_manual_lists_every_route_and_no_other(void **state)
{
	(void)state;
	assert_manual_lists(DOCS_DIRECTORY "/man/signet-provisiond.8",
	    "provisiond.sock", provisiond_routes, provisiond_route_count);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(describes_every_route_and_no_other),
	    cmocka_unit_test(the_manual_lists_every_route_and_no_other),
	};

	return cmocka_run_group_tests_name(
	    "provisiond protocol", tests, NULL, NULL);
}
