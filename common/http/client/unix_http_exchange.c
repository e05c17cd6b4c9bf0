/* SPDX-License-Identifier: MIT */
#include "unix_http_exchange.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "common/time.h"

#define FRESH_MS 50

int64_t
unix_http_remaining_ms(const struct exchange *exchange)
{
	int64_t remaining = exchange->deadline_ms - time_monotonic_ms();

	return remaining > 0 ? remaining : 0;
}

enum error_code
unix_http_fail_timeout(const struct exchange *exchange, struct error *err)
{
	return error_set(err, ERROR_TIMEOUT, "'%s' did not answer within %u ms",
	    exchange->client->address.sun_path, exchange->client->timeout_ms);
}

struct timeval
unix_http_timeval(int64_t ms)
{
	return (struct timeval){
	    .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
}

enum error_code
unix_http_wait_ready(
    const struct exchange *exchange, short events, struct error *err)
{
	struct pollfd socket = {.fd = exchange->client->fd, .events = events};
	int count;

	do
		count = poll(&socket, 1, (int)unix_http_remaining_ms(exchange));
	while (count < 0 && errno == EINTR);

	if (count < 0)
		return error_set_errno(err, ERROR_INTERNAL, "poll");
	return count == 0 ? unix_http_fail_timeout(exchange, err) : ERROR_NONE;
}

/* Makes room for length bytes in all, and the NUL. */
static enum error_code
reserve(struct exchange *exchange, size_t length, struct error *err)
{
	char *grown;

	if (length < exchange->capacity)
		return ERROR_NONE;
	grown = realloc(exchange->data, length + 1);
	if (!grown)
		return error_no_memory(err);
	exchange->data = grown;
	exchange->capacity = length + 1;
	return ERROR_NONE;
}

/*
 * Just after a request, recv() itself waits, which is one system call less
 * than poll() and recv(); the socket has the whole time-out then, so that the
 * deadline may pass by as much as FRESH_MS.
 */
static bool
may_block(const struct exchange *exchange)
{
	int64_t left = unix_http_remaining_ms(exchange);

	return exchange->length == 0 && left > 0 &&
	       left + FRESH_MS >= exchange->client->timeout_ms;
}

static void
set_receive_timeout(struct unix_http *client)
{
	struct timeval timeout = unix_http_timeval(client->timeout_ms);

	if (client->receive_timeout_ms == client->timeout_ms)
		return;
	(void)setsockopt(
	    client->fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	client->receive_timeout_ms = client->timeout_ms;
}

static ssize_t
receive_up_to(const struct exchange *exchange, size_t length, int flags)
{
	return recv(exchange->client->fd, exchange->data + exchange->length,
	    length - exchange->length, flags);
}

/* Most answers come at once: returns true if this one, or an error, did. */
static bool
receive_soon(
    const struct exchange *exchange, size_t length, ssize_t *ret_received)
{
	int64_t end_us = patience_end();

	while (patience_yield(&exchange->client->patience, end_us)) {
		*ret_received = receive_up_to(exchange, length, MSG_DONTWAIT);
		if (*ret_received >= 0 || errno != EAGAIN)
			return true;
	}
	return false;
}

enum error_code
unix_http_receive(struct exchange *exchange, size_t length, bool *ret_ended,
    struct error *err)
{
	bool blocks = may_block(exchange);
	ssize_t received = -1;

	if (reserve(exchange, length, err))
		return err->code;
	if (!blocks || !receive_soon(exchange, length, &received)) {
		if (blocks)
			set_receive_timeout(exchange->client);
		else if (unix_http_wait_ready(exchange, POLLIN, err))
			return err->code;
		received =
		    receive_up_to(exchange, length, blocks ? 0 : MSG_DONTWAIT);
	}

	*ret_ended = received == 0 ||
		     (received < 0 && errno != EAGAIN && errno != EINTR);
	if (received > 0)
		exchange->length += (size_t)received;
	exchange->data[exchange->length] = '\0';
	return ERROR_NONE;
}
