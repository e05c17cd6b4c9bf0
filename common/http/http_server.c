/* SPDX-License-Identifier: MIT */
#include "common/http_server.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/log.h"
#include "common/time.h"

#include "http_connection.h"
#include "http_listener.h"
#include "http_pool.h"

#define EVENTS_MAX 64
#define ACCEPTS_MAX 64 /* in one turn */
#define SWEEP_MS 1000  /* between looks at the deadlines, at most */
#define SETTLE_MS 10   /* for an answer that is just being sent */

#define HEAD_TIMEOUT_MS 5000
#define BODY_TIMEOUT_MS 5000
#define IDLE_TIMEOUT_MS 60000
#define STOP_TIMEOUT_MS 5000

struct http_server {
	struct http_server_options options;
	struct http_loop loop;
	struct http_listener listener;
	bool is_deaf; /* out of descriptors: the listener is not watched */
	struct http_pool pool;
	int64_t next_sweep_ms;
	int64_t stop_deadline_ms;
	atomic_bool stop;
};

static void
admit(struct http_server *server, int fd)
{
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
	    &server->pool, peer.uid, server->options.connections_max);
	connection = http_connection_create(fd, &peer, &server->loop);
	if (!connection) {
		http_refuse_socket(fd, 503, "out of memory");
		(void)close(fd);
		return;
	}
	http_pool_add(&server->pool, connection);
	if (!has_room) {
		http_connection_refuse(
		    connection, 503, "too many connections; try again later");
		http_pool_settle(&server->pool, connection);
	}
}

static int
watch_listener(struct http_server *server, int operation)
{
	struct epoll_event event = {
	    .events = EPOLLIN, .data.ptr = &server->listener};

	return epoll_ctl(
	    server->loop.epoll, operation, server->listener.fd, &event);
}

/*
 * Out of descriptors: that of an idle connection is free by the next turn, else
 * peers wait in the backlog until the next sweep.
 */
static void
on_exhaustion(struct http_server *server, const char *reason)
{
	if (http_pool_retire_oldest(&server->pool))
		return;
	log_warning("cannot accept a connection: %s", reason);
	server->is_deaf = watch_listener(server, EPOLL_CTL_DEL) == 0;
}

/* Accepts who waits; if there are many, the rest in the next turn. */
static void
accept_peers(struct http_server *server)
{
	for (int i = 0; i < ACCEPTS_MAX; i++) {
		int fd = accept4(server->listener.fd, NULL, NULL,
		    SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd >= 0)
			admit(server, fd);
		else if (errno == EAGAIN)
			return;
		else if (errno != EINTR && errno != ECONNABORTED) {
			on_exhaustion(server, strerrordesc_np(errno));
			return;
		}
	}
}

static void
take_mail(struct http_server *server)
{
	struct http_connection *mail;
	eventfd_t ignored;

	(void)eventfd_read(server->loop.wake, &ignored);
	pthread_mutex_lock(&server->loop.lock);
	mail = server->loop.mail;
	server->loop.mail = NULL;
	pthread_mutex_unlock(&server->loop.lock);

	while (mail) {
		struct http_connection *connection = mail;

		mail = connection->next_mail;
		http_connection_take_back(connection);
		http_pool_settle(&server->pool, connection);
	}
}

static void
on_socket_event(struct http_server *server, struct http_connection *connection,
    uint32_t events)
{
	unsigned flags = HTTP_NEWS;

	if (events & EPOLLRDHUP)
		flags |= HTTP_ENDED;
	if (events & (EPOLLHUP | EPOLLERR))
		flags |= HTTP_ENDED | HTTP_GONE;
	if (atomic_fetch_or(&connection->flags, flags) & HTTP_IN_FLIGHT)
		return; /* whoever answers will see the news */
	if (connection->phase == HTTP_PHASE_CLOSED)
		return; /* already put aside */
	http_connection_advance(connection);
	http_pool_settle(&server->pool, connection);
}

static void
on_event(struct http_server *server, const struct epoll_event *event)
{
	if (event->data.ptr == &server->listener)
		accept_peers(server);
	else if (event->data.ptr == &server->loop)
		take_mail(server);
	else
		on_socket_event(server, event->data.ptr, event->events);
}

/* Ends what is overdue. New deadlines are never nearer than the next sweep. */
static void
sweep(struct http_server *server, int64_t now_ms)
{
	const struct http_server_options *options = &server->options;
	struct http_connection *next;
	int64_t delay = SWEEP_MS;

	if (options->head_timeout_ms < delay)
		delay = options->head_timeout_ms;
	if (options->body_timeout_ms < delay)
		delay = options->body_timeout_ms;
	if (options->idle_timeout_ms < delay)
		delay = options->idle_timeout_ms;
	server->next_sweep_ms = now_ms + delay;

	for (struct http_connection *each = server->pool.connections; each;
	     each = next) {
		next = each->next;
		if (http_connection_is_in_flight(each))
			continue;
		if (each->deadline_ms <= now_ms) {
			http_connection_expire(each);
			http_pool_settle(&server->pool, each);
		} else if (each->deadline_ms < server->next_sweep_ms)
			server->next_sweep_ms = each->deadline_ms;
	}
	if (server->is_deaf)
		server->is_deaf = watch_listener(server, EPOLL_CTL_ADD) < 0;
}

/* Waits for events until when_ms and works on them. */
static enum error_code
turn(struct http_server *server, int64_t when_ms, struct error *err)
{
	struct epoll_event events[EVENTS_MAX];
	int64_t timeout_ms = when_ms - time_monotonic_ms();
	int count;

	if (timeout_ms < 0)
		timeout_ms = 0;
	count =
	    epoll_wait(server->loop.epoll, events, EVENTS_MAX, (int)timeout_ms);
	if (count < 0 && errno != EINTR)
		return error_set_errno(err, ERROR_INTERNAL, "epoll_wait");
	for (int i = 0; i < count; i++)
		on_event(server, &events[i]);
	http_pool_free_closed(&server->pool);
	return ERROR_NONE;
}

