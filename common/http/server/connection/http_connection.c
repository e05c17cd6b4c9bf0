/* SPDX-License-Identifier: MIT */
#include "http_connection.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/time.h"

#include "http_ownership.h"
#include "http_response.h"

#define SEND_TIMEOUT_MS 30000 /* for a peer that does not read its answer */
#define LINGER_MS 2000        /* for a peer that does not notice the end */
#define STAY_MS 1             /* with a peer that may ask again at once */
#define DRAIN_MAX ((size_t)4 * 1024 * 1024)

void
http_connection_set_deadline(
    struct http_connection *connection, int64_t timeout_ms)
{
	atomic_store_explicit(&connection->deadline_ms,
	    time_monotonic_ms() + timeout_ms, memory_order_relaxed);
}

struct http_connection *
http_connection_create(int fd, const struct peer *peer, struct http_loop *loop)
{
	struct http_connection *connection = http_pool_take(&loop->pool);

	if (!connection)
		return NULL;
	connection->fd = fd;
	connection->loop = loop;
	connection->call.message.peer = *peer;
	http_frame_reset(&connection->frame);
	http_connection_set_deadline(connection, loop->options.idle_timeout_ms);
	atomic_store(&connection->parties, 2);
	(void)http_connection_claim(connection);
	http_pool_add(&loop->pool, connection);
	if (!http_connection_watch(connection)) {
		http_pool_remove(&loop->pool, connection);
		http_pool_give_back(&loop->pool, connection);
		return NULL;
	}
	return connection;
}

void
http_connection_clear(struct http_connection *connection)
{
	unsigned long long generation = http_connection_generation(connection);

	http_frame_done(&connection->frame);
	http_buffer_done(&connection->input);
	http_buffer_done(&connection->rest);
	connection->call.message = (struct http_message){0};
	connection->phase = HTTP_PHASE_REQUEST;
	connection->closes = connection->is_retired = false;
	connection->drained = 0;
	atomic_store(&connection->state, (generation + 1) << 32);
}

static void
discharge(struct http_connection *connection)
{
	if (connection->charged == 0)
		return;
	(void)atomic_fetch_sub(
	    &connection->loop->large_bodies, connection->charged);
	connection->charged = 0;
}

/* Its end. Nobody else may name it any more. */
static void
end(struct http_connection *connection)
{
	struct http_pool *pool = &connection->loop->pool;

	discharge(connection);
	http_pool_remove(pool, connection);
	(void)close(connection->fd);
	http_pool_give_back(pool, connection);
}

/* ---- sending ---- */

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
	    connection, connection->loop->options.idle_timeout_ms);
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
	http_connection_disarm(connection);
	http_connection_set_deadline(connection, SEND_TIMEOUT_MS);
}

static void
render_problem(
    unsigned status, const char *problem, struct http_response *response)
{
	struct http_reply reply = {
	    .status = status, .body = json_pack("{s:s}", "message", problem)};

	http_response_render(&reply, /* closes */ true, response);
}

static void
refuse_socket(int fd, struct http_response *response)
{
	struct http_buffer rest = {0};

	(void)http_response_send(response, fd, &rest);
	http_response_done(response);
	http_buffer_done(&rest);
}

void
http_refuse_socket(int fd, unsigned status, const char *problem)
{
	struct http_response response;

	render_problem(status, problem, &response);
	refuse_socket(fd, &response);
}

/* Sends response and goes on behind it. */
static void
send_response(
    struct http_connection *connection, struct http_response *response)
{
	bool sent =
	    http_response_send(response, connection->fd, &connection->rest);

	http_response_done(response);
	if (sent)
		after_send(connection);
	else
		connection->phase = HTTP_PHASE_CLOSED;
}

static void
count_answer(struct http_loop *loop, unsigned status)
{
	(void)atomic_fetch_add_explicit(
	    &loop->answers[status / 100 % 6], 1, memory_order_relaxed);
}

void
http_connection_refuse(
    struct http_connection *connection, unsigned status, const char *problem)
{
	struct http_response response;

	count_answer(connection->loop, status);
	render_problem(status, problem, &response);
	connection->closes = true;
	send_response(connection, &response);
}

void
http_connection_answer(
    struct http_connection *connection, struct http_reply *reply)
{
	struct http_response response;

	/* A peer that asked with HEAD does not expect our body behind it. */
	connection->closes = !connection->frame.keep_alive ||
			     reply->status == 204 ||
			     connection->frame.parser.method == HTTP_HEAD;
	count_answer(connection->loop, reply->status);
	http_response_render(reply, connection->closes, &response);
	send_response(connection, &response);
}

void
http_connection_answer_error(
    struct http_connection *connection, const struct error *err)
{
	struct http_reply reply;

	http_dispatch_error(connection->loop->options.service,
	    &connection->call.message, err, &reply);
	http_connection_answer(connection, &reply);
}

