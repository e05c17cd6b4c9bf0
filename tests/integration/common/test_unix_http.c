/* SPDX-License-Identifier: MIT */
/* The client for Unix sockets: what it sends, keeps, retries and survives. */
#include "cmocka_wrap.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/time.h"
#include "http_fixture.h"
#include "scripted_server.h"
#include "unix_client.h"

#define V HTTP_FIXTURE_VERSION

/* Our server, and a client of it. */
struct world {
	struct http_fixture *fixture;
	struct unix_http *client;
};

static int
start_server(void **state)
{
	struct world *world = calloc(1, sizeof(*world));

	assert_non_null(world);
	world->fixture = http_fixture_start((struct http_server_options){0});
	world->client = unix_client_of(
	    http_fixture_path(world->fixture), UNIX_CLIENT_PATIENCE_MS);
	*state = world;
	return 0;
}

static int
stop_server(void **state)
{
	struct world *world = *state;

	unix_http_free(world->client);
	http_fixture_stop(world->fixture);
	free(world);
	return 0;
}

/* A client of a server that follows a script. */
static struct unix_http *
client_of(const struct scripted_server *server)
{
	return unix_client_of(
	    scripted_server_path(server), UNIX_CLIENT_PATIENCE_MS);
}

static void
speaks_to_our_server(void **state)
{
	struct world *world = *state;

	for (int i = 0; i < 3; i++) {
		assert_int_equal(
		    unix_client_request(world->client, "GET", "/length/3" V,
			NULL, 200, "{\"text\":\"aaa\"}"),
		    ERROR_NONE);
		assert_int_equal(unix_client_request(world->client, "POST",
				     "/echo" V, "{\"a\":1}", 200, "{\"a\":1}"),
		    ERROR_NONE);
		assert_int_equal(unix_client_request(world->client, "DELETE",
				     "/thing" V, NULL, 204, ""),
		    ERROR_NONE);
		assert_int_equal(
		    unix_client_request(world->client, "POST", "/echo" V, "{",
			422,
			"{\"message\":\"body: JSON, line 1 column 1: string or "
			"'}' expected near end of file\",\"code\":"
			"\"malformed\"}"),
		    ERROR_NONE);
	}
}

static void
moves_large_bodies_both_ways(void **state)
{
	struct world *world = *state;
	size_t length = HTTP_BODY_MAX - 1;
	CLEANUP(string) char *body = malloc(length + 1);

	memset(body, 'a', length);
	body[0] = body[length - 1] = '"';
	body[length] = '\0';
	assert_int_equal(unix_client_request(
			     world->client, "POST", "/echo" V, body, 200, body),
	    ERROR_NONE);
}

static void
hears_that_its_body_is_too_large(void **state)
{
	struct world *world = *state;
	size_t length = HTTP_BODY_MAX + 1;
	CLEANUP(string) char *body = malloc(length + 1);

	memset(body, ' ', length);
	body[length] = '\0';
	assert_int_equal(
	    unix_client_request(world->client, "POST", "/echo" V, body, 413,
		"{\"message\":\"the body of the request is too big\"}"),
	    ERROR_NONE);
}

static void
keeps_its_connection(void **state)
{
	static const char *const script[] = {
	    ANSWER_OK("ab"), ANSWER_OK("ab"), ANSWER_OK("ab"), NULL};
	struct scripted_server *server = scripted_server_start(script);
	CLEANUP(unix_http) struct unix_http *client = client_of(server);

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(unix_client_get_ab(client), ERROR_NONE);
	assert_int_equal(scripted_server_connections(server), 1);
	scripted_server_stop(server);
}

static void
sends_what_a_server_expects(void **state)
{
	static const char *const script[] = {
	    ANSWER_OK("ab"), ANSWER_OK("ab"), NULL};
	struct scripted_server *server = scripted_server_start(script);
	CLEANUP(unix_http) struct unix_http *client = client_of(server);

	(void)state;
	assert_int_equal(unix_client_get_ab(client), ERROR_NONE);
	assert_string_equal(scripted_server_request(server),
	    "GET /x HTTP/1.1\r\nhost: localhost\r\n\r\n");
	assert_int_equal(
	    unix_client_request(client, "PUT", "/x", "{}", 200, "ab"),
	    ERROR_NONE);
	assert_string_equal(scripted_server_request(server),
	    "PUT /x HTTP/1.1\r\nhost: localhost\r\n"
	    "content-type: application/json\r\n"
	    "content-length: 2\r\n\r\n{}");
	scripted_server_stop(server);
}

