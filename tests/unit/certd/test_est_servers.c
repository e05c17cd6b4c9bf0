/* SPDX-License-Identifier: MIT */
/* Which URLs lead to the same EST server, and which lane of certd is whose. */
#include "cmocka_wrap.h"

#include "est_servers.h"
#include "lanes.h"

static const struct {
	const char *url;
	size_t number;
} cases[] = {
    {"https://est.example.net/.well-known/est",           0},
    {"https://EST.example.net:443/.well-known/est/label", 0},
    {"https://est.example.net:8443/.well-known/est",      1},
    {"https://other.example.net/.well-known/est",         2},
    {"http://est.example.net/.well-known/est",            3}, /* port 80 */
    {"https://[::1]:8443/est",                            4},
    {"no URL",					    5},
    {"https://",					  5},
    {"https://est.example.net",                           0},
};

static void
tells_servers_apart_by_host_and_port(void **state)
{
	CLEANUP(est_servers) struct est_servers *servers = NULL;
	struct error err;

	(void)state;
	assert_int_equal(est_servers_create(&servers, &err), ERROR_NONE);
	assert_int_equal(est_servers_count(servers), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(
		    est_servers_add(servers, cases[i].url, &err), ERROR_NONE);
		assert_int_equal(
		    est_servers_find(servers, cases[i].url), cases[i].number);
	}
	assert_int_equal(est_servers_count(servers), 6);
}

static void
gives_each_server_a_lane_however_many_there_are(void **state)
{
	const size_t servers = 200;
	CLEANUP_DONE(certd_lanes) struct certd_lanes lanes = {NULL, NULL};
	struct daemon_service service = {.lane_count = 0};
	struct error err;

	(void)state;
	assert_int_equal(
	    certd_lanes_set(servers, &lanes, &service, &err), ERROR_NONE);
	assert_int_equal(service.lane_count, CERTD_EST + servers);
	for (size_t i = 0; i < servers; i++) {
		unsigned lane = certd_lane_of(i);

		assert_int_equal(lane, CERTD_EST + i);
		assert_int_equal(service.lanes[lane].workers, 1);
	}
	assert_string_equal(service.lanes[CERTD_EST].name, "est-1");
	assert_string_equal(service.lanes[certd_lane_of(199)].name, "est-200");
}

/* Threads that wait for nothing. */
static void
has_fewer_threads_for_each_server_where_there_are_many(void **state)
{
	static const struct {
		size_t servers;
		unsigned places;
	} shares[] = {
	    {1,  4},
            {8,  4},
            {9,  3},
            {32, 1},
            {33, 1}
        };

	(void)state;
	for (size_t i = 0; i < sizeof(shares) / sizeof(shares[0]); i++) {
		CLEANUP_DONE(certd_lanes)
		struct certd_lanes lanes = {NULL, NULL};
		struct daemon_service service = {.lane_count = 0};
		struct error err;

		assert_int_equal(
		    certd_lanes_set(shares[i].servers, &lanes, &service, &err),
		    ERROR_NONE);
		assert_int_equal(
		    service.lanes[CERTD_EST].workers, shares[i].places);
	}
}

static void
has_no_threads_for_est_without_est(void **state)
{
	CLEANUP_DONE(certd_lanes) struct certd_lanes lanes = {NULL, NULL};
	struct daemon_service service = {.lane_count = 0};
	struct error err;

	(void)state;
	assert_int_equal(
	    certd_lanes_set(0, &lanes, &service, &err), ERROR_NONE);
	assert_int_equal(service.lane_count, CERTD_EST);
	assert_string_equal(service.lanes[CERTD_ISSUE].name, "issue");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tells_servers_apart_by_host_and_port),
	    cmocka_unit_test(gives_each_server_a_lane_however_many_there_are),
	    cmocka_unit_test(
		has_fewer_threads_for_each_server_where_there_are_many),
	    cmocka_unit_test(has_no_threads_for_est_without_est),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
