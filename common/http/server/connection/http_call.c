/* SPDX-License-Identifier: MIT */
/* What a handler may do with its call, on any thread. */
#include "http_connection.h"

#include "common/time.h"

static struct http_connection *
connection_of(struct http_call *call)
{
	return (struct http_connection *)(void *)call;
}

static const struct http_connection *
connection_of_const(const struct http_call *call)
{
	return (const struct http_connection *)(const void *)call;
}

bool
http_call_is_abandoned(const struct http_call *call)
{
	return atomic_load(&connection_of_const(call)->state) &
	       (HTTP_GONE | HTTP_ORPHANED);
}

int64_t
http_call_end(struct http_call *call, int64_t timeout_ms)
{
	struct http_message *message = &call->message;

	if (!message->end_ms)
		message->end_ms = time_monotonic_ms() + timeout_ms;
	return message->end_ms;
}

struct http_connection *
http_connection_of(struct http_ticket *ticket)
{
	char *call = (char *)ticket - offsetof(struct http_call, ticket);

	return (struct http_connection *)(void *)call;
}

void
http_connection_finish_call(
    struct http_connection *connection, struct http_reply *reply, bool may_stay)
{
	bool more;

	if (http_lanes_answer(
		connection->loop->lanes, &connection->call.ticket, &more)) {
		http_connection_answer(connection, reply);
		if (may_stay && !more)
			http_connection_stay(connection);
		else
			http_connection_let_go(connection);
		return;
	}
	json_decref(reply->body);
	reply->body = NULL;
	http_connection_leave_orphan(connection);
}

/* Answering may hand over the next call, which then needs a thread. */
void
http_call_answer(struct http_call *call, struct http_reply *reply)
{
	struct http_connection *connection = connection_of(call);
	struct http_loop *loop = http_loop_keep(connection->loop);

	http_connection_finish_call(connection, reply, false);
	http_loop_wake(loop);
	http_loop_release(loop);
}

static void
resubmit(struct http_connection *connection)
{
	struct http_call *call = &connection->call;
	struct error err;

	switch (http_lanes_push(connection->loop->lanes, &call->ticket,
	    call->message.lane, call->message.peer.uid, time_monotonic_ms())) {
	case HTTP_PUSH_DONE:
		return;
	case HTTP_PUSH_ORPHANED:
		http_connection_leave_orphan(connection);
		return;
	case HTTP_PUSH_OVER:
	case HTTP_PUSH_HOPELESS:
		break;
	}
	(void)error_set(&err, ERROR_UNAVAILABLE, HTTP_STOPS);
	http_connection_answer_error(connection, &err);
	http_connection_let_go(connection);
}

void
http_call_resubmit(struct http_call *call)
{
	struct http_connection *connection = connection_of(call);
	struct http_loop *loop = http_loop_keep(connection->loop);

	resubmit(connection);
	http_loop_wake(loop);
	http_loop_release(loop);
}

void
http_call_move(struct http_call *call, unsigned lane)
{
	call->message.lane = lane;
	http_call_resubmit(call);
}

void
http_figures_done(struct http_figures *figures)
{
	free(figures->lanes);
	figures->lanes = NULL;
	figures->lane_count = 0;
}

void
http_call_figures(
    const struct http_call *call, struct http_figures *ret_figures)
{
	size_t lane_count;

	struct http_loop *loop;

	*ret_figures = (struct http_figures){0};
	if (!call)
		return;
	loop = connection_of_const(call)->loop;
	lane_count = http_lanes_figures(loop->lanes, NULL, 0);
	ret_figures->lanes = calloc(lane_count, sizeof(*ret_figures->lanes));
	if (ret_figures->lanes)
		ret_figures->lane_count = http_lanes_figures(
		    loop->lanes, ret_figures->lanes, lane_count);
	ret_figures->connections = http_pool_count(&loop->pool);
	for (size_t i = 0; i < 6; i++)
		ret_figures->answers[i] = atomic_load(&loop->answers[i]);
}
