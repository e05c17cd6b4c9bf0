/* SPDX-License-Identifier: MIT */
/* The client for Unix sockets: what it sends, keeps, retries and survives. */
#include "cmocka_wrap.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/time.h"
#include "common/unix_http.h"

#include "http_fixture.h"
#include "scripted_server.h"

#define V HTTP_FIXTURE_VERSION
#define PATIENCE_MS 10000
#define HASTE_MS 100
#define NOBODY 65534

#define OK(body) "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n" body

static struct unix_http *
client_of(const char *path, unsigned timeout_ms)
{
	struct unix_http *client = NULL;
	struct error err;

	if (unix_http_create(path, timeout_ms, &client, &err))
		fail_msg("%s", err.message);
	return client;
}

/* Sends a request; on success response is released after a look at it. */
static enum error_code
request(struct unix_http *client, const char *method, const char *target,
    const char *body, unsigned status, const char *answer)
{
	struct unix_http_response response;
	struct error err = {0};
	enum error_code code = unix_http_request(client, method, target, body,
	    body ? strlen(body) : 0, &response, &err);

	if (code) {
		print_message("%s\n", err.message);
		assert_int_equal(err.code, code);
		return code;
	}
	assert_int_equal(response.status, status);
	assert_string_equal(response.body, answer);
	assert_int_equal(response.body_length, strlen(answer));
	free(response.body);
	return ERROR_NONE;
}

/* One GET whose answer is "ab". */
static enum error_code
get_ab(struct unix_http *client)
{
	return request(client, "GET", "/x", NULL, 200, "ab");
}

static void
speaks_to_our_server(void **state)
{
	struct http_fixture *fixture =
	    http_fixture_start((struct http_server_options){0});
	CLEANUP(unix_http)
	struct unix_http *client =
	    client_of(http_fixture_path(fixture), PATIENCE_MS);

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(request(client, "GET", "/length/3" V, NULL,
				     200, "{\"text\":\"aaa\"}"),
		    ERROR_NONE);
		assert_int_equal(request(client, "POST", "/echo" V, "{\"a\":1}",
				     200, "{\"a\":1}"),
		    ERROR_NONE);
		assert_int_equal(
		    request(client, "DELETE", "/thing" V, NULL, 204, ""),
		    ERROR_NONE);
		assert_int_equal(
		    request(client, "POST", "/echo" V, "{", 422,
			"{\"message\":\"body: JSON, line 1 column 1: string or "
			"'}' expected near end of file\",\"code\":"
			"\"malformed\"}"),
		    ERROR_NONE);
	}
	http_fixture_stop(fixture);
}

static void
moves_large_bodies_both_ways(void **state)
{
	struct http_fixture *fixture =
	    http_fixture_start((struct http_server_options){0});
	CLEANUP(unix_http)
	struct unix_http *client =
	    client_of(http_fixture_path(fixture), PATIENCE_MS);
	size_t length = HTTP_BODY_MAX - 1;
	CLEANUP(string) char *body = malloc(length + 1);

	(void)state;
	memset(body, 'a', length);
	body[0] = body[length - 1] = '"';
	body[length] = '\0';
	assert_int_equal(
	    request(client, "POST", "/echo" V, body, 200, body), ERROR_NONE);
	http_fixture_stop(fixture);
}

static void
hears_that_its_body_is_too_large(void **state)
{
	struct http_fixture *fixture =
	    http_fixture_start((struct http_server_options){0});
	CLEANUP(unix_http)
	struct unix_http *client =
	    client_of(http_fixture_path(fixture), PATIENCE_MS);
	size_t length = HTTP_BODY_MAX + 1;
	CLEANUP(string) char *body = malloc(length + 1);

	(void)state;
	memset(body, ' ', length);
	body[length] = '\0';
	assert_int_equal(
	    request(client, "POST", "/echo" V, body, 413,
		"{\"message\":\"the body of the request is too big\"}"),
	    ERROR_NONE);
	http_fixture_stop(fixture);
}

