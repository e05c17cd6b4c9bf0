/* SPDX-License-Identifier: MIT */
#include "http_connection.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/time.h"

#include "http_response.h"

#define SEND_TIMEOUT_MS 30000 /* for a peer that does not read its answer */
#define LINGER_MS 2000        /* for a peer that does not notice the end */
#define DRAIN_MAX ((size_t)4 * 1024 * 1024)

/* Watches for input, and for room to send if that is awaited. */
static int
watch(struct http_connection *connection, int operation, uint32_t output)
{
	struct epoll_event event = {
	    .events = EPOLLIN | EPOLLRDHUP | EPOLLET | output,
	    .data.ptr = connection};

	return epoll_ctl(
	    connection->loop->epoll, operation, connection->fd, &event);
}

void
http_connection_set_deadline(
    struct http_connection *connection, int64_t timeout_ms)
{
	connection->deadline_ms = time_monotonic_ms() + timeout_ms;
}

struct http_connection *
http_connection_create(int fd, const struct peer *peer, struct http_loop *loop)
{
	struct http_connection *connection = calloc(1, sizeof(*connection));

	if (!connection)
		return NULL;
	connection->fd = fd;
	connection->loop = loop;
	connection->call.message.peer = *peer;
	http_frame_reset(&connection->frame);
	http_connection_set_deadline(
	    connection, loop->options->idle_timeout_ms);
	if (watch(connection, EPOLL_CTL_ADD, 0) < 0) {
		free(connection);
		return NULL;
	}
	return connection;
}

static void
discharge(struct http_connection *connection)
{
	connection->loop->large_bodies -= connection->charged;
	connection->charged = 0;
}

void
http_connection_free(struct http_connection *connection)
{
	discharge(connection);
	(void)close(connection->fd);
	http_connection_free_orphan(connection);
}

void
http_connection_free_orphan(struct http_connection *connection)
{
	http_frame_done(&connection->frame);
	http_buffer_done(&connection->input);
	http_buffer_done(&connection->rest);
	free(connection);
}

bool
http_connection_is_in_flight(const struct http_connection *connection)
{
	return atomic_load(&connection->flags) & HTTP_IN_FLIGHT;
}

bool
http_connection_is_idle(const struct http_connection *connection)
{
	if (http_connection_is_in_flight(connection))
		return false;
	return connection->phase == HTTP_PHASE_LINGER ||
	       (connection->phase == HTTP_PHASE_REQUEST &&
		   connection->frame.stage == HTTP_STAGE_EMPTY);
}

static void
drain(struct http_connection *connection)
{
	char data[HTTP_RECEIVE_MAX];
	ssize_t length;

	while ((length = http_connection_receive(
		    connection, data, sizeof(data))) > 0) {
		connection->drained += (size_t)length;
		if (connection->drained > DRAIN_MAX)
			length = 0;
		if (length == 0)
			break;
	}
	if (length == 0)
		connection->phase = HTTP_PHASE_CLOSED;
}

/*
 * Says that no more will come, and waits for the peer to say the same: if we
 * closed while it still sends, it would be told so before it reads our answer.
 */
static void
linger(struct http_connection *connection)
{
	(void)shutdown(connection->fd, SHUT_WR);
	connection->phase = HTTP_PHASE_LINGER;
	http_connection_set_deadline(connection, LINGER_MS);
	drain(connection);
}

/* An answer is out: on to the next request, or to the end. */
static void
finish_answer(struct http_connection *connection)
{
	if (connection->closes) {
		linger(connection);
		return;
	}
	connection->phase = HTTP_PHASE_REQUEST;
	http_frame_reset(&connection->frame);
	discharge(connection);
	http_connection_set_deadline(
	    connection, connection->loop->options->idle_timeout_ms);
	if (connection->loop->stops)
		http_connection_retire(connection);
	else
		http_connection_advance(connection);
}

