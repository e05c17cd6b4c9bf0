/* SPDX-License-Identifier: MIT */
/* The client for Unix sockets: when it gives up, and what it does not try. */
#include "cmocka_wrap.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/time.h"
#include "scripted_server.h"
#include "unix_client.h"

#define HASTE_MS 100
#define NOBODY 65534

/* True if it is HASTE_MS since start_ms, and not as long as others wait. */
static bool
was_in_haste(int64_t start_ms)
{
	int64_t took_ms = time_monotonic_ms() - start_ms;

	return took_ms >= HASTE_MS - 5 && took_ms < UNIX_CLIENT_PATIENCE_MS;
}

static void
gives_up_at_its_deadline(void **state)
{
	static const char *const scripts[][2] = {
	    {SCRIPT_SILENCE,                   NULL},
	    {"HTTP/1.1 200 OK\r\nconte",       NULL},
	    {ANSWER_OK("a"),                   NULL},
	    {"HTTP/1.1 200 OK\r\n\r\nno end ", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		struct scripted_server *server =
		    scripted_server_start(scripts[i]);
		CLEANUP(unix_http)
		struct unix_http *client =
		    unix_client_of(scripted_server_path(server), HASTE_MS);
		int64_t start_ms = time_monotonic_ms();

		assert_int_equal(unix_client_get_ab(client), ERROR_TIMEOUT);
		assert_true(was_in_haste(start_ms));
		scripted_server_stop(server);
	}
}

static void
do_nothing(int signal_number)
{
	(void)signal_number;
}

/* A signal each interval_ms; 0: no more. */
static void
let_signals_come(int interval_ms)
{
	const struct itimerval timer = {
	    .it_interval.tv_usec = interval_ms * 1000L,
	    .it_value.tv_usec = interval_ms * 1000L,
	};
	struct sigaction action = {.sa_handler = do_nothing};

	assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &timer, NULL), 0);
}

/* They neither end a request nor make it last. */
static void
gives_up_at_its_deadline_whatever_signals_come(void **state)
{
	static const char *const script[] = {SCRIPT_SILENCE, NULL};
	struct scripted_server *server = scripted_server_start(script);
	CLEANUP(unix_http)
	struct unix_http *client =
	    unix_client_of(scripted_server_path(server), HASTE_MS);
	int64_t start_ms = time_monotonic_ms();

	(void)state;
	let_signals_come(7);
	assert_int_equal(unix_client_get_ab(client), ERROR_TIMEOUT);
	let_signals_come(0);
	assert_true(was_in_haste(start_ms));
	scripted_server_stop(server);
}

static void
takes_the_time_that_it_was_given_last(void **state)
{
	static const char *const script[] = {
	    ANSWER_OK("ab"), SCRIPT_SILENCE, NULL};
	struct scripted_server *server = scripted_server_start(script);
	CLEANUP(unix_http)
	struct unix_http *client = unix_client_of(
	    scripted_server_path(server), UNIX_CLIENT_PATIENCE_MS);
	int64_t start_ms;

	(void)state;
	assert_int_equal(unix_client_get_ab(client), ERROR_NONE);
	unix_http_set_timeout(client, HASTE_MS);
	start_ms = time_monotonic_ms();
	assert_int_equal(unix_client_get_ab(client), ERROR_TIMEOUT);
	assert_true(was_in_haste(start_ms));
	scripted_server_stop(server);
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

	client = unix_client_of(path, HASTE_MS);
	start_ms = time_monotonic_ms();
	assert_int_equal(unix_client_get_ab(client), ERROR_TIMEOUT);
	assert_true(was_in_haste(start_ms));
	(void)close(other);
	(void)close(listener);

	/* Now nobody listens any more, then there is not even a socket. */
	assert_int_equal(unix_client_get_ab(client), ERROR_UNAVAILABLE);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(unix_client_get_ab(client), ERROR_UNAVAILABLE);
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
	client = unix_client_of(path, HASTE_MS);
	start_ms = time_monotonic_ms();
	assert_int_equal(unix_client_request(client, "POST", "/x", body, 0, ""),
	    ERROR_TIMEOUT);
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
	struct unix_http *client =
	    unix_client_of(path, UNIX_CLIENT_PATIENCE_MS);
	uid_t self = geteuid();

	(void)state;
	assert_int_equal(chmod(path, 0), 0);
	if (self == 0)
		assert_int_equal(seteuid(NOBODY), 0);
	assert_int_equal(unix_client_get_ab(client), ERROR_DENIED);
	if (self == 0)
		assert_int_equal(seteuid(self), 0);
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
	    cmocka_unit_test(gives_up_at_its_deadline),
	    cmocka_unit_test(gives_up_at_its_deadline_whatever_signals_come),
	    cmocka_unit_test(takes_the_time_that_it_was_given_last),
	    cmocka_unit_test(gives_up_on_a_server_that_does_not_accept),
	    cmocka_unit_test(gives_up_on_a_server_that_does_not_read),
	    cmocka_unit_test(says_when_it_may_not_connect),
	    cmocka_unit_test(refuses_a_path_that_is_no_socket_path),
	};

	return cmocka_run_group_tests_name(
	    "unix_http limits", tests, NULL, NULL);
}