static void
keeps_its_connection(void **state)
{
	static const char *const script[] = {
	    OK("ab"), OK("ab"), OK("ab"), NULL};
	struct scripted_server *server = scripted_server_start(script);
	CLEANUP(unix_http)
	struct unix_http *client =
	    client_of(scripted_server_path(server), PATIENCE_MS);

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(get_ab(client), ERROR_NONE);
	assert_int_equal(scripted_server_connections(server), 1);
	scripted_server_stop(server);
}

static void
sends_what_a_server_expects(void **state)
{
	static const char *const script[] = {OK("ab"), OK("ab"), NULL};
	struct scripted_server *server = scripted_server_start(script);
	CLEANUP(unix_http)
	struct unix_http *client =
	    client_of(scripted_server_path(server), PATIENCE_MS);

	(void)state;
	assert_int_equal(get_ab(client), ERROR_NONE);
	assert_string_equal(scripted_server_request(server),
	    "GET /x HTTP/1.1\r\nhost: localhost\r\n\r\n");
	assert_int_equal(
	    request(client, "PUT", "/x", "{}", 200, "ab"), ERROR_NONE);
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
	    OK("ab") "cd", /* more than was announced */
	    OK("ab"),
	    NULL,
	};
	struct scripted_server *server = scripted_server_start(script);
	CLEANUP(unix_http)
	struct unix_http *client =
	    client_of(scripted_server_path(server), PATIENCE_MS);

	(void)state;
	for (int i = 0; i < 7; i++)
		assert_int_equal(get_ab(client), ERROR_NONE);
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
		const char *const script[] = {answers[i], OK("ab"), NULL};
		struct scripted_server *server = scripted_server_start(script);
		CLEANUP(unix_http)
		struct unix_http *client =
		    client_of(scripted_server_path(server), PATIENCE_MS);

		assert_int_equal(get_ab(client), ERROR_INTERNAL);
		/* The next request is not confused by the last answer. */
		assert_int_equal(get_ab(client), ERROR_NONE);
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
	client = client_of(scripted_server_path(server), PATIENCE_MS);
	assert_int_equal(get_ab(client), ERROR_INTERNAL);
	scripted_server_stop(server);
}

static void
survives_a_restart_of_the_server(void **state)
{
	struct http_fixture *fixture =
	    http_fixture_start((struct http_server_options){0});
	CLEANUP(unix_http)
	struct unix_http *client =
	    client_of(http_fixture_path(fixture), PATIENCE_MS);

	(void)state;
	for (int i = 0; i < 5; i++) {
		assert_int_equal(request(client, "GET", "/length/1" V, NULL,
				     200, "{\"text\":\"a\"}"),
		    ERROR_NONE);
		http_fixture_restart(fixture);
	}
	http_fixture_stop(fixture);
}

/* Runs script; the first request succeeds, the second ends with code. */
static void
assert_second_request(
    const char *const *script, enum error_code code, unsigned connections)
{
	struct scripted_server *server = scripted_server_start(script);
	CLEANUP(unix_http)
	struct unix_http *client =
	    client_of(scripted_server_path(server), PATIENCE_MS);

	assert_int_equal(get_ab(client), ERROR_NONE);
	assert_int_equal(get_ab(client), code);
	assert_int_equal(scripted_server_connections(server), connections);
	scripted_server_stop(server);
}

static void
tries_once_more_on_a_kept_connection_only(void **state)
{
	static const char *const closed_once[] = {
	    OK("ab"), SCRIPT_CLOSE, OK("ab"), NULL};
	static const char *const closed_twice[] = {
	    OK("ab"), SCRIPT_CLOSE, SCRIPT_CLOSE, OK("ab"), NULL};
	static const char *const closed_in_time[] = {
	    OK("ab") SCRIPT_THEN_CLOSE, OK("ab"), NULL};
	static const char *const half_answered[] = {
	    OK("ab"), "HTTP/1.1 20" SCRIPT_THEN_CLOSE, OK("ab"), NULL};
	static const char *const half_body[] = {
	    OK("ab"), OK("a") SCRIPT_THEN_CLOSE, OK("ab"), NULL};

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
	static const char *const script[] = {SCRIPT_CLOSE, OK("ab"), NULL};
	struct scripted_server *server = scripted_server_start(script);
	CLEANUP(unix_http)
	struct unix_http *client =
	    client_of(scripted_server_path(server), PATIENCE_MS);

	(void)state;
	assert_int_equal(get_ab(client), ERROR_UNAVAILABLE);
	assert_int_equal(scripted_server_connections(server), 1);
	assert_int_equal(get_ab(client), ERROR_NONE);
	scripted_server_stop(server);
}

