/* SPDX-License-Identifier: MIT */
/* The sockets of a daemon: those of the service manager, and further ones. */
#include "cmocka_wrap.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/daemon.h"
#include "common/json.h"
#include "daemon_fixture.h"

#define HEALTH "/health?api-version=2026-12-01"
#define FIRST_PASSED 3

/* A socket that the service manager passes. */
struct passed_socket {
	const char *file; /* in the folder of the place */
	const char *name; /* FileDescriptorName= */
};

static void
path_in(
    const struct daemon_place *place, const char *file, char *path, size_t size)
{
	(void)snprintf(path, size, "%s/%s", place->folder, file);
}

static int
listen_in(const struct daemon_place *place, const char *file)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	path_in(place, file, address.sun_path, sizeof(address.sun_path));
	assert_int_equal(
	    bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listener, 8), 0);
	return listener;
}

/* In the child: becomes what systemd would start, with count sockets. */
static void
become_daemon(const struct daemon_place *place, const int *listeners,
    size_t count, const char *names, const char *const *more)
{
	char self[16], number[16];
	char *argv[8] = {(char[]){"signet-test"}, (char[]){"--runtime-dir"},
	    (char[]){"/nonexistent"}};
	int argc = 3;

	for (; *more; more++)
		argv[argc++] = strdup(*more);
	(void)snprintf(self, sizeof(self), "%d", (int)getpid());
	(void)snprintf(number, sizeof(number), "%zu", count);
	(void)setenv("LISTEN_PID", self, 1);
	(void)setenv("LISTEN_FDS", number, 1);
	(void)setenv("LISTEN_FDNAMES", names, 1);
	(void)setenv("NOTIFY_SOCKET", place->notify, 1);
	/* Out of the way first: one may have the number of another. */
	for (size_t i = 0; i < count; i++)
		if (dup2(listeners[i], 100 + (int)i) < 0)
			_exit(EX_OSERR);
	for (size_t i = 0; i < count; i++)
		if (dup2(100 + (int)i, FIRST_PASSED + (int)i) < 0)
			_exit(EX_OSERR);
	exit(daemon_run(argc, argv));
}

/* Starts a daemon as the service manager does; more is NULL-ended. */
static pid_t
activate(struct daemon_place *place, const struct passed_socket *sockets,
    size_t count, const char *const *more)
{
	int listeners[4];
	char names[128] = "";
	pid_t daemon;

	for (size_t i = 0; i < count; i++) {
		size_t length = strlen(names);

		listeners[i] = listen_in(place, sockets[i].file);
		(void)snprintf(names + length, sizeof(names) - length, "%s%s",
		    i ? ":" : "", sockets[i].name);
	}
	daemon = fork();
	if (daemon == 0)
		become_daemon(place, listeners, count, names, more);
	for (size_t i = 0; i < count; i++)
		(void)close(listeners[i]);
	return daemon;
}

static enum error_code
ask_at(const struct daemon_place *place, const char *file)
{
	struct daemon_place other = *place;
	CLEANUP(json) json_t *body = NULL;
	struct error err;

	path_in(place, file, other.path, sizeof(other.path));
	return daemon_get(&other, HEALTH, &body, &err);
}

static void
discard(const struct daemon_place *place, const char *file)
{
	char path[96];

	path_in(place, file, path, sizeof(path));
	assert_int_equal(unlink(path), 0);
}

static bool
is_there(const struct daemon_place *place, const char *file)
{
	char path[96];

	path_in(place, file, path, sizeof(path));
	return access(path, F_OK) == 0;
}

static const char *const nothing_more[] = {NULL};

static void
takes_the_only_socket_whatever_its_name(void **state)
{
	static const struct passed_socket sockets[] = {
	    {"any.sock", "signet-any.socket"}
        };
	pid_t daemon = activate(*state, sockets, 1, nothing_more);

	daemon_assert_notified(*state, "READY=1");
	assert_int_equal(ask_at(*state, "any.sock"), ERROR_NONE);
	daemon_end(*state, daemon, SIGTERM);
	discard(*state, "any.sock"); /* not the daemon's */
}

