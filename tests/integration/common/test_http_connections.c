/* SPDX-License-Identifier: MIT */
/* What becomes of connections: patience, limits, and the end. */
#include "cmocka_wrap.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/time.h"

#include "http_peer.h"

#define V HTTP_FIXTURE_VERSION

/* Whether the server takes a large body; who is refused may lose the answer. */
static bool
takes_a_large_body(const struct http_fixture *fixture)
{
	char start[12] = "";
	int fd = peer_connect(fixture);

	peer_send(fd, "POST /echo" V " HTTP/1.1\r\nconnection: close\r\n"
		      "content-length: 1000000\r\n\r\n{}");
	peer_flood(fd, "  ", 1000000 - 2);
	(void)recv(fd, start, sizeof(start), 0);
	(void)close(fd);
	return memcmp(start, "HTTP/1.1 200", sizeof(start)) == 0;
}

static void
has_memory_left_when_many_send_large_bodies(void **state)
{
	unsigned refused = 0;
	int fds[40];

	for (size_t i = 0; i < 40; i++) {
		fds[i] = peer_connect(*state);
		peer_send(fds[i], "POST /echo" V " HTTP/1.1\r\n"
				  "content-length: 1048000\r\n\r\n");
		peer_flood(fds[i], "0123456789abcdef0123456789abcdef", 1000000);
	}
	assert_answers(*state);
	for (size_t i = 0; i < 40; i++) {
		char start[12];
		ssize_t length =
		    recv(fds[i], start, sizeof(start), MSG_DONTWAIT);

		if (length < 0)
			continue;
		assert_memory_equal(start, "HTTP/1.1 503", sizeof(start));
		refused++;
	}
	assert_in_range(refused, 5, 12);
	for (size_t i = 0; i < 40; i++)
		(void)close(fds[i]);

	/* Once it is seen that these are gone, there is room again. */
	while (!takes_a_large_body(*state))
		time_sleep_ms(1);
}

static void
tells_who_stalls(void **state)
{
	static const char *const requests[] = {
	    "G",
	    "GET /length/3",
	    "GET /length/3" V " HTTP/1.1\r\nhost: x\r\n",
	    "POST /echo" V " HTTP/1.1\r\ncontent-length: 2\r\n\r\n",
	    "POST /echo" V " HTTP/1.1\r\ncontent-length: 2\r\n\r\n{",
	    "POST /echo" V " HTTP/1.1\r\n"
	    "transfer-encoding: chunked\r\n\r\n2\r\n{",
	};

	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
		assert_refuses(*state, requests[i], 408);
	assert_answers(*state);
}

static void
does_not_wait_longer_for_who_drips(void **state)
{
	int64_t start_ms = time_monotonic_ms();
	int fd = peer_connect(*state);

	peer_send(fd, "GET /");
	while (time_monotonic_ms() < start_ms + 3L * HTTP_FIXTURE_SHORT_MS) {
		(void)send(fd, "a", 1, MSG_NOSIGNAL);
		time_sleep_ms(5);
	}
	assert_refused(fd, 408);
}

static void
closes_idle_connections(void **state)
{
	static struct peer_answer answer;
	int used = peer_connect(*state);
	int fresh = peer_connect(*state);

	peer_send(used, GET_3);
	assert_true(peer_receive_once(used, &answer));
	peer_receive_all(used, &answer);
	assert_int_equal(answer.length, 0);
	assert_true(peer_is_closed(fresh));
	(void)close(used);
	(void)close(fresh);
}

static void
answers_who_has_shut_half_of_the_connection(void **state)
{
	static struct peer_answer answer;
	int fd = peer_connect(*state);

	peer_send(fd, HOLD);
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	http_fixture_await_held(*state, 1);
	time_sleep_ms(20);
	http_fixture_release(*state);
	peer_receive_all(fd, &answer);
	assert_ok(answer.text, "{\"held\":true}");
	(void)close(fd);
}

static void
notices_who_has_left(void **state)
{
	int fd = peer_connect(*state);

	peer_send(fd, HOLD);
	http_fixture_await_held(*state, 1);
	(void)close(fd);
	http_fixture_await_abandoned(*state);
	http_fixture_release(*state);
	assert_answers(*state);
}

static void
sends_a_large_answer_to_a_slow_reader(void **state)
{
	static struct peer_answer answer;
	size_t received = 0;
	int fd = peer_connect(*state);

	peer_send(fd, "GET /length/3000000" V " HTTP/1.1\r\n"
		      "connection: close\r\n\r\n");
	time_sleep_ms(50);
	while (peer_receive_once(fd, &answer)) {
		received += answer.length;
		if (received < 500000)
			time_sleep_ms(2);
	}
	assert_true(received > 3000000);
	assert_true(received < 3000000 + 512);
	(void)close(fd);
}

