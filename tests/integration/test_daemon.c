/* SPDX-License-Identifier: MIT */
/* A daemon as a process: its start, its socket, signals, its end. */
#include "cmocka_wrap.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/daemon.h"
#include "common/json.h"
#include "daemon_fixture.h"

#define V "?api-version=2026-12-01"

static json_int_t
integer_of(const json_t *body, const char *member)
{
	return json_integer_value(json_object_get(body, member));
}

static void
tells_its_health(void **state)
{
	struct daemon_place *place = *state;
	pid_t daemon = daemon_launch(place);
	CLEANUP(json) json_t *body = NULL;
	struct error err;

	assert_int_equal(
	    daemon_get(place, "/health" V, &body, &err), ERROR_NONE);
	assert_string_equal(
	    json_string_value(json_object_get(body, "status")), "ok");
	assert_string_equal(
	    json_string_value(json_object_get(body, "message")), "");
	assert_string_equal(json_string_value(json_object_get(body, "version")),
	    SIGNET_VERSION);
	assert_int_equal(integer_of(body, "pid"), daemon);
	daemon_end(place, daemon, SIGTERM);
}

static void
keeps_its_memory_to_itself(void **state)
{
	struct daemon_place *place = *state;
	pid_t daemon = daemon_launch(place);
	CLEANUP(json) json_t *body = NULL;
	struct error err;

	assert_int_equal(daemon_get(place, "/self" V, &body, &err), ERROR_NONE);
	assert_int_equal(integer_of(body, "umask"), 077);
	assert_int_equal(integer_of(body, "dumpable"), 0);
	assert_int_equal(integer_of(body, "core"), 0);
	daemon_end(place, daemon, SIGINT);
}

static void
makes_a_socket_for_its_group_and_removes_it(void **state)
{
	struct daemon_place *place = *state;
	struct stat status;
	pid_t daemon = daemon_launch(place);

	assert_int_equal(stat(place->path, &status), 0);
	assert_int_equal(status.st_mode, S_IFSOCK | 0660);
	daemon_end(place, daemon, SIGTERM);
	assert_int_equal(stat(place->path, &status), -1);
}

static void
replaces_the_socket_of_a_dead_daemon(void **state)
{
	struct daemon_place *place = *state;
	pid_t daemon = daemon_launch(place);
	CLEANUP(json) json_t *body = NULL;
	struct error err;
	int status;

	assert_int_equal(kill(daemon, SIGKILL), 0);
	assert_int_equal(waitpid(daemon, &status, 0), daemon);
	daemon = daemon_launch(place);
	assert_int_equal(
	    daemon_get(place, "/health" V, &body, &err), ERROR_NONE);
	daemon_end(place, daemon, SIGTERM);
}

static void
does_not_push_a_living_daemon_aside(void **state)
{
	struct daemon_place *place = *state;
	char *arguments[] = {(char[]){"--runtime-dir"}, place->folder, NULL};
	pid_t daemon = daemon_launch(place);
	CLEANUP(json) json_t *body = NULL;
	struct error err;

	assert_int_equal(
	    daemon_wait(daemon_spawn(place, arguments)), ERROR_EXISTS);
	assert_int_equal(
	    daemon_get(place, "/health" V, &body, &err), ERROR_NONE);
	daemon_end(place, daemon, SIGTERM);
}

static void
removes_nothing_but_sockets(void **state)
{
	struct daemon_place *place = *state;
	char *arguments[] = {(char[]){"--runtime-dir"}, place->folder, NULL};
	FILE *file = fopen(place->path, "w");
	char other[80];

	assert_non_null(file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(
	    daemon_wait(daemon_spawn(place, arguments)), ERROR_EXISTS);
	assert_int_equal(unlink(place->path), 0);

	(void)snprintf(other, sizeof(other), "%s/file", place->path);
	assert_int_equal(mkdir(place->path, 0700), 0);
	file = fopen(other, "w");
	assert_non_null(file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(
	    daemon_wait(daemon_spawn(place, arguments)), ERROR_EXISTS);
	assert_int_equal(unlink(other), 0);
	assert_int_equal(rmdir(place->path), 0);
}

static void
prefers_the_socket_of_the_service_manager(void **state)
{
	struct daemon_place *place = *state;
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char *arguments[] = {
	    (char[]){"--runtime-dir"}, (char[]){"/nonexistent"}, NULL};
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);
	CLEANUP(json) json_t *body = NULL;
	struct error err;
	pid_t daemon;

	memcpy(address.sun_path, place->path, sizeof(place->path));
	assert_int_equal(
	    bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listener, 8), 0);

	daemon = fork();
	if (daemon == 0) {
		char self[16];
		char *argv[] = {
		    (char[]){"signet-test"}, arguments[0], arguments[1], NULL};

		(void)snprintf(self, sizeof(self), "%d", (int)getpid());
		(void)setenv("LISTEN_PID", self, 1);
		(void)setenv("LISTEN_FDS", "1", 1);
		(void)setenv("NOTIFY_SOCKET", place->notify, 1);
		if (dup2(listener, 3) != 3)
			_exit(EX_OSERR);
		exit(daemon_run(3, argv));
	}
	(void)close(listener);
	daemon_assert_notified(place, "READY=1");
	assert_int_equal(
	    daemon_get(place, "/health" V, &body, &err), ERROR_NONE);
	daemon_end(place, daemon, SIGTERM);
	assert_int_equal(unlink(place->path), 0); /* not the daemon's */
}

static void
does_not_mind_hangup_and_broken_pipes(void **state)
{
	struct daemon_place *place = *state;
	pid_t daemon = daemon_launch(place);
	CLEANUP(json) json_t *body = NULL;
	struct error err;

	assert_int_equal(kill(daemon, SIGHUP), 0);
	assert_int_equal(kill(daemon, SIGPIPE), 0);
	assert_int_equal(
	    daemon_get(place, "/health" V, &body, &err), ERROR_NONE);
	daemon_end(place, daemon, SIGTERM);
}

static void
understands_its_options(void **state)
{
	static const struct {
		const char *arguments[3];
		int status;
	} cases[] = {
	    {{"--version"},                0       },
	    {{"--help"},                   0       },
	    {{"--nonsense"},               EX_USAGE},
	    {{"--config"},                 EX_USAGE},
	    {{"argument"},                 EX_USAGE},
	    {{"--log-level", "talkative"}, EX_USAGE},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *arguments[3] = {0};

		for (size_t j = 0; cases[i].arguments[j]; j++)
			arguments[j] = strdup(cases[i].arguments[j]);
		assert_int_equal(daemon_wait(daemon_spawn(*state, arguments)),
		    cases[i].status);
		for (size_t j = 0; arguments[j]; j++)
			free(arguments[j]);
	}
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(                                       \
	    name, daemon_fixture_setup, daemon_fixture_teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(tells_its_health),
	    TEST(keeps_its_memory_to_itself),
	    TEST(makes_a_socket_for_its_group_and_removes_it),
	    TEST(replaces_the_socket_of_a_dead_daemon),
	    TEST(does_not_push_a_living_daemon_aside),
	    TEST(removes_nothing_but_sockets),
	    TEST(prefers_the_socket_of_the_service_manager),
	    TEST(does_not_mind_hangup_and_broken_pipes),
	    TEST(understands_its_options),
	};

	return cmocka_run_group_tests_name("daemon", tests, NULL, NULL);
}