static void
takes_every_socket_of_its_name_and_no_other(void **state)
{
	static const struct passed_socket sockets[] = {
	    {"first.sock",   "test" },
	    {"foreign.sock", "other"},
	    {"second.sock",  "test" },
	};
	pid_t daemon = activate(*state, sockets, 3, nothing_more);
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char byte;

	daemon_assert_notified(*state, "READY=1");
	assert_int_equal(ask_at(*state, "first.sock"), ERROR_NONE);
	assert_int_equal(ask_at(*state, "second.sock"), ERROR_NONE);
	/* Who calls at the foreign one waits in its backlog. */
	path_in(
	    *state, "foreign.sock", address.sun_path, sizeof(address.sun_path));
	assert_int_equal(
	    connect(client, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(send(client, "nonsense\r\n\r\n", 12, 0), 12);
	assert_int_equal(ask_at(*state, "first.sock"), ERROR_NONE);
	assert_int_equal(recv(client, &byte, 1, MSG_DONTWAIT), -1);
	(void)close(client);
	daemon_end(*state, daemon, SIGTERM);
	discard(*state, "first.sock");
	discard(*state, "foreign.sock");
	discard(*state, "second.sock");
}

static void
refuses_sockets_that_are_all_for_others(void **state)
{
	static const struct passed_socket sockets[] = {
	    {"first.sock",  "other"  },
	    {"second.sock", "another"},
	};

	assert_int_equal(
	    daemon_wait(activate(*state, sockets, 2, nothing_more)),
	    ERROR_INTERNAL);
	discard(*state, "first.sock");
	discard(*state, "second.sock");
}

static void
makes_further_sockets_and_removes_them(void **state)
{
	struct daemon_place *place = *state;
	char second[96], third[96];
	char *arguments[] = {(char[]){"--runtime-dir"}, place->folder,
	    (char[]){"--also-listen"}, second, (char[]){"--also-listen"}, third,
	    NULL};
	pid_t daemon;

	path_in(place, "second.sock", second, sizeof(second));
	path_in(place, "third.sock", third, sizeof(third));
	daemon = daemon_spawn(place, arguments);
	daemon_assert_notified(place, "READY=1");
	assert_int_equal(ask_at(place, "test.sock"), ERROR_NONE);
	assert_int_equal(ask_at(place, "second.sock"), ERROR_NONE);
	assert_int_equal(ask_at(place, "third.sock"), ERROR_NONE);
	daemon_end(place, daemon, SIGTERM);
	assert_false(is_there(place, "test.sock"));
	assert_false(is_there(place, "second.sock"));
	assert_false(is_there(place, "third.sock"));
}

static void
makes_no_socket_that_it_was_passed(void **state)
{
	static const struct passed_socket sockets[] = {
	    {"passed.sock", "test"}
        };
	struct daemon_place *place = *state;
	char passed[96], own[96];
	const char *more[] = {
	    "--also-listen", passed, "--also-listen", own, NULL};
	pid_t daemon;

	path_in(place, "passed.sock", passed, sizeof(passed));
	path_in(place, "own.sock", own, sizeof(own));
	daemon = activate(place, sockets, 1, more);
	daemon_assert_notified(place, "READY=1");
	assert_int_equal(ask_at(place, "passed.sock"), ERROR_NONE);
	assert_int_equal(ask_at(place, "own.sock"), ERROR_NONE);
	daemon_end(place, daemon, SIGTERM);
	assert_false(is_there(place, "own.sock"));
	discard(place, "passed.sock");
}

static void
ends_if_a_further_socket_cannot_be_made(void **state)
{
	struct daemon_place *place = *state;
	char *arguments[] = {(char[]){"--runtime-dir"}, place->folder,
	    (char[]){"--also-listen"}, (char[]){"/nonexistent/x.sock"}, NULL};

	assert_int_equal(
	    daemon_wait(daemon_spawn(place, arguments)), ERROR_INTERNAL);
	assert_false(is_there(place, "test.sock"));
}

static void
refuses_more_sockets_than_it_can_serve(void **state)
{
	struct daemon_place *place = *state;
	char *arguments[2 * HTTP_SOCKETS_MAX + 1] = {NULL};

	for (size_t i = 0; i < HTTP_SOCKETS_MAX; i++) {
		arguments[2 * i] = (char[]){"--also-listen"};
		arguments[2 * i + 1] = place->path;
	}
	assert_int_equal(daemon_wait(daemon_spawn(place, arguments)), EX_USAGE);
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(                                       \
	    name, daemon_fixture_setup, daemon_fixture_teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(takes_the_only_socket_whatever_its_name),
	    TEST(takes_every_socket_of_its_name_and_no_other),
	    TEST(refuses_sockets_that_are_all_for_others),
	    TEST(makes_further_sockets_and_removes_them),
	    TEST(makes_no_socket_that_it_was_passed),
	    TEST(ends_if_a_further_socket_cannot_be_made),
	    TEST(refuses_more_sockets_than_it_can_serve),
	};

	return cmocka_run_group_tests_name("daemon_sockets", tests, NULL, NULL);
}