static void
lets_in_one_more_when_many_are_idle(void **state)
{
	static struct peer_answer answer;
	int idle[40];

	/* More than the server has room for, of this uid and in all. */
	for (size_t i = 0; i < 40; i++) {
		idle[i] = peer_connect(*state);
		if (i % 2 == 0)
			continue;
		peer_send(idle[i], GET_3);
		assert_true(peer_receive_once(idle[i], &answer));
		assert_ok(answer.text, "{\"text\":\"aaa\"}");
	}
	assert_answers(*state);
	assert_true(peer_is_closed(idle[0]));
	for (size_t i = 0; i < 40; i++)
		(void)close(idle[i]);
}

static void
refuses_one_more_when_all_are_busy(void **state)
{
	int busy[4]; /* half of the connections there are is a uid's share */

	for (unsigned i = 0; i < 4; i++) {
		busy[i] = peer_connect(*state);
		peer_send(busy[i], HOLD);
		http_fixture_await_held(*state, i + 1);
	}
	for (unsigned i = 0; i < 8; i++)
		assert_refuses(*state, GET_3, 503);
	http_fixture_release(*state);
	assert_answers(*state);
	for (unsigned i = 0; i < 4; i++)
		(void)close(busy[i]);
}

static void
finishes_calls_in_flight_when_it_stops(void **state)
{
	static struct peer_answer answer;
	int fd = peer_connect(*state);
	int part = peer_connect(*state);

	peer_send(fd, HOLD);
	peer_send(part, "GET /length");
	http_fixture_await_held(*state, 1);
	http_fixture_begin_stop(*state);
	time_sleep_ms(20);
	peer_send(part, "/3" V " HTTP/1.1\r\n\r\n");
	http_fixture_release(*state);
	peer_receive_all(fd, &answer);
	assert_ok(answer.text, "{\"held\":true}");
	peer_receive_all(part, &answer);
	assert_ok(answer.text, "{\"text\":\"aaa\"}");
	(void)close(fd);
	(void)close(part);
}

static void
tells_who_outstays_it(void **state)
{
	int held = peer_connect(*state);
	int part = peer_connect(*state);
	int idle = peer_connect(*state);

	peer_send(held, HOLD);
	http_fixture_await_held(*state, 1);
	peer_send(part, "GET /length");
	time_sleep_ms(HTTP_FIXTURE_SHORT_MS / 3);
	http_fixture_begin_stop(*state);
	assert_refused(held, 503);
	assert_refused(part, 408);
	assert_true(peer_is_closed(idle));
	(void)close(idle);
	/* The held call is answered by teardown, and goes nowhere. */
}

#define HANG "GET /hang" V " HTTP/1.1\r\n\r\n"
#define TRIES_MAX 16

/*
 * Asks until a handler more hangs: a thread that gets no time may be given up
 * before it gets there. Returns the connection that waits for it.
 */
static int
hang(struct http_fixture *fixture)
{
	unsigned before = http_fixture_hanging(fixture);

	for (unsigned tries = 0; tries < TRIES_MAX; tries++) {
		struct pollfd answer = {
		    .fd = peer_connect(fixture), .events = POLLIN};

		peer_send(answer.fd, HANG);
		while (poll(&answer, 1, 1) == 0)
			if (http_fixture_hanging(fixture) > before)
				return answer.fd;
		(void)close(answer.fd);
	}
	fail_msg("no handler hangs");
	return -1;
}

static void
answers_for_a_handler_that_hangs(void **state)
{
	int held = peer_connect(*state);

	peer_send(held, HOLD);
	http_fixture_await_held(*state, 1);
	/* Each is answered, as the thread of the one before is replaced. */
	for (unsigned i = 1; i <= 3; i++) {
		assert_refused(hang(*state), 503);
		assert_int_equal(http_fixture_hanging(*state), i);
	}
	assert_answers(*state);
	http_fixture_release(*state);
	(void)close(held);
}

static void
stops_while_a_handler_hangs(void **state)
{
	int held = peer_connect(*state);
	int hanging;

	peer_send(held, HOLD);
	http_fixture_await_held(*state, 1);
	hanging = hang(*state);
	http_fixture_begin_stop(*state);
	assert_refused(hanging, 503);
	http_fixture_release(*state);
	(void)close(held);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    HTTP_PATIENT(has_memory_left_when_many_send_large_bodies),
	    HTTP_HASTY(tells_who_stalls),
	    HTTP_HASTY(does_not_wait_longer_for_who_drips),
	    HTTP_HASTY(closes_idle_connections),
	    HTTP_PATIENT(answers_who_has_shut_half_of_the_connection),
	    HTTP_PATIENT(notices_who_has_left),
	    HTTP_PATIENT(sends_a_large_answer_to_a_slow_reader),
	    HTTP_SMALL(lets_in_one_more_when_many_are_idle),
	    HTTP_SMALL(refuses_one_more_when_all_are_busy),
	    HTTP_PATIENT(finishes_calls_in_flight_when_it_stops),
	    HTTP_HASTY(tells_who_outstays_it),
	    HTTP_PATIENT(answers_for_a_handler_that_hangs),
	    HTTP_PATIENT(stops_while_a_handler_hangs),
	};

	return cmocka_run_group_tests_name(
	    "http_connections", tests, NULL, NULL);
}
