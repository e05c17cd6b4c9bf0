/* SPDX-License-Identifier: MIT */
/* Which of provisiond's calls wait for what: what hangs holds up no other. */
#include "cmocka_wrap.h"

#include "fake_provision.h"
#include "routes.h"

#define AGENT 2001
#define READER 2002
#define MODULE 2003
#define LOCAL 2004
#define V "api-version=2020-09-01"
#define MODULES "/identities/modules"
#define OF_AZIOT "{\"type\":\"aziot\",\"moduleId\":\"m1\"}"
#define OF_LOCAL "{\"type\":\"local\",\"moduleId\":\"m1\"}"

static struct config config;
static struct provisiond provisiond;

static int
setup(void **state)
{
	static char source[] = "dps", method[] = "x509", id[] = "device-id",
		    agent[] = "2001", reader[] = "2002", module[] = "2003",
		    local[] = "2004", web[] = "web", job[] = "job",
		    of_device[] = "device", of_module[] = "module",
		    of_local[] = "local";
	static char *devices[] = {of_device}, *modules[] = {of_module},
		    *locals[] = {of_local};
	static struct principal_settings principals[] = {
	    {.user = agent},
	    {  .user = reader,           .identity = {1, devices}},
	    { .user = module, .name = web, .identity = {1, modules}},
	    {  .user = local, .name = job, .identity = {1, locals}},
	};

	(void)state;
	config = (struct config){
	    .provisioning = {.source = source,
			     .attestation = {.method = method,
		    .identity_cert = id,
		    .identity_pk = id}                   },
	    .principals = {4,                principals}
        };
	fake_provision_open(&provisiond, &config);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	fake_provision_close(&provisiond);
	return 0;
}

/* In which lane the call is answered. */
static unsigned
lane_of(uid_t uid, const char *method, const char *target, const char *body)
{
	struct http_call call = {0};
	struct http_reply reply =
	    fake_provision_send(&provisiond, uid, method, target, body, &call);

	json_decref(reply.body);
	print_message("%s %s as %u: %u\n", method, target, uid, call.lane);
	assert_false(reply.deferred);
	return call.lane;
}

static void
who_asks_for_the_device_waits_for_no_hub(void **state)
{
	static const uid_t callers[] = {0, AGENT, READER};

	(void)state;
	for (size_t i = 0; i < sizeof(callers) / sizeof(callers[0]); i++)
		assert_int_equal(
		    lane_of(callers[i], "GET", "/identities/identity?" V, NULL),
		    PROVISIOND_LANE_CALLS);
}

static void
who_asks_for_a_module_waits_for_the_hub_only_if_it_is_asked(void **state)
{
	(void)state;
	for (int remembers = 0; remembers < 2; remembers++) {
		unsigned lane =
		    remembers ? PROVISIOND_LANE_CALLS : PROVISIOND_LANE_HUB;

		fake_provision.remembers = remembers;
		assert_int_equal(
		    lane_of(MODULE, "GET", "/identities/identity?" V, NULL),
		    lane);
		assert_int_equal(
		    lane_of(AGENT, "GET", MODULES "/m1?type=aziot&" V, NULL),
		    lane);
		assert_int_equal(
		    lane_of(AGENT, "GET", MODULES "?type=aziot&" V, NULL),
		    PROVISIOND_LANE_HUB);
	}
}

static void
local_identities_wait_for_neither_the_hub_nor_a_change(void **state)
{
	(void)state;
	assert_int_equal(
	    lane_of(LOCAL, "GET", MODULES "/job?type=local&" V, NULL),
	    PROVISIOND_LANE_LOCAL);
	assert_int_equal(lane_of(AGENT, "POST", MODULES "?" V, OF_LOCAL),
	    PROVISIOND_LANE_LOCAL);
}

static void
changes_wait_for_each_other(void **state)
{
	(void)state;
	assert_int_equal(lane_of(AGENT, "POST", MODULES "?" V, OF_AZIOT),
	    PROVISIOND_LANE_CHANGE);
	assert_int_equal(
	    lane_of(AGENT, "PUT", MODULES "/m1?type=aziot&" V, OF_AZIOT),
	    PROVISIOND_LANE_CHANGE);
	assert_int_equal(
	    lane_of(AGENT, "DELETE", MODULES "/m1?type=aziot&" V, NULL),
	    PROVISIOND_LANE_CHANGE);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	static const struct CMUnitTest tests[] = {
	    TEST(who_asks_for_the_device_waits_for_no_hub),
	    TEST(who_asks_for_a_module_waits_for_the_hub_only_if_it_is_asked),
	    TEST(local_identities_wait_for_neither_the_hub_nor_a_change),
	    TEST(changes_wait_for_each_other),
	};

	return cmocka_run_group_tests_name(
	    "provisiond lanes", tests, NULL, NULL);
}
