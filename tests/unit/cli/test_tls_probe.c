/* SPDX-License-Identifier: MIT */
/* Peers that the doctor's probe gives up on; those that answer in one way or
 * another are in tests/integration/cli/test_check_network.sh. */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cmocka_wrap.h"
#include "tls_probe.h"

/* One who takes a connection and says nothing, as where a firewall drops. */
static void
a_server_that_says_nothing_is_waited_for_in_vain(void **state)
{
	struct sockaddr_in address = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	struct endpoint server;
	struct tls_probe probe;
	char text[32];

	(void)state;
	assert_true(listener >= 0);
	assert_int_equal(
	    bind(listener, (struct sockaddr *)&address, length), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(
	    getsockname(listener, (struct sockaddr *)&address, &length), 0);
	(void)snprintf(
	    text, sizeof(text), "127.0.0.1:%u", ntohs(address.sin_port));
	assert_true(endpoint_parse(text, "443", &server));
	tls_probe(
	    &(struct tls_probe_request){.server = &server, .timeout_ms = 100},
	    &probe);
	assert_int_equal(probe.stage, TLS_STAGE_TLS);
	assert_non_null(strstr(probe.reason, "has said nothing"));
	assert_non_null(strstr(probe.reason, "ETIMEDOUT"));
	(void)close(listener);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_server_that_says_nothing_is_waited_for_in_vain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