static void
understands_answers_of_all_forms(void **state)
{
	static const char *const script[] = {
	    "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n"
	    "connection: close\r\n\r\nab" SCRIPT_THEN_CLOSE,
	    "HTTP/1.1 200 OK\r\n\r\nab" SCRIPT_THEN_CLOSE,
	    "HTTP/1.0 200 OK\r\nContent-Length:2 \r\n\r\nab" SCRIPT_THEN_CLOSE,
	    "HTTP/1.1 100 Continue\r\n\r\n"
	    "HTTP/1.1 200 OK\r\nCONTENT-LENGTH: \t 2\r\n\r\nab",
	    "HTTP/1.1 200\r\ncontent-length: 2\r\n\r\nab",
	    ANSWER_OK("ab") "cd", /* more than was announced */
	    ANSWER_OK("ab"),
	    NULL,
	};
	struct scripted_server *server = scripted_server_start(script);
	CLEANUP(unix_http) struct unix_http *client = client_of(server);

	(void)state;
	for (int i = 0; i < 7; i++)
		assert_int_equal(unix_client_get_ab(client), ERROR_NONE);
	scripted_server_stop(server);
}

static void
refuses_what_is_no_answer(void **state)
{
	static const char *const answers[] = {
	    "hello\r\n\r\n",
	    "HTTP/1.1\r\n\r\n",
	    "HTTP/2.0 200 OK\r\n\r\n",
	    "HTTP/1.1 2x0 OK\r\n\r\n",
	    "HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n",
	    "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
	    "HTTP/1.1 200 OK\r\ncontent-length:\r\n\r\n",
	    "HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999\r\n\r\n",
	    "HTTP/1.1 200 OK\r\ncontent-length: 4194305\r\n\r\n",
	    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		const char *const script[] = {
		    answers[i], ANSWER_OK("ab"), NULL};
		struct scripted_server *server = scripted_server_start(script);
		CLEANUP(unix_http) struct unix_http *client = client_of(server);

		assert_int_equal(unix_client_get_ab(client), ERROR_INTERNAL);
		/* The next request is not confused by the last answer. */
		assert_int_equal(unix_client_get_ab(client), ERROR_NONE);
		assert_int_equal(scripted_server_connections(server), 2);
		scripted_server_stop(server);
	}
}

static void
refuses_a_head_without_end(void **state)
{
	char head[UNIX_HTTP_HEAD_MAX + 1];
	const char *const script[] = {head, NULL};
	struct scripted_server *server;
	CLEANUP(unix_http) struct unix_http *client = NULL;

	(void)state;
	memset(head, 'a', sizeof(head) - 1);
	head[sizeof(head) - 1] = '\0';
	server = scripted_server_start(script);
	client = client_of(server);
	assert_int_equal(unix_client_get_ab(client), ERROR_INTERNAL);
	scripted_server_stop(server);
}

static void
survives_a_restart_of_the_server(void **state)
{
	struct world *world = *state;

	for (int i = 0; i < 5; i++) {
		assert_int_equal(
		    unix_client_request(world->client, "GET", "/length/1" V,
			NULL, 200, "{\"text\":\"a\"}"),
		    ERROR_NONE);
		http_fixture_restart(world->fixture);
	}
}

/* Runs script; the first request succeeds, the second ends with code. */
static void
assert_second_request(
    const char *const *script, enum error_code code, unsigned connections)
{
	struct scripted_server *server = scripted_server_start(script);
	CLEANUP(unix_http) struct unix_http *client = client_of(server);

	assert_int_equal(unix_client_get_ab(client), ERROR_NONE);
	assert_int_equal(unix_client_get_ab(client), code);
	assert_int_equal(scripted_server_connections(server), connections);
	scripted_server_stop(server);
}

static void
tries_once_more_on_a_kept_connection_only(void **state)
{
	static const char *const closed_once[] = {
	    ANSWER_OK("ab"), SCRIPT_CLOSE, ANSWER_OK("ab"), NULL};
	static const char *const closed_twice[] = {
	    ANSWER_OK("ab"), SCRIPT_CLOSE, SCRIPT_CLOSE, ANSWER_OK("ab"), NULL};
	static const char *const closed_in_time[] = {
	    ANSWER_OK("ab") SCRIPT_THEN_CLOSE, ANSWER_OK("ab"), NULL};
	static const char *const half_answered[] = {ANSWER_OK("ab"),
	    "HTTP/1.1 20" SCRIPT_THEN_CLOSE, ANSWER_OK("ab"), NULL};
	static const char *const half_body[] = {ANSWER_OK("ab"),
	    ANSWER_OK("a") SCRIPT_THEN_CLOSE, ANSWER_OK("ab"), NULL};

	(void)state;
	assert_second_request(closed_once, ERROR_NONE, 2);
	assert_second_request(closed_in_time, ERROR_NONE, 2);
	assert_second_request(closed_twice, ERROR_UNAVAILABLE, 2);
	assert_second_request(half_answered, ERROR_UNAVAILABLE, 1);
	assert_second_request(half_body, ERROR_UNAVAILABLE, 1);
}

