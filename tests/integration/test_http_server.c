/* SPDX-License-Identifier: MIT */
/* The server as a peer sees it that speaks in raw bytes. */
#include "cmocka_wrap.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/time.h"

#include "http_fixture.h"

#define V HTTP_FIXTURE_VERSION
#define GET_3 "GET /length/3" V " HTTP/1.1\r\n\r\n"
#define HOLD "GET /hold" V " HTTP/1.1\r\n\r\n"

/* As long as a test waits for a timeout of the server. */
#define SHORT_MS 150

/* The crowd that comes at once. */
#define PEERS 8
#define PEER_REQUESTS 420 /* all manners of behave() */

static int
start_patient(void **state)
{
	*state = http_fixture_start((struct http_server_options){0});
	return 0;
}

static int
start_hasty(void **state)
{
	*state = http_fixture_start(
	    (struct http_server_options){.head_timeout_ms = SHORT_MS,
		.body_timeout_ms = SHORT_MS,
		.idle_timeout_ms = 4 * SHORT_MS,
		.stop_timeout_ms = SHORT_MS});
	return 0;
}

static int
start_small(void **state)
{
	*state = http_fixture_start(
	    (struct http_server_options){.connections_max = 8});
	return 0;
}

static int
teardown(void **state)
{
	http_fixture_stop(*state);
	return 0;
}

/* The body of an answer with head and body in text. */
static const char *
body_of(const char *text)
{
	const char *empty = strstr(text, "\r\n\r\n");

	assert_non_null(empty);
	return empty + 4;
}

static void
assert_contains(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("'%s' is not in:\n%s", part, text);
}

/* What aziot's clients demand of every answer's head. */
static void
assert_head(const char *text, unsigned status, const char *type)
{
	const char *body = body_of(text);
	unsigned fields = 0;
	char line[64];

	(void)snprintf(line, sizeof(line), "HTTP/1.1 %u ", status);
	assert_memory_equal(text, line, strlen(line));
	assert_true(body - text < 512);
	for (const char *c = strstr(text, "\r\n") + 2; c < body - 2;
	     c = strstr(c, "\r\n") + 2)
		fields++;
	assert_true(fields <= 16);

	if (status == 204) {
		assert_null(strstr(text, "content-"));
		assert_contains(text, "\r\nconnection: close\r\n");
		return;
	}
	(void)snprintf(line, sizeof(line), "\r\ncontent-type: %s\r\n", type);
	assert_contains(text, line);
	(void)snprintf(
	    line, sizeof(line), "\r\ncontent-length: %zu\r\n", strlen(body));
	assert_contains(text, line);
}

static void
assert_ok(const char *text, const char *body)
{
	assert_head(text, 200, "application/json");
	assert_string_equal(body_of(text), body);
}

/* One answer, an error in the stated form, then the end. */
static void
assert_refused(int fd, unsigned status)
{
	static struct peer_answer answer;
	CLEANUP(json) json_t *body = NULL;

	peer_receive_all(fd, &answer);
	assert_head(answer.text, status, "application/json");
	assert_contains(answer.text, "\r\nconnection: close\r\n");
	body = json_loads(body_of(answer.text), 0, NULL);
	assert_true(json_string_length(json_object_get(body, "message")) > 0);
	(void)close(fd);
}

/* Sends text and expects to be refused. */
static void
assert_refuses(
    const struct http_fixture *fixture, const char *text, unsigned status)
{
	int fd = peer_connect(fixture);

	print_message("%.60s\n", text);
	peer_send(fd, text);
	assert_refused(fd, status);
}

static void
assert_answers(struct http_fixture *fixture)
{
	static struct peer_answer answer;
	int fd = peer_connect(fixture);

	peer_send(fd, GET_3);
	assert_true(peer_receive_once(fd, &answer));
	assert_ok(answer.text, "{\"text\":\"aaa\"}");
	(void)close(fd);
}

