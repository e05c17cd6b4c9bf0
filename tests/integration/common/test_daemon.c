/* SPDX-License-Identifier: MIT */
/* A daemon as a process: its start, its socket, signals, its end. */
#include "cmocka_wrap.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/daemon.h"
#include "common/json.h"
#include "common/time.h"
#include "daemon_fixture.h"

#define V "?api-version=2026-12-01"

static json_int_t
integer_of(const json_t *body, const char *member)
{
	return json_integer_value(json_object_get(body, member));
}

static void
assert_lives(struct daemon_place *place)
{
	struct error err;

	assert_int_equal(
	    daemon_get(place, "/health" V, NULL, &err), ERROR_NONE);
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
	int status;

	assert_int_equal(kill(daemon, SIGKILL), 0);
	assert_int_equal(waitpid(daemon, &status, 0), daemon);
	daemon = daemon_launch(place);
	assert_lives(place);
	daemon_end(place, daemon, SIGTERM);
}

static void
does_not_push_a_living_daemon_aside(void **state)
{
	struct daemon_place *place = *state;
	char *arguments[] = {(char[]){"--runtime-dir"}, place->folder, NULL};
	pid_t daemon = daemon_launch(place);

	assert_int_equal(
	    daemon_wait(daemon_spawn(place, arguments)), ERROR_EXISTS);
	assert_lives(place);
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
does_not_mind_broken_pipes(void **state)
{
	struct daemon_place *place = *state;
	pid_t daemon = daemon_launch(place);

	assert_int_equal(kill(daemon, SIGPIPE), 0);
	assert_lives(place);
	daemon_end(place, daemon, SIGTERM);
}

/* Waits for a reload, which the service manager is told of, too. */
static void
assert_reloads(struct daemon_place *place)
{
	static const char start[] = "RELOADING=1\nMONOTONIC_USEC=";
	char message[128] = "";

	assert_true(recv(place->notified, message, sizeof(message) - 1, 0) > 0);
	assert_memory_equal(message, start, strlen(start));
	daemon_assert_notified(place, "READY=1");
}

static json_int_t
reloads_of(struct daemon_place *place)
{
	CLEANUP(json) json_t *body = NULL;
	struct error err;

	if (daemon_get(place, "/reloads" V, &body, &err))
		fail_msg("%s", err.message);
	return integer_of(body, "reloads");
}

static void
reloads_at_each_hangup(void **state)
{
	struct daemon_place *place = *state;
	pid_t daemon = daemon_launch(place);

	assert_int_equal(reloads_of(place), 0);
	for (int i = 1; i <= 2; i++) {
		assert_int_equal(kill(daemon, SIGHUP), 0);
		assert_reloads(place);
		assert_int_equal(reloads_of(place), i);
	}
	daemon_end(place, daemon, SIGTERM);
}

static void
touch(const char *folder, const char *name)
{
	char path[96];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fclose(file), 0);
}

static void
discard(const char *folder, const char *name)
{
	char path[96];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	assert_int_equal(unlink(path), 0);
}

/* Waits until there have been more reloads than *count, and counts them. */
static void
await_reload(struct daemon_place *place, json_int_t *count)
{
	json_int_t before = *count;
	char ignored[128];

	while ((*count = reloads_of(place)) == before)
		time_sleep_ms(10);
	/* Nobody else reads these, and there is not room for many. */
	while (
	    recv(place->notified, ignored, sizeof(ignored), MSG_DONTWAIT) > 0)
		;
}

static void
reloads_when_its_folder_changes(void **state)
{
	struct daemon_place *place = *state;
	json_int_t count = 0;
	char folder[64];
	pid_t daemon;

	(void)snprintf(folder, sizeof(folder), "%s/config.d", place->folder);
	assert_int_equal(setenv(DAEMON_RELOAD_FOLDER, folder, 1), 0);
	daemon = daemon_launch(place);

	/* The folder may come later, go, and come back. */
	for (int i = 0; i < 2; i++) {
		assert_int_equal(mkdir(folder, 0700), 0);
		await_reload(place, &count);
		touch(folder, "a.yaml");
		await_reload(place, &count);
		discard(folder, "a.yaml");
		await_reload(place, &count);
		assert_int_equal(rmdir(folder), 0);
		await_reload(place, &count);
	}
	assert_int_equal(kill(daemon, SIGTERM), 0);
	assert_int_equal(daemon_wait(daemon), 0);
	assert_int_equal(unsetenv(DAEMON_RELOAD_FOLDER), 0);
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
	    TEST(does_not_mind_broken_pipes),
	    TEST(reloads_at_each_hangup),
	    TEST(reloads_when_its_folder_changes),
	    TEST(understands_its_options),
	};

	return cmocka_run_group_tests_name("daemon", tests, NULL, NULL);
}
