/* SPDX-License-Identifier: MIT */
#include "http_fixture.h"

#include "cmocka_wrap.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/time.h"

#define WORKERS 4
#define HELD_MAX 64
#define HANG_LANE 1
#define PATIENCE_MS 10000 /* of a test for what must happen */
#define PEER_TIMEOUT_SECONDS 20

struct http_fixture {
	struct http_server_options options;
	struct http_service service;
	struct http_server *server;
	pthread_t loop;
	enum error_code
	    outcome; /* of the loop, whose err and hangs these are */
	struct error err;
	bool hangs;
	char folder[32];
	char path[64];

	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t changed;
	struct http_call *held[HELD_MAX];
	unsigned held_count;
	unsigned hanging;
	bool is_released;
};

static enum error_code
handle_length(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	size_t length = strtoul(request->params[0], NULL, 10);
	CLEANUP(string) char *text = malloc(length + 1);

	(void)context;
	if (!text)
		return error_no_memory(err);
	memset(text, 'a', length);
	text[length] = '\0';
	reply->body = json_pack("{s:s}", "text", text);
	return ERROR_NONE;
}

static enum error_code
handle_plain(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	(void)context;
	(void)request;
	(void)err;
	reply->type = "text/plain";
	reply->body = json_string("as it is\n");
	return ERROR_NONE;
}

static enum error_code
handle_hold(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	struct http_fixture *fixture = context;

	(void)err;
	reply->deferred = true;
	pthread_mutex_lock(&fixture->lock);
	assert_true(fixture->held_count < HELD_MAX);
	fixture->held[fixture->held_count++] = request->call;
	pthread_cond_broadcast(&fixture->changed);
	pthread_mutex_unlock(&fixture->lock);
	return ERROR_NONE;
}

/* Hangs in its thread, until it is released. */
static enum error_code
handle_hang(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	struct http_fixture *fixture = context;

	(void)request;
	(void)err;
	pthread_mutex_lock(&fixture->lock);
	fixture->hanging++;
	while (!fixture->is_released)
		pthread_cond_wait(&fixture->changed, &fixture->lock);
	fixture->hanging--;
	pthread_mutex_unlock(&fixture->lock);
	reply->body = json_pack("{s:b}", "hung", 1);
	return ERROR_NONE;
}

static enum error_code
handle_echo(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	(void)context;
	if (http_require_body(request, err))
		return err->code;
	reply->body = json_deep_copy(request->body);
	return ERROR_NONE;
}

static enum error_code
handle_delete(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	(void)context;
	(void)request;
	(void)err;
	reply->status = 204;
	return ERROR_NONE;
}

static const struct http_route routes[] = {
    {"GET",    "/length/{}", 20261201, HTTP_ANYONE, 0,         handle_length},
    {"GET",    "/plain",     20261201, HTTP_ANYONE, 0,         handle_plain },
    {"GET",    "/hold",      20261201, HTTP_ANYONE, 0,         handle_hold  },
    {"GET",    "/hang",      20261201, HTTP_ANYONE, HANG_LANE, handle_hang  },
    {"POST",   "/echo",      20261201, HTTP_ANYONE, 0,         handle_echo  },
    {"DELETE", "/thing",     20261201, HTTP_ANYONE, 0,         handle_delete},
};

static const unsigned versions[] = {20261201};

static const struct http_lane lanes[] = {
    {"test", .workers = WORKERS, .wait_ms = PATIENCE_MS, .run_ms = 0},
    {"hang", .workers = 1,       .wait_ms = PATIENCE_MS,
     .run_ms = HTTP_FIXTURE_SHORT_MS                                },
};

/* Every call that is dispatched passes here, if only to be counted. */
static unsigned
count_call(void *context, const struct peer *peer)
{
	struct http_fixture *fixture = context;

	(void)peer;
	pthread_mutex_lock(&fixture->lock);
	pthread_mutex_unlock(&fixture->lock);
	return 0;
}

/* On a thread of its own, where cmocka can only end the process. */
static void *
run_loop(void *context)
{
	struct http_fixture *fixture = context;

	fixture->outcome =
	    http_server_run(fixture->server, &fixture->hangs, &fixture->err);
	return NULL;
}

static void
start(struct http_fixture *fixture)
{
	struct error err;

	if (http_server_open(&fixture->options, &fixture->server, &err))
		fail_msg("%s", err.message);
	assert_int_equal(
	    pthread_create(&fixture->loop, NULL, run_loop, fixture), 0);
}

static void
stop(struct http_fixture *fixture)
{
	http_server_stop(fixture->server);
	assert_int_equal(pthread_join(fixture->loop, NULL), 0);
	if (fixture->outcome)
		fail_msg("%s", fixture->err.message);
	if (fixture->hangs)
		fail_msg("a thread hangs that nobody can join");
	http_server_close(fixture->server);
}