/* Takes in who already waits, then nobody; idle connections end. */
static void
begin_stop(struct http_server *server)
{
	struct http_connection *next;

	accept_peers(server);
	if (!server->is_deaf)
		(void)watch_listener(server, EPOLL_CTL_DEL);
	server->is_deaf = false;
	http_listener_close(&server->listener);

	server->loop.stops = true;
	server->stop_deadline_ms =
	    time_monotonic_ms() + server->options.stop_timeout_ms;
	for (struct http_connection *each = server->pool.connections; each;
	     each = next) {
		next = each->next;
		/* Whoever answers must give it back, not make it wait. */
		(void)atomic_fetch_or(&each->flags, HTTP_NEWS);
		if (http_connection_is_idle(each))
			http_connection_retire(each);
		http_pool_settle(&server->pool, each);
	}
}

/* True while an answer is owed to anybody. */
static bool
has_work(const struct http_server *server)
{
	for (const struct http_connection *each = server->pool.connections;
	     each; each = each->next)
		if (!http_connection_is_idle(each))
			return true;
	return false;
}

/*
 * Ends a connection that outstays the server, unless whoever answers is about
 * to give it back. A call in flight becomes an orphan, which whoever answers
 * frees: it must not be touched once it is marked.
 */
static void
abandon(struct http_server *server, struct http_connection *connection)
{
	int fd = connection->fd;

	if (!http_connection_is_in_flight(connection)) {
		if (!http_connection_is_idle(connection) &&
		    connection->phase == HTTP_PHASE_REQUEST)
			http_refuse_socket(fd, 503, HTTP_STOPS);
		connection->phase = HTTP_PHASE_CLOSED;
		http_pool_settle(&server->pool, connection);
		return;
	}
	http_pool_remove(&server->pool, connection);
	if (atomic_fetch_or(&connection->flags, HTTP_ORPHANED) &
	    HTTP_ANSWERING) {
		http_pool_add(&server->pool, connection);
		return;
	}
	http_refuse_socket(fd, 503, HTTP_STOPS);
	(void)close(fd);
}

static enum error_code
finish(struct http_server *server, struct error *err)
{
	struct http_connection *next;

	server->loop.over = true;
	for (;;) {
		for (struct http_connection *each = server->pool.connections;
		     each; each = next) {
			next = each->next;
			abandon(server, each);
		}
		http_pool_free_closed(&server->pool);
		if (!server->pool.connections)
			return ERROR_NONE;
		if (turn(server, time_monotonic_ms() + SETTLE_MS, err))
			return err->code;
	}
}

enum error_code
http_server_run(struct http_server *server, struct error *err)
{
	while (!server->loop.stops || has_work(server)) {
		int64_t when_ms = server->next_sweep_ms;
		int64_t now_ms;

		if (server->loop.stops && server->stop_deadline_ms < when_ms)
			when_ms = server->stop_deadline_ms;
		if (turn(server, when_ms, err))
			return err->code;

		now_ms = time_monotonic_ms();
		if (now_ms >= server->next_sweep_ms)
			sweep(server, now_ms);
		http_pool_free_closed(&server->pool);
		if (atomic_load(&server->stop) && !server->loop.stops)
			begin_stop(server);
		if (server->loop.stops && now_ms >= server->stop_deadline_ms)
			break;
	}
	return finish(server, err);
}

void
http_server_stop(struct http_server *server)
{
	atomic_store(&server->stop, true);
	(void)eventfd_write(server->loop.wake, 1);
}

static void
set_default(unsigned *option, unsigned value)
{
	if (*option == 0)
		*option = value;
}

static enum error_code
open_loop(struct http_server *server, struct error *err)
{
	struct http_loop *loop = &server->loop;
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = loop};

	loop->options = &server->options;
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	loop->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (loop->epoll < 0 || loop->wake < 0 ||
	    epoll_ctl(loop->epoll, EPOLL_CTL_ADD, loop->wake, &event) < 0 ||
	    watch_listener(server, EPOLL_CTL_ADD) < 0)
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
	server->options = *options;
	server->options.socket_path = NULL; /* borrowed from the caller */
	set_default(&server->options.head_timeout_ms, HEAD_TIMEOUT_MS);
	set_default(&server->options.body_timeout_ms, BODY_TIMEOUT_MS);
	set_default(&server->options.idle_timeout_ms, IDLE_TIMEOUT_MS);
	set_default(&server->options.stop_timeout_ms, STOP_TIMEOUT_MS);
	set_default(&server->options.connections_max, HTTP_CONNECTIONS_MAX);
	server->loop.epoll = -1;
	server->loop.wake = -1;
	server->listener.fd = -1;
	pthread_mutex_init(&server->loop.lock, NULL);

	if (http_listener_open(options->socket_path, options->socket_mode,
		&server->listener, err) ||
	    open_loop(server, err))
		return err->code;
	*ret_server = TAKE(server);
	return ERROR_NONE;
}

static void
close_if_open(int fd)
{
	if (fd >= 0)
		(void)close(fd);
}

void
http_server_close(struct http_server *server)
{
	if (!server)
		return;
	http_pool_done(&server->pool);
	http_listener_close(&server->listener);
	close_if_open(server->loop.epoll);
	close_if_open(server->loop.wake);
	pthread_mutex_destroy(&server->loop.lock);
	free(server);
}