/* ---- orphans ---- */

void
http_connection_leave_orphan(struct http_connection *connection)
{
	struct http_loop *loop = connection->loop;

	if (atomic_fetch_sub(&connection->parties, 1) > 1)
		return;
	http_lanes_forget(loop->lanes, &connection->call.ticket);
	http_pool_give_back(&loop->pool, connection);
	http_loop_release(loop);
}

void
http_connection_abandon(
    struct http_connection *connection, const struct error *err)
{
	struct http_loop *loop = connection->loop;
	struct http_response response;
	struct http_reply reply;

	(void)http_loop_keep(loop);
	(void)atomic_fetch_or(&connection->state, HTTP_ORPHANED);
	http_dispatch_error(
	    loop->options.service, &connection->call.message, err, &reply);
	count_answer(loop, reply.status);
	http_response_render(&reply, /* closes */ true, &response);
	refuse_socket(connection->fd, &response);
	(void)close(connection->fd);
	discharge(connection);
	http_connection_leave_orphan(connection);
}

/* ---- the owner's ---- */

void
http_connection_advance(struct http_connection *connection)
{
	(void)atomic_fetch_and(
	    &connection->state, ~(unsigned long long)HTTP_NEWS);
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
	case HTTP_PHASE_CALL:
	case HTTP_PHASE_CLOSED:
		break;
	}
}

/* Returns false if the call has been answered instead. */
static bool
hand_over(struct http_connection *connection)
{
	struct http_loop *loop = connection->loop;
	struct http_message *message = &connection->call.message;
	struct error err;

	message->lane = http_lane_of(loop->options.service, message);
	switch (http_lanes_push(loop->lanes, &connection->call.ticket,
	    message->lane, message->peer.uid, time_monotonic_ms())) {
	case HTTP_PUSH_DONE:
	case HTTP_PUSH_ORPHANED:
		return true;
	case HTTP_PUSH_OVER:
		(void)error_set(&err, ERROR_UNAVAILABLE, HTTP_STOPS);
		break;
	case HTTP_PUSH_HOPELESS:
		(void)error_set(&err, ERROR_UNAVAILABLE,
		    "every thread for this hangs; restart the service");
		break;
	}
	http_connection_answer_error(connection, &err);
	return false;
}

/* True if the next request, which has not begun, is not to be waited for. */
static bool
must_retire(const struct http_connection *connection)
{
	return connection->phase == HTTP_PHASE_REQUEST &&
	       connection->frame.stage == HTTP_STAGE_EMPTY &&
	       !connection->is_retired && atomic_load(&connection->loop->stops);
}

void
http_connection_let_go(struct http_connection *connection)
{
	for (;;) {
		if (connection->phase == HTTP_PHASE_CLOSED) {
			end(connection);
			return;
		}
		if (connection->phase == HTTP_PHASE_CALL) {
			if (hand_over(connection))
				return;
		} else if (must_retire(connection)) {
			http_connection_retire(connection);
		} else if (!http_connection_arm(connection)) {
			connection->phase = HTTP_PHASE_CLOSED;
		} else if (http_connection_disown(connection)) {
			return;
		} else {
			http_connection_advance(connection);
		}
	}
}

/* True if a request is awaited, and may be. */
static bool
is_quiet(const struct http_connection *connection)
{
	return connection->phase == HTTP_PHASE_REQUEST &&
	       connection->frame.stage == HTTP_STAGE_EMPTY &&
	       !atomic_load(&connection->loop->stops);
}

/* Waits for input, awake at first. */
static void
await_input(int fd, struct patience *patience)
{
	struct pollfd socket = {.fd = fd, .events = POLLIN};
	int64_t end_us = patience_end();

	while (patience_yield(patience, end_us))
		if (poll(&socket, 1, 0) != 0)
			return;
	(void)poll(&socket, 1, STAY_MS);
}

void
http_connection_stay(struct http_connection *connection)
{
	uint32_t generation = http_connection_generation(connection);
	struct http_loop *loop = connection->loop;
	int fd = connection->fd;

	if (is_quiet(connection))
		http_connection_advance(connection);
	if (is_quiet(connection) && http_connection_disown(connection)) {
		/* If it ends meanwhile, the socket may even be another one. */
		await_input(fd, &loop->patience);
		if (!http_connection_own(connection, generation))
			return;
		http_connection_advance(connection);
	}
	http_connection_let_go(connection);
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
	/* A part of a request that is here already makes it busy. */
	http_connection_advance(connection);
	if (connection->phase != HTTP_PHASE_REQUEST ||
	    connection->frame.stage != HTTP_STAGE_EMPTY)
		return;
	/* From here on the peer cannot send; what it has sent, we read. */
	(void)shutdown(connection->fd, SHUT_RD);
	connection->is_retired = true;
	http_connection_advance(connection);
}
