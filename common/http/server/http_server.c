/* SPDX-License-Identifier: MIT */
#include "common/http_server.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/log.h"
#include "common/time.h"

#include "http_clock.h"
#include "http_connection.h"
#include "http_listener.h"

#define EVENTS_MAX 64

#define HEAD_TIMEOUT_MS 5000
#define BODY_TIMEOUT_MS 5000
#define IDLE_TIMEOUT_MS 60000
#define STOP_TIMEOUT_MS 5000
#define STOP_LOOK_MS 2     /* between looks whether all is answered */
#define STOP_WAIT_MS 20000 /* for threads whose callers are answered */

struct http_server {
	struct http_loop *loop;
	struct http_listeners listeners;
	struct http_workers *workers;
	pthread_mutex_t accepting; /* guards listeners, and who waits there */
	bool is_deaf; /* out of descriptors: the clock listens again */
	atomic_bool stop;
	int alarm; /* an eventfd that ends the clock's wait */
};

/* ---- peers ---- */

static void
admit(struct http_server *server, int fd)
{
	struct http_loop *loop = server->loop;
	struct http_connection *connection = NULL;
	struct peer peer;
	struct error err;
	bool has_room;

	if (peer_of_socket(fd, &peer, &err)) {
		log_warning("%s", err.message);
		(void)close(fd);
		return;
	}
	has_room = http_pool_make_room(
	    &loop->pool, peer.uid, loop->options.connections_max);
	connection = http_connection_create(fd, &peer, loop);
	if (!connection) {
		http_refuse_socket(
		    fd, 503, "too many connections; try again later");
		(void)close(fd);
		return;
	}
	if (!has_room)
		http_connection_refuse(
		    connection, 503, "too many connections; try again later");
	http_connection_let_go(connection);
}

static bool
watch_listeners(struct http_server *server, int operation)
{
	struct epoll_event event = {
	    .events = EPOLLIN | EPOLLET, .data.u64 = HTTP_EVENT_LISTENER};
	bool all = true;

	for (size_t i = 0; i < server->listeners.count; i++)
		all &= epoll_ctl(server->loop->epoll, operation,
			   server->listeners.items[i].fd, &event) == 0;
	return all;
}

/*
 * Out of descriptors: that of an idle connection is free at once, else peers
 * wait in the backlog until the clock's next look.
 */
static bool
has_descriptors_again(struct http_server *server, const char *reason)
{
	if (http_pool_retire_oldest(&server->loop->pool))
		return true;
	log_warning("cannot accept a connection: %s", reason);
	server->is_deaf = true;
	return false;
}

/* Accepts one. Returns false if nobody waits. */
static bool
accept_peer(struct http_server *server, int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd >= 0)
		admit(server, fd);
	else if (errno == EAGAIN)
		return false;
	else if (errno != EINTR && errno != ECONNABORTED)
		return has_descriptors_again(server, strerrordesc_np(errno));
	return true;
}

static void
accept_peers(struct http_server *server)
{
	pthread_mutex_lock(&server->accepting);
	for (size_t i = 0; i < server->listeners.count; i++)
		while (accept_peer(server, server->listeners.items[i].fd))
			;
	pthread_mutex_unlock(&server->accepting);
}

/* Watching it anew makes the kernel tell of those who wait already. */
static void
listen_again(struct http_server *server)
{
	pthread_mutex_lock(&server->accepting);
	if (server->is_deaf)
		(void)watch_listeners(server, EPOLL_CTL_MOD);
	server->is_deaf = false;
	pthread_mutex_unlock(&server->accepting);
}

/* ---- events ---- */

static void
on_connection(struct http_server *server, const struct epoll_event *event)
{
	struct http_connection *connection = http_pool_slot(
	    &server->loop->pool, (uint32_t)(event->data.u64 & UINT32_MAX));

	if (http_connection_notify(
		connection, (uint32_t)(event->data.u64 >> 32))) {
		http_connection_advance(connection);
		http_connection_let_go(connection);
	}
}

/* A wake-up is for the lanes, where who is awake looks next. */
static void
on_event(struct http_server *server, const struct epoll_event *event)
{
	if (event->data.u64 == HTTP_EVENT_LISTENER)
		accept_peers(server);
	else if (event->data.u64 != HTTP_EVENT_WAKE)
		on_connection(server, event);
}

static void
work_on_events(void *context, unsigned count, bool waits)
{
	struct http_server *server = context;
	struct epoll_event events[EVENTS_MAX];
	int got =
	    epoll_wait(server->loop->epoll, events, (int)count, waits ? -1 : 0);

	for (int i = 0; i < got; i++)
		on_event(server, &events[i]);
}