struct http_fixture *
http_fixture_start(struct http_server_options options)
{
	struct http_fixture *fixture = calloc(1, sizeof(*fixture));

	assert_non_null(fixture);
	(void)snprintf(fixture->folder, sizeof(fixture->folder), "%s",
	    "/tmp/signet-XXXXXX");
	assert_non_null(mkdtemp(fixture->folder));
	(void)snprintf(fixture->path, sizeof(fixture->path), "%s/test.sock",
	    fixture->folder);
	pthread_mutex_init(&fixture->lock, NULL);
	pthread_cond_init(&fixture->changed, NULL);

	options.socket_path = fixture->path;
	options.socket_mode = 0600;
	fixture->service = (struct http_service){.routes = routes,
	    .route_count = sizeof(routes) / sizeof(routes[0]),
	    .versions = versions,
	    .version_count = 1,
	    .classify = count_call,
	    .context = fixture};
	options.service = &fixture->service;
	options.lanes = lanes;
	options.lane_count = sizeof(lanes) / sizeof(lanes[0]);
	fixture->options = options;
	start(fixture);
	return fixture;
}

void
http_fixture_restart(struct http_fixture *fixture)
{
	stop(fixture);
	start(fixture);
}

void
http_fixture_begin_stop(struct http_fixture *fixture)
{
	http_server_stop(fixture->server);
}

void
http_fixture_stop(struct http_fixture *fixture)
{
	stop(fixture);
	http_fixture_release(fixture);
	assert_int_equal(rmdir(fixture->folder), 0);
	pthread_cond_destroy(&fixture->changed);
	pthread_mutex_destroy(&fixture->lock);
	free(fixture);
}

const char *
http_fixture_path(const struct http_fixture *fixture)
{
	return fixture->path;
}

void
http_fixture_await_held(struct http_fixture *fixture, unsigned count)
{
	struct timespec until;

	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += PATIENCE_MS / 1000;
	pthread_mutex_lock(&fixture->lock);
	while (fixture->held_count < count)
		assert_int_equal(pthread_cond_timedwait(
				     &fixture->changed, &fixture->lock, &until),
		    0);
	pthread_mutex_unlock(&fixture->lock);
}

void
http_fixture_await_abandoned(struct http_fixture *fixture)
{
	int64_t end_ms = time_monotonic_ms() + PATIENCE_MS;
	bool abandoned = false;

	while (!abandoned) {
		assert_true(time_monotonic_ms() < end_ms);
		time_sleep_ms(1);
		pthread_mutex_lock(&fixture->lock);
		for (unsigned i = 0; i < fixture->held_count; i++)
			abandoned |= http_call_is_abandoned(fixture->held[i]);
		pthread_mutex_unlock(&fixture->lock);
	}
}

/* With the lock, which who hangs needs to return. */
static void
await_the_hanging(struct http_fixture *fixture)
{
	struct http_figures figures;

	for (;;) {
		http_call_figures(fixture->held[0], &figures);
		if (figures.lanes[HANG_LANE].written_off == 0)
			return;
		pthread_mutex_unlock(&fixture->lock);
		time_sleep_ms(1);
		pthread_mutex_lock(&fixture->lock);
	}
}

void
http_fixture_release(struct http_fixture *fixture)
{
	pthread_mutex_lock(&fixture->lock);
	fixture->is_released = true;
	pthread_cond_broadcast(&fixture->changed);
	if (fixture->held_count > 0)
		await_the_hanging(fixture);
	while (fixture->held_count > 0) {
		struct http_reply reply = {
		    .status = 200, .body = json_pack("{s:b}", "held", 1)};

		http_call_answer(fixture->held[--fixture->held_count], &reply);
	}
	pthread_mutex_unlock(&fixture->lock);
}

unsigned
http_fixture_hanging(struct http_fixture *fixture)
{
	unsigned hanging;

	pthread_mutex_lock(&fixture->lock);
	hanging = fixture->hanging;
	pthread_mutex_unlock(&fixture->lock);
	return hanging;
}

int
http_fixture_patient(void **state)
{
	*state = http_fixture_start(
	    (struct http_server_options){.stop_timeout_ms = PATIENCE_MS});
	return 0;
}

int
http_fixture_hasty(void **state)
{
	*state = http_fixture_start((struct http_server_options){
	    .head_timeout_ms = HTTP_FIXTURE_SHORT_MS,
	    .body_timeout_ms = HTTP_FIXTURE_SHORT_MS,
	    .idle_timeout_ms = 4 * HTTP_FIXTURE_SHORT_MS,
	    .stop_timeout_ms = HTTP_FIXTURE_SHORT_MS});
	return 0;
}

int
http_fixture_small(void **state)
{
	*state = http_fixture_start((struct http_server_options){
	    .connections_max = HTTP_FIXTURE_SMALL});
	return 0;
}

int
http_fixture_teardown(void **state)
{
	http_fixture_stop(*state);
	return 0;
}
