/* SPDX-License-Identifier: MIT */
/* A whole daemon in a process of its own: start, serve, signals, end. */
#include "cmocka_wrap.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/api_client.h"
#include "common/daemon.h"
#include "common/time.h"

#define V "?api-version=2026-12-01"
#define TIMEOUT_MS 20000
#define DEADLINE_MS 200

struct place {
	char folder[32];
	char path[64]; /* of the socket */
	char notify[64];
	int notified; /* what systemd would read */
	pid_t daemon;
};

static enum error_code
get_health(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	static const struct daemon_health health = {"ok", ""};

	(void)context;
	(void)request;
	return daemon_health_reply(&health, reply, err);
}

/* What only the process itself can tell. */
static enum error_code
get_self(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	struct rlimit core;
	mode_t mask = umask(077);

	(void)context;
	(void)request;
	(void)err;
	(void)umask(mask);
	assert_int_equal(getrlimit(RLIMIT_CORE, &core), 0);
	reply->body = json_pack("{s:i, s:i, s:i}", "umask", (int)mask,
	    "dumpable", prctl(PR_GET_DUMPABLE), "core", (int)core.rlim_max);
	return ERROR_NONE;
}

static enum error_code
get_slow(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	(void)context;
	(void)request;
	(void)err;
	time_sleep_ms(2L * DEADLINE_MS);
	reply->body = json_pack("{s:b}", "slow", 1);
	return ERROR_NONE;
}

/* Defers once, and is resumed at once. */
static enum error_code
get_later(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	bool *was_deferred = context;

	(void)err;
	reply->deferred = !*was_deferred;
	if (*was_deferred)
		reply->body = json_pack("{s:b}", "later", 1);
	else
		daemon_resume(request->call);
	*was_deferred = true;
	return ERROR_NONE;
}

/* Defers and forgets. */
static enum error_code
get_never(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	static struct http_call *kept;

	(void)context;
	(void)err;
	kept = request->call;
	reply->deferred = kept != NULL;
	return ERROR_NONE;
}

static const struct http_route routes[] = {
    {"GET", "/health", 20261201, HTTP_ANYONE, get_health},
    {"GET", "/self",   20261201, HTTP_ANYONE, get_self  },
    {"GET", "/slow",   20261201, HTTP_ANYONE, get_slow  },
    {"GET", "/later",  20261201, HTTP_ANYONE, get_later },
    {"GET", "/never",  20261201, HTTP_ANYONE, get_never },
};

static const unsigned versions[] = {20261201};

/* What main() of a daemon is. */
static int
run_daemon(int argc, char *argv[])
{
	bool was_deferred = false;
	struct http_service service = {.routes = routes,
	    .route_count = sizeof(routes) / sizeof(routes[0]),
	    .versions = versions,
	    .version_count = 1,
	    .context = &was_deferred};
	struct daemon_options options;
	enum error_code code;
	struct error err;

	daemon_start("test", argc, argv, &options);
	code = daemon_serve(&options, &service, 1, DEADLINE_MS, &err);
	if (code)
		(void)fprintf(stderr, "%s\n", err.message);
	daemon_options_done(&options);
	return (int)code;
}

/* Runs a daemon with the NULL-ended arguments in a child. */
static pid_t
spawn(struct place *place, char *const *arguments)
{
	char *argv[16] = {(char[]){"signet-test"}};
	int argc = 1;
	pid_t child = fork();

	if (child != 0)
		return child;
	while (*arguments)
		argv[argc++] = *arguments++;
	if (setenv("NOTIFY_SOCKET", place->notify, 1) < 0)
		_exit(EX_OSERR);
	exit(run_daemon(argc, argv));
}

/* The next message to the service manager. */
static void
assert_notified(struct place *place, const char *text)
{
	char message[256];
	ssize_t length = recv(place->notified, message, sizeof(message) - 1, 0);

	assert_true(length > 0);
	message[length] = '\0';
	assert_string_equal(message, text);
}

static pid_t
start_daemon(struct place *place)
{
	char *arguments[] = {(char[]){"--runtime-dir"}, place->folder, NULL};
	pid_t child = spawn(place, arguments);

	assert_notified(place, "READY=1");
	return child;
}