/* ---- the clock's thread ---- */

/* Waits until when_ms, or less if there is an alarm. */
static void
wait_until(const struct http_server *server, int64_t when_ms)
{
	struct pollfd alarm = {.fd = server->alarm, .events = POLLIN};
	int64_t left_ms = when_ms - time_monotonic_ms();
	eventfd_t ignored;

	if (poll(&alarm, 1, left_ms > 0 ? (int)left_ms : 0) > 0)
		(void)eventfd_read(server->alarm, &ignored);
}

/* Takes in who already waits, then nobody; idle connections end. */
static void
begin_stop(struct http_server *server)
{
	struct http_connection *list;

	accept_peers(server);
	pthread_mutex_lock(&server->accepting);
	http_listeners_close(&server->listeners);
	pthread_mutex_unlock(&server->accepting);

	atomic_store(&server->loop->stops, true);
	list = http_pool_rouse(&server->loop->pool);
	while (list) {
		struct http_connection *connection = list;

		list = connection->next_claimed;
		http_connection_let_go(connection);
	}
	http_loop_wake(server->loop); /* some may have had a request */
}

/* Watches over calls in flight, until there are none or it takes too long. */
static void
await_answers(struct http_server *server, const struct http_clock *clock)
{
	const struct http_server_options *options = &server->loop->options;
	int64_t end_ms = time_monotonic_ms() + options->stop_timeout_ms;

	while (http_pool_has_work(&server->loop->pool)) {
		int64_t now_ms = time_monotonic_ms();

		if (options->stops)
			options->stops(options->context);
		(void)http_clock_look(clock, now_ms);
		if (now_ms >= end_ms)
			return;
		time_sleep_ms(STOP_LOOK_MS);
	}
}

enum error_code
http_server_run(struct http_server *server, bool *ret_hangs, struct error *err)
{
	struct http_clock clock;

	http_clock_init(&clock, server->loop, server->workers);
	if (http_clock_adapt(&clock, err))
		return err->code;
	while (!atomic_load(&server->stop)) {
		wait_until(
		    server, http_clock_look(&clock, time_monotonic_ms()));
		listen_again(server);
	}
	begin_stop(server);
	await_answers(server, &clock);
	http_clock_finish(&clock);
	*ret_hangs = !http_workers_end(server->workers, STOP_WAIT_MS);
	return ERROR_NONE;
}

void
http_server_stop(struct http_server *server)
{
	atomic_store(&server->stop, true);
	(void)eventfd_write(server->alarm, 1);
}

/* ---- opening and closing ---- */

static void
set_default(unsigned *option, unsigned value)
{
	if (*option == 0)
		*option = value;
}

static enum error_code
open_parts(struct http_server *server,
    const struct http_server_options *options, struct error *err)
{
	struct http_server_options complete = *options;

	set_default(&complete.head_timeout_ms, HEAD_TIMEOUT_MS);
	set_default(&complete.body_timeout_ms, BODY_TIMEOUT_MS);
	set_default(&complete.idle_timeout_ms, IDLE_TIMEOUT_MS);
	set_default(&complete.stop_timeout_ms, STOP_TIMEOUT_MS);
	set_default(&complete.connections_max, HTTP_CONNECTIONS_MAX);
	if (http_loop_create(&complete, &server->loop, err) ||
	    http_workers_create(
		server->loop, work_on_events, server, &server->workers, err) ||
	    http_listeners_open(options, &server->listeners, err))
		return err->code;
	server->alarm = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (server->alarm < 0 || !watch_listeners(server, EPOLL_CTL_ADD))
		return error_set_errno(err, ERROR_INTERNAL, "epoll");
	return ERROR_NONE;
}

enum error_code
http_server_open(const struct http_server_options *options,
    struct http_server **ret_server, struct error *err)
{
	CLEANUP(http_server)
	struct http_server *server = calloc(1, sizeof(*server));

	if (!server)
		return error_no_memory(err);
	server->alarm = -1;
	pthread_mutex_init(&server->accepting, NULL);
	if (open_parts(server, options, err))
		return err->code;
	*ret_server = TAKE(server);
	return ERROR_NONE;
}

void
http_server_close(struct http_server *server)
{
	if (!server)
		return;
	http_listeners_close(&server->listeners);
	if (server->alarm >= 0)
		(void)close(server->alarm);
	http_workers_free(server->workers);
	if (server->loop)
		http_loop_release(server->loop);
	pthread_mutex_destroy(&server->accepting);
	free(server);
}