static void
does_not_try_again_on_a_new_connection(void **state)
{
	static const char *const script[] = {
	    SCRIPT_CLOSE, ANSWER_OK("ab"), NULL};
	struct scripted_server *server = scripted_server_start(script);
	CLEANUP(unix_http) struct unix_http *client = client_of(server);

	(void)state;
	assert_int_equal(unix_client_get_ab(client), ERROR_UNAVAILABLE);
	assert_int_equal(scripted_server_connections(server), 1);
	assert_int_equal(unix_client_get_ab(client), ERROR_NONE);
	scripted_server_stop(server);
}

static void
leaves_the_connection_to_the_parent(void **state)
{
	struct world *world = *state;

	for (int i = 0; i < 3; i++) {
		int status;
		pid_t child;

		assert_int_equal(
		    unix_client_request(world->client, "GET", "/length/1" V,
			NULL, 200, "{\"text\":\"a\"}"),
		    ERROR_NONE);
		child = fork();
		if (child == 0)
			_exit(unix_client_request(world->client, "GET",
				  "/length/2" V, NULL, 200,
				  "{\"text\":\"aa\"}") == ERROR_NONE
				  ? 0
				  : 1);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_int_equal(status, 0);
	}
}

static void
opens_its_own_connection_in_a_child(void **state)
{
	static const char *const script[] = {ANSWER_OK("ab") SCRIPT_THEN_CLOSE,
	    ANSWER_OK("ab") SCRIPT_THEN_CLOSE, NULL};
	struct scripted_server *server = scripted_server_start(script);
	CLEANUP(unix_http) struct unix_http *client = client_of(server);
	int status;
	pid_t child;

	(void)state;
	assert_int_equal(unix_client_get_ab(client), ERROR_NONE);
	child = fork();
	if (child == 0)
		_exit(unix_client_get_ab(client) == ERROR_NONE ? 0 : 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(scripted_server_connections(server), 2);
	scripted_server_stop(server);
}

static void
raises_no_signal(void **state)
{
	static const char *const script[] = {
	    ANSWER_OK("ab") SCRIPT_THEN_CLOSE, SCRIPT_CLOSE, NULL};
	struct scripted_server *server = scripted_server_start(script);
	CLEANUP(unix_http) struct unix_http *client = client_of(server);
	char body[32768];

	(void)state;
	assert_true(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
	memset(body, 'a', sizeof(body) - 1);
	body[sizeof(body) - 1] = '\0';
	assert_int_equal(unix_client_get_ab(client), ERROR_NONE);
	time_sleep_ms(50); /* it is closed for sure */
	assert_int_equal(unix_client_request(client, "POST", "/x", body, 0, ""),
	    ERROR_UNAVAILABLE);
	scripted_server_stop(server);
}

int
main(void)
{
#define OF_OUR_SERVER(name)                                                    \
	cmocka_unit_test_setup_teardown(name, start_server, stop_server)
	static const struct CMUnitTest tests[] = {
	    OF_OUR_SERVER(speaks_to_our_server),
	    OF_OUR_SERVER(moves_large_bodies_both_ways),
	    OF_OUR_SERVER(hears_that_its_body_is_too_large),
	    cmocka_unit_test(keeps_its_connection),
	    cmocka_unit_test(sends_what_a_server_expects),
	    cmocka_unit_test(understands_answers_of_all_forms),
	    cmocka_unit_test(refuses_what_is_no_answer),
	    cmocka_unit_test(refuses_a_head_without_end),
	    OF_OUR_SERVER(survives_a_restart_of_the_server),
	    cmocka_unit_test(tries_once_more_on_a_kept_connection_only),
	    cmocka_unit_test(does_not_try_again_on_a_new_connection),
	    OF_OUR_SERVER(leaves_the_connection_to_the_parent),
	    cmocka_unit_test(opens_its_own_connection_in_a_child),
	    cmocka_unit_test(raises_no_signal),
	};

	return cmocka_run_group_tests_name("unix_http", tests, NULL, NULL);
}