static void
answers_within_one_read(void **state)
{
	static struct peer_answer answer;
	int fd = peer_connect(*state);
	ssize_t length;

	/* As aziot's blocking client reads: 512 bytes, and no second try. */
	peer_send(fd, "GET /length/4000" V " HTTP/1.1\r\n\r\n");
	length = recv(fd, answer.text, 512, 0);
	assert_true(length > 0);
	answer.text[length] = '\0';
	assert_contains(answer.text, "\r\n\r\n{\"text\":\"aaa");
	assert_contains(answer.text, "\r\ncontent-length: 4011\r\n");
	(void)close(fd);
}

static void
reads_a_request_byte_by_byte(void **state)
{
	static const char request[] = "POST /echo" V " HTTP/1.1\r\n"
				      "content-length: 7\r\n"
				      "content-type: application/json\r\n"
				      "\r\n"
				      "{\"a\":1}";
	static struct peer_answer answer;
	int fd = peer_connect(*state);

	for (size_t i = 0; i < strlen(request); i++) {
		char byte[2] = {request[i], '\0'};

		peer_send(fd, byte);
		if (i % 8 == 0)
			time_sleep_ms(1);
	}
	assert_true(peer_receive_once(fd, &answer));
	assert_ok(answer.text, "{\"a\":1}");
	(void)close(fd);
}

static void
keeps_the_connection(void **state)
{
	static struct peer_answer answer;
	int fd = peer_connect(*state);

	for (int i = 0; i < 100; i++) {
		peer_send(fd, GET_3);
		assert_true(peer_receive_once(fd, &answer));
		assert_ok(answer.text, "{\"text\":\"aaa\"}");
	}
	(void)close(fd);
}

static void
serves_what_is_pipelined_in_order(void **state)
{
	static struct peer_answer answer;
	int fd = peer_connect(*state);

	peer_send(fd, GET_3 "GET /length/2" V " HTTP/1.1\r\n\r\n"
			    "GET /length/1" V " HTTP/1.1\r\n"
			    "connection: close\r\n\r\n");
	peer_receive_all(fd, &answer);
	assert_contains(answer.text, "{\"text\":\"aaa\"}HTTP/1.1 200 OK");
	assert_contains(answer.text, "{\"text\":\"aa\"}HTTP/1.1 200 OK");
	assert_contains(answer.text, "{\"text\":\"a\"}");
	(void)close(fd);
}

static void
reads_what_is_pipelined_while_it_works(void **state)
{
	static struct peer_answer answer;
	int fd = peer_connect(*state);

	peer_send(fd, HOLD "GET /length");
	http_fixture_await_held(*state, 1);
	peer_send(fd, "/3" V " HTTP/1.1\r\n\r\n");
	time_sleep_ms(20);
	http_fixture_release(*state);
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	peer_receive_all(fd, &answer);
	assert_contains(answer.text, "{\"held\":true}HTTP/1.1 200 OK");
	assert_contains(answer.text, "{\"text\":\"aaa\"}");
	(void)close(fd);
}

