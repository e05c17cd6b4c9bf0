/* SPDX-License-Identifier: MIT */
/* What the server answers to a peer that speaks to it in raw bytes. */
#include "cmocka_wrap.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/time.h"

#include "http_peer.h"

#define V HTTP_FIXTURE_VERSION

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
		peer_flood(fd, repeated, 128UL * 1024);
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
	peer_flood(fd, "0123456789abcdef0123456789abcdef", 2000000);
	assert_refused(fd, 413);

	fd = peer_connect(*state);
	peer_send(fd, "POST /echo" V " HTTP/1.1\r\n"
		      "transfer-encoding: chunked\r\n\r\n");
	peer_flood(fd, "20\r\n0123456789abcdef0123456789abcdef\r\n", 2000000);
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
	peer_flood(fd, "                                ", 1048576 - 32);
	peer_send(fd, "                              ");
	peer_receive_all(fd, &answer);
	assert_ok(answer.text, "{}");
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

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    HTTP_PATIENT(answers_within_one_read),
	    HTTP_PATIENT(reads_a_request_byte_by_byte),
	    HTTP_PATIENT(keeps_the_connection),
	    HTTP_PATIENT(serves_what_is_pipelined_in_order),
	    HTTP_PATIENT(reads_what_is_pipelined_while_it_works),
	    HTTP_PATIENT(accepts_requests_of_all_forms),
	    HTTP_PATIENT(takes_a_body_only_with_its_own_type),
	    HTTP_PATIENT(closes_behind_who_asks_for_it),
	    HTTP_PATIENT(closes_behind_no_content),
	    HTTP_PATIENT(sends_plain_text_as_such),
	    HTTP_PATIENT(tells_who_waits_to_go_on),
	    HTTP_PATIENT(refuses_in_json_what_is_no_request),
	    HTTP_PATIENT(refuses_a_head_that_is_too_big),
	    HTTP_PATIENT(refuses_a_body_that_is_too_big),
	    HTTP_PATIENT(takes_the_biggest_body_there_may_be),
	    HTTP_PATIENT(tells_who_ends_too_early),
	};

	return cmocka_run_group_tests_name("http_server", tests, NULL, NULL);
}
