/* SPDX-License-Identifier: MIT */
/* The side of a connection that answers, on any thread. */
#include <sys/eventfd.h>

#include "common/time.h"

#include "http_connection.h"
#include "http_response.h"

static struct http_connection *
connection_of(struct http_call *call)
{
	return (struct http_connection *)(void *)call;
}

const struct http_message *
http_call_message(const struct http_call *call)
{
	return &call->message;
}

bool
http_call_is_abandoned(const struct http_call *call)
{
	const struct http_connection *connection =
	    (const struct http_connection *)(const void *)call;

	return atomic_load(&connection->flags) & (HTTP_GONE | HTTP_ORPHANED);
}

/*
 * Announces that the connection goes back to the loop. Returns false, having
 * freed it, if the loop has already closed it.
 */
static bool
begin_return(struct http_connection *connection)
{
	unsigned before = atomic_fetch_or(&connection->flags, HTTP_ANSWERING);

	if (!(before & HTTP_ORPHANED))
		return true;
	http_connection_free_orphan(connection);
	return false;
}

/* Gives the connection to the loop, which looks at it as soon as it can. */
static void
post(struct http_connection *connection)
{
	struct http_loop *loop = connection->loop;

	pthread_mutex_lock(&loop->lock);
	connection->next_mail = loop->mail;
	loop->mail = connection;
	/* Under the lock: once the mail is taken, the loop may end. */
	if (!connection->next_mail)
		(void)eventfd_write(loop->wake, 1);
	pthread_mutex_unlock(&loop->lock);
}

/*
 * Makes the connection wait for its next request, without the loop. Returns
 * false if the loop has to look at it; else it must not be used any more.
 */
static bool
release(struct http_connection *connection)
{
	unsigned quiet = HTTP_IN_FLIGHT | HTTP_ANSWERING;

	http_frame_reset(&connection->frame);
	connection->deadline_ms =
	    time_monotonic_ms() + connection->loop->options->idle_timeout_ms;
	return atomic_compare_exchange_strong(&connection->flags, &quiet, 0);
}

void
http_call_answer(struct http_call *call, struct http_reply *reply)
{
	struct http_connection *connection = connection_of(call);
	struct http_response response;

	/* A peer that asked with HEAD does not expect our body behind it. */
	connection->closes = !connection->frame.keep_alive ||
			     reply->status == 204 ||
			     connection->frame.parser.method == HTTP_HEAD;
	http_response_render(reply, connection->closes, &response);
	if (!begin_return(connection)) {
		http_response_done(&response);
		return;
	}
	if (!http_response_send(&response, connection->fd, &connection->rest))
		connection->phase = HTTP_PHASE_CLOSED;
	http_response_done(&response);

	if (connection->phase == HTTP_PHASE_CLOSED || connection->closes ||
	    connection->rest.length > 0 || !release(connection))
		post(connection);
}

void
http_call_resubmit(struct http_call *call)
{
	struct http_connection *connection = connection_of(call);

	if (!begin_return(connection))
		return;
	connection->resubmit = true;
	post(connection);
}
