/* SPDX-License-Identifier: MIT */
/* Many peers at once, well behaved and not, also while the server restarts. */
#include "cmocka_wrap.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/time.h"

#include "http_peer.h"

#define PEERS 8
#define PEER_REQUESTS 420 /* all manners of behave() */

struct crowd {
	const struct http_fixture *fixture;
	unsigned index;
	unsigned answered;
};

/* One of the many ways in which a peer may behave. */
static bool
behave(const struct http_fixture *fixture, unsigned manner)
{
	char start[12] = "HTTP/1.1 200";
	char answer[512] = "";
	int fd = peer_connect(fixture);

	(void)send(fd, GET_3, strlen(GET_3), MSG_NOSIGNAL);
	if (manner % 3 == 0)
		(void)send(fd, GET_3 GET_3, 2 * strlen(GET_3), MSG_NOSIGNAL);
	if (manner % 4 == 0)
		(void)shutdown(fd, SHUT_WR);
	if (manner % 5 != 0)
		(void)recv(fd, answer, sizeof(answer), 0);
	if (manner % 7 == 0)
		(void)send(fd, GET_3, 9, MSG_NOSIGNAL);
	(void)close(fd);
	return manner % 5 == 0 || memcmp(answer, start, sizeof(start)) == 0;
}

static void *
behave_badly(void *data)
{
	struct crowd *crowd = data;

	for (unsigned i = 0; i < PEER_REQUESTS; i++)
		crowd->answered += behave(crowd->fixture, i + crowd->index);
	return NULL;
}

static void
serves_many_peers_at_once(void **state)
{
	pthread_t threads[PEERS];
	struct crowd crowd[PEERS];

	for (unsigned i = 0; i < PEERS; i++) {
		crowd[i] = (struct crowd){.fixture = *state, .index = i};
		assert_int_equal(
		    pthread_create(&threads[i], NULL, behave_badly, &crowd[i]),
		    0);
	}
	for (unsigned i = 0; i < PEERS; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(crowd[i].answered, PEER_REQUESTS);
	}
	assert_answers(*state);
}

struct visitor {
	const char *path;
	atomic_bool *ends;
	atomic_uint answered;
	unsigned lost;
};

/* Sends one request. Returns false if the connection is no good any more. */
static bool
visit(struct visitor *visitor, int fd)
{
	char answer[512];
	ssize_t length;

	if (send(fd, GET_3, strlen(GET_3), MSG_NOSIGNAL) < 0)
		return false;
	length = recv(fd, answer, sizeof(answer), 0);
	if (length < 0)
		return false;
	if (length == 0)
		visitor->lost++; /* taken, and closed in silence */
	else
		visitor->answered++;
	return length > 0;
}

static void *
visit_again_and_again(void *data)
{
	struct visitor *visitor = data;
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	(void)snprintf(
	    address.sun_path, sizeof(address.sun_path), "%s", visitor->path);
	while (!*visitor->ends) {
		int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

		if (connect(fd, (struct sockaddr *)&address, sizeof(address)) ==
		    0)
			for (int i = 0; i < 50 && visit(visitor, fd); i++)
				;
		(void)close(fd);
	}
	return NULL;
}

static void
loses_no_request_when_it_restarts(void **state)
{
	pthread_t threads[PEERS];
	struct visitor visitors[PEERS];
	atomic_bool ends = false;

	for (unsigned i = 0; i < PEERS; i++) {
		visitors[i] = (struct visitor){
		    .path = http_fixture_path(*state), .ends = &ends};
		assert_int_equal(pthread_create(&threads[i], NULL,
				     visit_again_and_again, &visitors[i]),
		    0);
	}
	for (int i = 0; i < 30; i++) {
		time_sleep_ms(10);
		http_fixture_restart(*state);
	}
	/* Some may have had no time as yet. */
	for (unsigned i = 0; i < PEERS; i++)
		while (visitors[i].answered == 0)
			time_sleep_ms(1);
	ends = true;
	for (unsigned i = 0; i < PEERS; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(visitors[i].lost, 0);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    HTTP_PATIENT(serves_many_peers_at_once),
	    HTTP_PATIENT(loses_no_request_when_it_restarts),
	};

	return cmocka_run_group_tests_name("http_crowd", tests, NULL, NULL);
}