static void
accepts_requests_of_all_forms(void **state)
{
	static const struct {
		const char *request;
		const char *body;
	} cases[] = {
	    {GET_3,							  "{\"text\":\"aaa\"}"},
	    {"\r\n" GET_3,						   "{\"text\":\"aaa\"}"},
	    {"GET /length/3" V " HTTP/1.1\r\nHost: keyd.sock\r\n\r\n",
             "{\"text\":\"aaa\"}"								},
	    {"GET /length/3" V " HTTP/1.1\r\nupgrade: h2c\r\n"
	     "connection: upgrade\r\n\r\n",		     "{\"text\":\"aaa\"}"},
	    {"GET /length/3" V " HTTP/1.1\r\nx: y\r\n\tz\r\nempty:\r\n\r\n",
             "{\"text\":\"aaa\"}"								},
	    {"POST /echo" V " HTTP/1.1\r\ncontent-length: 2\r\n\r\n{}",      "{}"                },
	    {"POST /echo" V " HTTP/1.1\r\n"
	     "Content-Type: application/json; charset=utf-8\r\n"
	     "CONTENT-LENGTH: 2\r\n\r\n{}",		     "{}"                },
	    {"POST /echo" V " HTTP/1.1\r\n"
	     "transfer-encoding: chunked\r\n\r\n"
	     "4\r\n{\"a\"\r\n3;x=y\r\n:1}\r\n0\r\n"
	     "content-type: text/plain\r\n\r\n",		"{\"a\":1}"         },
	};
	static struct peer_answer answer;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int fd = peer_connect(*state);

		print_message("%s\n", cases[i].request);
		peer_send(fd, cases[i].request);
		assert_true(peer_receive_once(fd, &answer));
		assert_ok(answer.text, cases[i].body);
		/* The connection is still good. */
		peer_send(fd, GET_3);
		assert_true(peer_receive_once(fd, &answer));
		assert_ok(answer.text, "{\"text\":\"aaa\"}");
		(void)close(fd);
	}
}

static void
takes_a_body_only_with_its_own_type(void **state)
{
	/* Curl's default type counts as no body, whatever comes later. */
	assert_refuses(*state,
	    "POST /echo" V " HTTP/1.1\r\n"
	    "content-type: application/x-www-form-urlencoded\r\n"
	    "content-type: application/json\r\n"
	    "content-length: 2\r\nconnection: close\r\n\r\n{}",
	    400);
}

static void
closes_behind_who_asks_for_it(void **state)
{
	static const char *const requests[] = {
	    "GET /length/3" V " HTTP/1.1\r\nconnection: close\r\n\r\n",
	    "GET /length/3" V " HTTP/1.0\r\n\r\n",
	    "GET /length/3" V " HTTP/1.0\r\nconnection: keep-alive\r\n\r\n",
	};
	static struct peer_answer answer;

	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		int fd = peer_connect(*state);

		print_message("%s\n", requests[i]);
		peer_send(fd, requests[i]);
		peer_receive_all(fd, &answer);
		assert_ok(answer.text, "{\"text\":\"aaa\"}");
		assert_contains(answer.text, "\r\nconnection: close\r\n");
		(void)close(fd);
	}
}

static void
closes_behind_no_content(void **state)
{
	static struct peer_answer answer;
	int fd = peer_connect(*state);

	peer_send(fd, "DELETE /thing" V " HTTP/1.1\r\n\r\n");
	peer_receive_all(fd, &answer);
	assert_head(answer.text, 204, NULL);
	assert_string_equal(body_of(answer.text), "");
	(void)close(fd);
}

static void
sends_plain_text_as_such(void **state)
{
	static struct peer_answer answer;
	int fd = peer_connect(*state);

	peer_send(fd, "GET /plain" V " HTTP/1.1\r\n\r\n");
	assert_true(peer_receive_once(fd, &answer));
	assert_head(answer.text, 200, "text/plain");
	assert_string_equal(body_of(answer.text), "as it is\n");
	(void)close(fd);
}

static void
tells_who_waits_to_go_on(void **state)
{
	static struct peer_answer answer;
	int fd = peer_connect(*state);

	peer_send(fd, "POST /echo" V " HTTP/1.1\r\ncontent-length: 2\r\n"
		      "expect: 100-continue\r\n\r\n");
	assert_true(peer_receive_once(fd, &answer));
	assert_string_equal(answer.text, "HTTP/1.1 100 Continue\r\n\r\n");
	peer_send(fd, "{}");
	assert_true(peer_receive_once(fd, &answer));
	assert_ok(answer.text, "{}");
	(void)close(fd);
}

