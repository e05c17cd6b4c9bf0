/* SPDX-License-Identifier: MIT */
#include "cmocka_wrap.h"

#include "daemon_fixture.h"

#include <signal.h>
#include <stdatomic.h>
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

#define DAEMON_PATIENCE_MS 20000

/* What a daemon of this kind keeps in mind. */
struct world {
	bool was_deferred;
	atomic_int reloads;
	atomic_bool is_ill;
};

static void
count_reload(void *context)
{
	struct world *world = context;

	atomic_fetch_add(&world->reloads, 1);
}

static enum error_code
get_reloads(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	struct world *world = context;

	(void)request;
	(void)err;
	reply->body =
	    json_pack("{s:i}", "reloads", atomic_load(&world->reloads));
	return ERROR_NONE;
}

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
	time_sleep_ms(2L * DAEMON_DEADLINE_MS);
	reply->body = json_pack("{s:b}", "slow", 1);
	return ERROR_NONE;
}

/* Defers once, and is resumed at once. */
static enum error_code
get_later(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	struct world *world = context;

	(void)err;
	reply->deferred = !world->was_deferred;
	if (world->was_deferred)
		reply->body = json_pack("{s:b}", "later", 1);
	else
		daemon_resume(request->call);
	world->was_deferred = true;
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

/* A module that never returns. */
static enum error_code
get_stuck(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	(void)context;
	(void)request;
	(void)reply;
	(void)pause();
	return error_set(err, ERROR_INTERNAL, "a signal came");
}

static void
say_stuck(void *context, unsigned lane, struct error *err)
{
	(void)context;
	(void)lane;
	(void)error_set(err, ERROR_UNAVAILABLE, "stuck in the middle");
}

static enum error_code
get_ill(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	struct world *world = context;

	(void)request;
	(void)err;
	atomic_store(&world->is_ill, true);
	reply->status = 204;
	return ERROR_NONE;
}

static bool
is_alive(void *context)
{
	struct world *world = context;

	return !atomic_load(&world->is_ill);
}

static const struct http_route routes[] = {
    {"GET", "/health",  20261201, HTTP_ANYONE, 0, get_health },
    {"GET", "/reloads", 20261201, HTTP_ANYONE, 0, get_reloads},
    {"GET", "/self",    20261201, HTTP_ANYONE, 0, get_self   },
    {"GET", "/slow",    20261201, HTTP_ANYONE, 0, get_slow   },
    {"GET", "/later",   20261201, HTTP_ANYONE, 0, get_later  },
    {"GET", "/never",   20261201, HTTP_ANYONE, 0, get_never  },
    {"GET", "/stuck",   20261201, HTTP_ANYONE, 1, get_stuck  },
    {"GET", "/ill",     20261201, HTTP_ANYONE, 0, get_ill    },
};

static const unsigned versions[] = {20261201};

static const struct http_lane lanes[] = {
    {"test",  .workers = 1, .wait_ms = DAEMON_DEADLINE_MS, .run_ms = 0},
    {"stuck", .workers = 1, .wait_ms = DAEMON_DEADLINE_MS,
     .run_ms = DAEMON_DEADLINE_MS				     },
};

int
daemon_run(int argc, char *argv[])
{
	struct world world = {0};
	struct daemon_service service = {
	    .http = {.routes = routes,
		     .route_count = sizeof(routes) / sizeof(routes[0]),
		     .versions = versions,
		     .version_count = 1,
		     .context = &world},
	    .lanes = lanes,
	    .lane_count = sizeof(lanes) / sizeof(lanes[0]),
	    .late = say_stuck,
	    .alive = is_alive,
	    .clock_context = &world,
	    .reload = count_reload,
	    .reload_folder = getenv(DAEMON_RELOAD_FOLDER),
	    .context = &world
        };
	struct daemon_options options;
	enum error_code code;
	struct error err;

	daemon_start("test", argc, argv, &options);
	code = daemon_serve(&options, &service, &err);
	if (code)
		(void)fprintf(stderr, "%s\n", err.message);
	daemon_options_done(&options);
	return (int)code;
}

pid_t
daemon_spawn(struct daemon_place *place, char *const *arguments)
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
	exit(daemon_run(argc, argv));
}

void
daemon_assert_notified(struct daemon_place *place, const char *text)
{
	char message[256];
	ssize_t length = recv(place->notified, message, sizeof(message) - 1, 0);

	assert_true(length > 0);
	message[length] = '\0';
	assert_string_equal(message, text);
}

pid_t
daemon_launch(struct daemon_place *place)
{
	char *arguments[] = {(char[]){"--runtime-dir"}, place->folder, NULL};
	pid_t child = daemon_spawn(place, arguments);

	daemon_assert_notified(place, "READY=1");
	return child;
}

int
daemon_wait(pid_t daemon)
{
	int status;

	assert_int_equal(waitpid(daemon, &status, 0), daemon);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

void
daemon_end(struct daemon_place *place, pid_t daemon, int signal)
{
	assert_int_equal(kill(daemon, signal), 0);
	daemon_assert_notified(place, "STOPPING=1");
	assert_int_equal(daemon_wait(daemon), 0);
}

int
daemon_fixture_setup(void **state)
{
	struct daemon_place *place = calloc(1, sizeof(*place));
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

int
daemon_fixture_teardown(void **state)
{
	struct daemon_place *place = *state;

	(void)close(place->notified);
	assert_int_equal(unlink(place->notify), 0);
	assert_int_equal(rmdir(place->folder), 0);
	free(place);
	return 0;
}

enum error_code
daemon_get(struct daemon_place *place, const char *target, json_t **ret_body,
    struct error *err)
{
	CLEANUP(unix_http) struct unix_http *client = NULL;

	assert_int_equal(
	    unix_http_create(place->path, DAEMON_PATIENCE_MS, &client, err),
	    ERROR_NONE);
	return api_call(client, "GET", target, NULL, ret_body, err);
}