static void
leaves_the_connection_to_the_parent(void **state)
{
	struct http_fixture *fixture =
	    http_fixture_start((struct http_server_options){0});
	CLEANUP(unix_http)
	struct unix_http *client =
	    client_of(http_fixture_path(fixture), PATIENCE_MS);

	(void)state;
	for (int i = 0; i < 3; i++) {
		int status;
		pid_t child;

		assert_int_equal(request(client, "GET", "/length/1" V, NULL,
				     200, "{\"text\":\"a\"}"),
		    ERROR_NONE);
		child = fork();
		if (child == 0)
			_exit(request(client, "GET", "/length/2" V, NULL, 200,
				  "{\"text\":\"aa\"}") == ERROR_NONE
				  ? 0
				  : 1);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_int_equal(status, 0);
	}
	http_fixture_stop(fixture);
}

static void
opens_its_own_connection_in_a_child(void **state)
{
	static const char *const script[] = {
	    OK("ab") SCRIPT_THEN_CLOSE, OK("ab") SCRIPT_THEN_CLOSE, NULL};
	struct scripted_server *server = scripted_server_start(script);
	CLEANUP(unix_http)
	struct unix_http *client =
	    client_of(scripted_server_path(server), PATIENCE_MS);
	int status;
	pid_t child;

	(void)state;
	assert_int_equal(get_ab(client), ERROR_NONE);
	child = fork();
	if (child == 0)
		_exit(get_ab(client) == ERROR_NONE ? 0 : 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(scripted_server_connections(server), 2);
	scripted_server_stop(server);
}

/* True if it is about HASTE_MS since start_ms. */
static bool
was_in_haste(int64_t start_ms)
{
	int64_t took_ms = time_monotonic_ms() - start_ms;

	return took_ms >= HASTE_MS - 5 && took_ms < 20L * HASTE_MS;
}

static void
gives_up_at_its_deadline(void **state)
{
	static const char *const scripts[][2] = {
	    {SCRIPT_SILENCE,                   NULL},
	    {"HTTP/1.1 200 OK\r\nconte",       NULL},
	    {OK("a"),			  NULL},
	    {"HTTP/1.1 200 OK\r\n\r\nno end ", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		struct scripted_server *server =
		    scripted_server_start(scripts[i]);
		CLEANUP(unix_http)
		struct unix_http *client =
		    client_of(scripted_server_path(server), HASTE_MS);
		int64_t start_ms = time_monotonic_ms();

		assert_int_equal(get_ab(client), ERROR_TIMEOUT);
		assert_true(was_in_haste(start_ms));
		scripted_server_stop(server);
	}
}

/* A listener at path whose backlog holds only one connection. */
static int
listen_at(const char *path, struct sockaddr_un *ret_address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	*ret_address = (struct sockaddr_un){.sun_family = AF_UNIX};
	(void)snprintf(
	    ret_address->sun_path, sizeof(ret_address->sun_path), "%s", path);
	assert_int_equal(
	    bind(fd, (struct sockaddr *)ret_address, sizeof(*ret_address)), 0);
	assert_int_equal(listen(fd, 0), 0);
	return fd;
}

static void
gives_up_on_a_server_that_does_not_accept(void **state)
{
	char folder[] = "/tmp/signet-XXXXXX";
	char path[64];
	struct sockaddr_un address;
	int listener, other;
	int64_t start_ms;
	CLEANUP(unix_http) struct unix_http *client = NULL;

	(void)state;
	assert_non_null(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/s", folder);
	listener = listen_at(path, &address);
	other = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(
	    connect(other, (struct sockaddr *)&address, sizeof(address)), 0);

	client = client_of(path, HASTE_MS);
	start_ms = time_monotonic_ms();
	assert_int_equal(get_ab(client), ERROR_TIMEOUT);
	assert_true(was_in_haste(start_ms));
	(void)close(other);
	(void)close(listener);

	/* Now nobody listens any more, then there is not even a socket. */
	assert_int_equal(get_ab(client), ERROR_UNAVAILABLE);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(get_ab(client), ERROR_UNAVAILABLE);
	assert_int_equal(rmdir(folder), 0);
}

static void
gives_up_on_a_server_that_does_not_read(void **state)
{
	char folder[] = "/tmp/signet-XXXXXX";
	char path[64];
	struct sockaddr_un address;
	size_t length = 3UL * 1024 * 1024;
	CLEANUP(string) char *body = malloc(length + 1);
	CLEANUP(unix_http) struct unix_http *client = NULL;
	int64_t start_ms;
	int listener;

	(void)state;
	memset(body, 'a', length);
	body[length] = '\0';
	assert_non_null(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/s", folder);
	listener = listen_at(path, &address);
	client = client_of(path, HASTE_MS);
	start_ms = time_monotonic_ms();
	assert_int_equal(
	    request(client, "POST", "/x", body, 0, ""), ERROR_TIMEOUT);
	assert_true(was_in_haste(start_ms));
	(void)close(listener);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(folder), 0);
}

static void
says_when_it_may_not_connect(void **state)
{
	static const char *const script[] = {NULL};
	struct scripted_server *server = scripted_server_start(script);
	const char *path = scripted_server_path(server);
	CLEANUP(unix_http)
	struct unix_http *client = client_of(path, PATIENCE_MS);
	uid_t self = geteuid();

	(void)state;
	assert_int_equal(chmod(path, 0), 0);
	if (self == 0)
		assert_int_equal(seteuid(NOBODY), 0);
	assert_int_equal(get_ab(client), ERROR_DENIED);
	if (self == 0)
		assert_int_equal(seteuid(self), 0);
	scripted_server_stop(server);
}

static void
raises_no_signal(void **state)
{
	static const char *const script[] = {
	    OK("ab") SCRIPT_THEN_CLOSE, SCRIPT_CLOSE, NULL};
	struct scripted_server *server = scripted_server_start(script);
	CLEANUP(unix_http)
	struct unix_http *client =
	    client_of(scripted_server_path(server), PATIENCE_MS);
	char body[32768];

	(void)state;
	assert_true(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
	memset(body, 'a', sizeof(body) - 1);
	body[sizeof(body) - 1] = '\0';
	assert_int_equal(get_ab(client), ERROR_NONE);
	time_sleep_ms(50); /* it is closed for sure */
	assert_int_equal(
	    request(client, "POST", "/x", body, 0, ""), ERROR_UNAVAILABLE);
	scripted_server_stop(server);
}

static void
refuses_a_path_that_is_no_socket_path(void **state)
{
	char path[256];
	struct unix_http *client = NULL;
	struct error err;

	(void)state;
	memset(path, 'a', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(
	    unix_http_create(path, HASTE_MS, &client, &err), ERROR_INVALID);
	unix_http_free(NULL);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(speaks_to_our_server),
	    cmocka_unit_test(moves_large_bodies_both_ways),
	    cmocka_unit_test(hears_that_its_body_is_too_large),
	    cmocka_unit_test(keeps_its_connection),
	    cmocka_unit_test(sends_what_a_server_expects),
	    cmocka_unit_test(understands_answers_of_all_forms),
	    cmocka_unit_test(refuses_what_is_no_answer),
	    cmocka_unit_test(refuses_a_head_without_end),
	    cmocka_unit_test(survives_a_restart_of_the_server),
	    cmocka_unit_test(tries_once_more_on_a_kept_connection_only),
	    cmocka_unit_test(does_not_try_again_on_a_new_connection),
	    cmocka_unit_test(leaves_the_connection_to_the_parent),
	    cmocka_unit_test(opens_its_own_connection_in_a_child),
	    cmocka_unit_test(gives_up_at_its_deadline),
	    cmocka_unit_test(gives_up_on_a_server_that_does_not_accept),
	    cmocka_unit_test(gives_up_on_a_server_that_does_not_read),
	    cmocka_unit_test(says_when_it_may_not_connect),
	    cmocka_unit_test(raises_no_signal),
	    cmocka_unit_test(refuses_a_path_that_is_no_socket_path),
	};

	return cmocka_run_group_tests_name("unix_http", tests, NULL, NULL);
}