static void
refuses_in_json_what_is_no_request(void **state)
{
	static const struct {
		const char *request;
		unsigned status;
	} cases[] = {
	    {"garbage\r\n\r\n",					     400},
	    {"\x16\x03\x01\x02\x01\x01\x01\xfc\x03\x03",                    400}, /* TLS */
	    {"NOSUCH /echo" V " HTTP/1.1\r\n\r\n",                          400},
	    {"get /length/3" V " HTTP/1.1\r\n\r\n",                         400},
	    {"GET length" V " HTTP/1.1\r\n\r\n",                            400},
	    {"GET /length/3" V " HTTP/2.0\r\n\r\n",                         400},
	    {"GET /length/3" V "\r\n\r\n",                                  400},
	    {"GET /length/3" V " HTTP/1.1\r\nno colon\r\n\r\n",             400},
	    {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",                            400},
	    {"HEAD /length/3" V " HTTP/1.1\r\n\r\n",                        400},
	    {"PATCH /echo" V " HTTP/1.1\r\nconnection: close\r\n\r\n",      400},
	    {"OPTIONS * HTTP/1.1\r\nconnection: close\r\n\r\n",             400},
	    {"OPTIONS *" V " HTTP/1.1\r\nconnection: close\r\n\r\n",        404},
	    {"CONNECT a:1 HTTP/1.1\r\nconnection: close\r\n\r\n",           400},
	    {"GET /none HTTP/1.1\r\nconnection: close\r\n\r\n",             400},
	    {"GET /none" V " HTTP/1.1\r\nconnection: close\r\n\r\n",        404},
	    {"POST /echo" V " HTTP/1.1\r\ncontent-length: x\r\n\r\n",       400},
	    {"POST /echo" V " HTTP/1.1\r\ncontent-length: -1\r\n\r\n",      400},
	    {"POST /echo" V " HTTP/1.1\r\ncontent-length: 2\r\n"
	     "content-length: 3\r\n\r\n{}",		    400},
	    {"POST /echo" V " HTTP/1.1\r\ncontent-length: 2\r\n"
	     "transfer-encoding: chunked\r\n\r\n{}",           400},
	    {"POST /echo" V " HTTP/1.1\r\n"
	     "transfer-encoding: gzip\r\n\r\n{}",              400},
	    {"POST /echo" V " HTTP/1.1\r\n"
	     "transfer-encoding: chunked\r\n\r\nxyz\r\n",      400},
	    {"POST /echo" V " HTTP/1.1\r\n"
	     "transfer-encoding: chunked\r\n\r\n2\r\n{}}\r\n", 400},
	    {"POST /echo" V " HTTP/1.1\r\ncontent-length: 1048577\r\n\r\n",
             413							       },
	    {"POST /echo" V " HTTP/1.1\r\ncontent-length: 9999999\r\n"
	     "expect: 100-continue\r\n\r\n",		   413},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_refuses(*state, cases[i].request, cases[i].status);
	assert_answers(*state);
}

/* Sends part again and again until all of size is out, or the server shuts. */
static void
flood(int fd, const char *part, size_t size)
{
	size_t length = strlen(part);

	for (size_t sent = 0; sent < size; sent += length)
		if (send(fd, part, length, MSG_NOSIGNAL) < 0)
			return;
}

static void
refuses_a_head_that_is_too_big(void **state)
{
	static const char *const parts[] = {
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",       /* the target */
	    " HTTP/1.1\r\nname: value",                  /* one field */
	    " HTTP/1.1\r\na: 1\r\nb: 2\r\nc: 3\r\nd: 4", /* many fields */
	};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		int fd = peer_connect(*state);
		const char *repeated = i == 0 ? parts[0] : "\r\nname: value";

		peer_send(fd, "GET /");
		peer_send(fd, parts[i]);
		flood(fd, repeated, 128UL * 1024);
		assert_refused(fd, 431);
	}
	assert_answers(*state);
}

static void
refuses_a_body_that_is_too_big(void **state)
{
	int fd = peer_connect(*state);

	/* The peer sends it all before it reads; it must get to read. */
	peer_send(fd, "POST /echo" V " HTTP/1.1\r\n"
		      "content-length: 2000000\r\n\r\n");
	flood(fd, "0123456789abcdef0123456789abcdef", 2000000);
	assert_refused(fd, 413);

	fd = peer_connect(*state);
	peer_send(fd, "POST /echo" V " HTTP/1.1\r\n"
		      "transfer-encoding: chunked\r\n\r\n");
	flood(fd, "20\r\n0123456789abcdef0123456789abcdef\r\n", 2000000);
	assert_refused(fd, 413);
	assert_answers(*state);
}

static void
takes_the_biggest_body_there_may_be(void **state)
{
	static struct peer_answer answer;
	int fd = peer_connect(*state);

	peer_send(fd, "POST /echo" V " HTTP/1.1\r\nconnection: close\r\n"
		      "content-length: 1048576\r\n\r\n{}");
	flood(fd, "                                ", 1048576 - 32);
	peer_send(fd, "                              ");
	peer_receive_all(fd, &answer);
	assert_ok(answer.text, "{}");
	(void)close(fd);
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
	while (time_monotonic_ms() < start_ms + 3L * SHORT_MS) {
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
tells_who_ends_too_early(void **state)
{
	static const char *const requests[] = {
	    "GET /length/3",
	    "POST /echo" V " HTTP/1.1\r\ncontent-length: 2\r\n\r\n{",
	};

	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		int fd = peer_connect(*state);

		peer_send(fd, requests[i]);
		assert_int_equal(shutdown(fd, SHUT_WR), 0);
		assert_refused(fd, 400);
	}
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
	time_sleep_ms(SHORT_MS / 3);
	http_fixture_begin_stop(*state);
	assert_refused(held, 503);
	assert_refused(part, 408);
	assert_true(peer_is_closed(idle));
	(void)close(idle);
	/* The held call is answered by teardown, and goes nowhere. */
}

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

#define PATIENT(name)                                                          \
	cmocka_unit_test_setup_teardown(name, start_patient, teardown)
#define HASTY(name) cmocka_unit_test_setup_teardown(name, start_hasty, teardown)
#define SMALL(name) cmocka_unit_test_setup_teardown(name, start_small, teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    PATIENT(answers_within_one_read),
	    PATIENT(reads_a_request_byte_by_byte),
	    PATIENT(keeps_the_connection),
	    PATIENT(serves_what_is_pipelined_in_order),
	    PATIENT(reads_what_is_pipelined_while_it_works),
	    PATIENT(accepts_requests_of_all_forms),
	    PATIENT(takes_a_body_only_with_its_own_type),
	    PATIENT(closes_behind_who_asks_for_it),
	    PATIENT(closes_behind_no_content),
	    PATIENT(sends_plain_text_as_such),
	    PATIENT(tells_who_waits_to_go_on),
	    PATIENT(refuses_in_json_what_is_no_request),
	    PATIENT(refuses_a_head_that_is_too_big),
	    PATIENT(refuses_a_body_that_is_too_big),
	    PATIENT(takes_the_biggest_body_there_may_be),
	    HASTY(tells_who_stalls),
	    HASTY(does_not_wait_longer_for_who_drips),
	    HASTY(closes_idle_connections),
	    PATIENT(answers_who_has_shut_half_of_the_connection),
	    PATIENT(tells_who_ends_too_early),
	    PATIENT(notices_who_has_left),
	    PATIENT(sends_a_large_answer_to_a_slow_reader),
	    SMALL(lets_in_one_more_when_many_are_idle),
	    SMALL(refuses_one_more_when_all_are_busy),
	    PATIENT(finishes_calls_in_flight_when_it_stops),
	    HASTY(tells_who_outstays_it),
	    PATIENT(serves_many_peers_at_once),
	};

	return cmocka_run_group_tests_name("http_server", tests, NULL, NULL);
}