static void
send_rest(struct http_connection *connection)
{
	struct http_buffer *rest = &connection->rest;

	while (rest->length > 0) {
		ssize_t sent = send(connection->fd, rest->data, rest->length,
		    MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0 && errno == EAGAIN)
			return;
		if (sent < 0) {
			connection->phase = HTTP_PHASE_CLOSED;
			return;
		}
		http_buffer_consume(rest, (size_t)sent);
		http_connection_set_deadline(connection, SEND_TIMEOUT_MS);
	}
	http_buffer_reset(rest);
	(void)watch(connection, EPOLL_CTL_MOD, 0);
	finish_answer(connection);
}

/* Goes on behind an answer of which ->rest could not be sent at once. */
static void
after_send(struct http_connection *connection)
{
	if (connection->rest.length == 0) {
		finish_answer(connection);
		return;
	}
	connection->phase = HTTP_PHASE_REST;
	http_connection_set_deadline(connection, SEND_TIMEOUT_MS);
	(void)watch(connection, EPOLL_CTL_MOD, EPOLLOUT);
}

static void
render_problem(
    unsigned status, const char *problem, struct http_response *response)
{
	struct http_reply reply = {
	    .status = status, .body = json_pack("{s:s}", "message", problem)};

	http_response_render(&reply, /* closes */ true, response);
}

void
http_refuse_socket(int fd, unsigned status, const char *problem)
{
	struct http_buffer rest = {0};
	struct http_response response;

	render_problem(status, problem, &response);
	(void)http_response_send(&response, fd, &rest);
	http_response_done(&response);
	http_buffer_done(&rest);
}

void
http_connection_refuse(
    struct http_connection *connection, unsigned status, const char *problem)
{
	struct http_response response;
	bool sent;

	render_problem(status, problem, &response);
	sent = http_response_send(&response, connection->fd, &connection->rest);
	http_response_done(&response);
	connection->closes = true;
	if (sent)
		after_send(connection);
	else
		connection->phase = HTTP_PHASE_CLOSED;
}

void
http_connection_advance(struct http_connection *connection)
{
	(void)atomic_fetch_and(&connection->flags, ~(unsigned)HTTP_NEWS);
	switch (connection->phase) {
	case HTTP_PHASE_REQUEST:
		http_connection_read(connection);
		break;
	case HTTP_PHASE_REST:
		send_rest(connection);
		break;
	case HTTP_PHASE_LINGER:
		drain(connection);
		break;
	case HTTP_PHASE_CLOSED:
		break;
	}
}

void
http_connection_take_back(struct http_connection *connection)
{
	const struct http_loop *loop = connection->loop;
	bool resubmit = connection->resubmit;

	connection->resubmit = false;
	if (resubmit && !loop->over) {
		(void)atomic_fetch_and(
		    &connection->flags, ~(unsigned)HTTP_ANSWERING);
		loop->options->accept(
		    loop->options->context, &connection->call);
		return;
	}
	(void)atomic_fetch_and(
	    &connection->flags, ~(unsigned)(HTTP_ANSWERING | HTTP_IN_FLIGHT));
	if (resubmit)
		http_connection_refuse(connection, 503, HTTP_STOPS);
	else if (connection->phase != HTTP_PHASE_CLOSED)
		after_send(connection);
}

void
http_connection_expire(struct http_connection *connection)
{
	if (connection->phase != HTTP_PHASE_REQUEST)
		connection->phase = HTTP_PHASE_CLOSED;
	else if (connection->frame.stage == HTTP_STAGE_EMPTY)
		http_connection_retire(connection);
	else if (connection->frame.stage == HTTP_STAGE_HEAD)
		http_connection_refuse(connection, 408,
		    "the head of the request did not arrive in time");
	else
		http_connection_refuse(connection, 408,
		    "the body of the request did not arrive in time");
}

void
http_connection_retire(struct http_connection *connection)
{
	if (connection->phase == HTTP_PHASE_LINGER) {
		connection->phase = HTTP_PHASE_CLOSED;
		return;
	}
	/* From here on the peer cannot send; what it has sent, we read. */
	(void)shutdown(connection->fd, SHUT_RD);
	(void)atomic_fetch_or(&connection->flags, HTTP_ENDED);
	http_connection_advance(connection);
}
