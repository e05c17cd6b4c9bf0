/* SPDX-License-Identifier: MIT */
/* How a request comes in, up to where its call is handed over. */
#include "http_connection.h"

#include <errno.h>
#include <sys/socket.h>

/* A body of this size is let in whatever others send; larger ones share. */
#define BODY_FREE ((size_t)64 * 1024)
#define BODIES_MAX ((size_t)32 * 1024 * 1024)

ssize_t
http_connection_receive(
    struct http_connection *connection, char *data, size_t size)
{
	ssize_t length;

	do
		length = recv(connection->fd, data, size, MSG_DONTWAIT);
	while (length < 0 && errno == EINTR);

	return length < 0 && errno != EAGAIN ? 0 : length;
}

/*
 * Counts a large body. Returns false if there are too many of them: then this
 * peer has to come again, so that the others still find memory.
 */
static bool
charge(struct http_connection *connection)
{
	struct http_loop *loop = connection->loop;
	size_t size = connection->frame.body.capacity;

	if (size <= BODY_FREE)
		return true;
	size -= connection->charged;
	connection->charged += size;
	return atomic_fetch_add(&loop->large_bodies, size) + size <= BODIES_MAX;
}

/* The whole request is there; letting go hands it over. */
static void
make_call(struct http_connection *connection)
{
	struct http_frame *frame = &connection->frame;
	struct http_message *message = &connection->call.message;

	message->method = http_frame_method(frame);
	message->target = frame->target.data;
	message->content_type =
	    frame->has_content_type ? frame->content_type.data : NULL;
	message->body = frame->body.length > 0 ? frame->body.data : "";
	message->body_length = frame->body.length;
	message->call = &connection->call;
	message->end_ms = 0;
	connection->phase = HTTP_PHASE_CALL;
	if (connection->input.length > 0)
		(void)atomic_fetch_or(&connection->state, HTTP_NEWS);
}

static void
send_continue(struct http_connection *connection)
{
	static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";

	/* If the socket is full, the peer waits a little and goes on too. */
	(void)send(connection->fd, go_on, sizeof(go_on) - 1,
	    MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* Feeds the frame and starts the clock of the stage that it reached. */
static size_t
feed(struct http_connection *connection, const char *data, size_t length)
{
	const struct http_server_options *options = &connection->loop->options;
	struct http_frame *frame = &connection->frame;
	enum http_stage before = frame->stage;
	size_t used = http_frame_feed(frame, data, length);

	if (!charge(connection))
		http_frame_refuse(frame, 503,
		    "too many large requests at once; try again later");
	if (frame->stage == before)
		return used;
	if (frame->stage == HTTP_STAGE_HEAD)
		http_connection_set_deadline(
		    connection, options->head_timeout_ms);
	if (frame->stage == HTTP_STAGE_BODY) {
		http_connection_set_deadline(
		    connection, options->body_timeout_ms);
		if (frame->expects_continue && frame->body.length == 0)
			send_continue(connection);
	}
	return used;
}

/* Feeds the frame from ->input and the socket. Returns true at the end. */
static bool
fill_frame(struct http_connection *connection)
{
	const struct http_frame *frame = &connection->frame;
	struct http_buffer *input = &connection->input;
	char data[HTTP_RECEIVE_MAX];

	if (input->length > 0)
		http_buffer_consume(
		    input, feed(connection, input->data, input->length));
	while (frame->stage < HTTP_STAGE_WHOLE) {
		ssize_t length =
		    http_connection_receive(connection, data, sizeof(data));
		size_t used;

		if (length <= 0)
			return length == 0;
		used = feed(connection, data, (size_t)length);
		if (used < (size_t)length &&
		    !http_buffer_append(
			input, data + used, (size_t)length - used))
			return true;
	}
	return false;
}

void
http_connection_read(struct http_connection *connection)
{
	const struct http_frame *frame = &connection->frame;

	if (fill_frame(connection)) {
		if (frame->stage == HTTP_STAGE_EMPTY)
			connection->phase = HTTP_PHASE_CLOSED;
		else
			http_connection_refuse(
			    connection, 400, "the request ends early");
		return;
	}
	if (frame->stage == HTTP_STAGE_REFUSED)
		http_connection_refuse(
		    connection, frame->status, frame->problem);
	else if (frame->stage == HTTP_STAGE_WHOLE)
		make_call(connection);
}