/* Waits for the daemon to end and returns its exit status. */
static int
wait_for(pid_t daemon)
{
	int status;

	assert_int_equal(waitpid(daemon, &status, 0), daemon);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
stop_daemon(struct place *place, pid_t daemon, int signal)
{
	assert_int_equal(kill(daemon, signal), 0);
	assert_notified(place, "STOPPING=1");
	assert_int_equal(wait_for(daemon), 0);
}

static int
setup(void **state)
{
	struct place *place = calloc(1, sizeof(*place));
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	assert_non_null(place);
	(void)snprintf(
	    place->folder, sizeof(place->folder), "%s", "/tmp/signet-XXXXXX");
	assert_non_null(mkdtemp(place->folder));
	(void)snprintf(
	    place->path, sizeof(place->path), "%s/test.sock", place->folder);
	(void)snprintf(
	    place->notify, sizeof(place->notify), "%s/notify", place->folder);

	place->notified = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	memcpy(address.sun_path, place->notify, sizeof(place->notify));
	assert_int_equal(
	    bind(place->notified, (struct sockaddr *)&address, sizeof(address)),
	    0);
	*state = place;
	return 0;
}

static int
teardown(void **state)
{
	struct place *place = *state;

	(void)close(place->notified);
	assert_int_equal(unlink(place->notify), 0);
	assert_int_equal(rmdir(place->folder), 0);
	free(place);
	return 0;
}

static enum error_code
get(struct place *place, const char *target, json_t **ret_body,
    struct error *err)
{
	CLEANUP(unix_http) struct unix_http *client = NULL;

	assert_int_equal(
	    unix_http_create(place->path, TIMEOUT_MS, &client, err),
	    ERROR_NONE);
	return api_call(client, "GET", target, NULL, ret_body, err);
}

static json_int_t
integer_of(const json_t *body, const char *member)
{
	return json_integer_value(json_object_get(body, member));
}

static void
tells_its_health(void **state)
{
	struct place *place = *state;
	pid_t daemon = start_daemon(place);
	CLEANUP(json) json_t *body = NULL;
	struct error err;

	assert_int_equal(get(place, "/health" V, &body, &err), ERROR_NONE);
	assert_string_equal(
	    json_string_value(json_object_get(body, "status")), "ok");
	assert_string_equal(
	    json_string_value(json_object_get(body, "message")), "");
	assert_string_equal(json_string_value(json_object_get(body, "version")),
	    SIGNET_VERSION);
	assert_int_equal(integer_of(body, "pid"), daemon);
	stop_daemon(place, daemon, SIGTERM);
}

static void
keeps_its_memory_to_itself(void **state)
{
	struct place *place = *state;
	pid_t daemon = start_daemon(place);
	CLEANUP(json) json_t *body = NULL;
	struct error err;

	assert_int_equal(get(place, "/self" V, &body, &err), ERROR_NONE);
	assert_int_equal(integer_of(body, "umask"), 077);
	assert_int_equal(integer_of(body, "dumpable"), 0);
	assert_int_equal(integer_of(body, "core"), 0);
	stop_daemon(place, daemon, SIGINT);
}

static void
makes_a_socket_for_its_group_and_removes_it(void **state)
{
	struct place *place = *state;
	struct stat status;
	pid_t daemon = start_daemon(place);

	assert_int_equal(stat(place->path, &status), 0);
	assert_int_equal(status.st_mode, S_IFSOCK | 0660);
	stop_daemon(place, daemon, SIGTERM);
	assert_int_equal(stat(place->path, &status), -1);
}

static void
replaces_the_socket_of_a_dead_daemon(void **state)
{
	struct place *place = *state;
	pid_t daemon = start_daemon(place);
	CLEANUP(json) json_t *body = NULL;
	struct error err;
	int status;

	assert_int_equal(kill(daemon, SIGKILL), 0);
	assert_int_equal(waitpid(daemon, &status, 0), daemon);
	daemon = start_daemon(place);
	assert_int_equal(get(place, "/health" V, &body, &err), ERROR_NONE);
	stop_daemon(place, daemon, SIGTERM);
}

static void
does_not_push_a_living_daemon_aside(void **state)
{
	struct place *place = *state;
	char *arguments[] = {(char[]){"--runtime-dir"}, place->folder, NULL};
	pid_t daemon = start_daemon(place);
	CLEANUP(json) json_t *body = NULL;
	struct error err;

	assert_int_equal(wait_for(spawn(place, arguments)), ERROR_EXISTS);
	assert_int_equal(get(place, "/health" V, &body, &err), ERROR_NONE);
	stop_daemon(place, daemon, SIGTERM);
}

static void
removes_nothing_but_sockets(void **state)
{
	struct place *place = *state;
	char *arguments[] = {(char[]){"--runtime-dir"}, place->folder, NULL};
	FILE *file = fopen(place->path, "w");
	char other[80];

	assert_non_null(file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(wait_for(spawn(place, arguments)), ERROR_EXISTS);
	assert_int_equal(unlink(place->path), 0);

	(void)snprintf(other, sizeof(other), "%s/file", place->path);
	assert_int_equal(mkdir(place->path, 0700), 0);
	file = fopen(other, "w");
	assert_non_null(file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(wait_for(spawn(place, arguments)), ERROR_EXISTS);
	assert_int_equal(unlink(other), 0);
	assert_int_equal(rmdir(place->path), 0);
}

static void
prefers_the_socket_of_the_service_manager(void **state)
{
	struct place *place = *state;
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
		exit(run_daemon(3, argv));
	}
	(void)close(listener);
	assert_notified(place, "READY=1");
	assert_int_equal(get(place, "/health" V, &body, &err), ERROR_NONE);
	stop_daemon(place, daemon, SIGTERM);
	assert_int_equal(unlink(place->path), 0); /* not the daemon's */
}

/* Sends a request without waiting for the answer. */
static int
ask(const struct place *place, const char *request)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	memcpy(address.sun_path, place->path, sizeof(place->path));
	assert_int_equal(
	    connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(
	    send(fd, request, strlen(request), MSG_NOSIGNAL), strlen(request));
	return fd;
}

static void
assert_answer(int fd, const char *start)
{
	char answer[1024];
	ssize_t length = recv(fd, answer, sizeof(answer) - 1, 0);

	assert_true(length > 0);
	answer[length] = '\0';
	assert_memory_equal(answer, start, strlen(start));
	(void)close(fd);
}

static void
says_when_no_worker_was_free_in_time(void **state)
{
	struct place *place = *state;
	pid_t daemon = start_daemon(place);
	int slow = ask(place, "GET /slow" V " HTTP/1.1\r\n\r\n");
	struct error err;

	time_sleep_ms(DEADLINE_MS / 4);
	assert_int_equal(
	    get(place, "/health" V, NULL, &err), ERROR_UNAVAILABLE);
	assert_answer(slow, "HTTP/1.1 200 OK\r\n");
	stop_daemon(place, daemon, SIGTERM);
}

static void
answers_what_was_deferred(void **state)
{
	struct place *place = *state;
	pid_t daemon = start_daemon(place);
	CLEANUP(json) json_t *body = NULL;
	struct error err;

	assert_int_equal(get(place, "/later" V, &body, &err), ERROR_NONE);
	assert_true(json_is_true(json_object_get(body, "later")));
	stop_daemon(place, daemon, SIGTERM);
}

static void
tells_everybody_when_it_stops(void **state)
{
	struct place *place = *state;
	pid_t daemon = start_daemon(place);
	int never = ask(place, "GET /never" V " HTTP/1.1\r\n\r\n");
	int slow, queued;

	time_sleep_ms(DEADLINE_MS / 4);
	slow = ask(place, "GET /slow" V " HTTP/1.1\r\n\r\n");
	time_sleep_ms(DEADLINE_MS / 4);
	queued = ask(place, "GET /health" V " HTTP/1.1\r\n\r\n");
	stop_daemon(place, daemon, SIGTERM);
	assert_answer(never, "HTTP/1.1 503 ");
	assert_answer(slow, "HTTP/1.1 200 ");
	assert_answer(queued, "HTTP/1.1 503 ");
}

static void
does_not_mind_hangup_and_broken_pipes(void **state)
{
	struct place *place = *state;
	pid_t daemon = start_daemon(place);
	CLEANUP(json) json_t *body = NULL;
	struct error err;

	assert_int_equal(kill(daemon, SIGHUP), 0);
	assert_int_equal(kill(daemon, SIGPIPE), 0);
	assert_int_equal(get(place, "/health" V, &body, &err), ERROR_NONE);
	stop_daemon(place, daemon, SIGTERM);
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
		assert_int_equal(
		    wait_for(spawn(*state, arguments)), cases[i].status);
		for (size_t j = 0; arguments[j]; j++)
			free(arguments[j]);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

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
	    TEST(says_when_no_worker_was_free_in_time),
	    TEST(answers_what_was_deferred),
	    TEST(tells_everybody_when_it_stops),
	    TEST(does_not_mind_hangup_and_broken_pipes),
	    TEST(understands_its_options),
	};

	return cmocka_run_group_tests_name("daemon", tests, NULL, NULL);
}
