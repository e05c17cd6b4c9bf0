/* SPDX-License-Identifier: MIT */
#include "common/unix_http.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/time.h"

#include "unix_http_answer.h"
#include "unix_http_exchange.h"

#define RECEIVE_MAX 4096 /* most answers come whole in one call */

struct request {
	const char *method;
	const char *target;
	const char *body; /* NULL if there is none */
	size_t body_length;
};

enum error_code
unix_http_create(const char *socket_path, unsigned timeout_ms,
    struct unix_http **ret_client, struct error *err)
{
	struct unix_http *client;
	size_t length = strlen(socket_path);

	if (length >= sizeof(client->address.sun_path))
		return error_set(err, ERROR_INVALID,
		    "socket path '%s' is too long", socket_path);
	client = calloc(1, sizeof(*client));
	if (!client)
		return error_no_memory(err);
	client->address.sun_family = AF_UNIX;
	memcpy(client->address.sun_path, socket_path, length);
	client->timeout_ms = timeout_ms;
	client->fd = -1;
	*ret_client = client;
	return ERROR_NONE;
}

void
unix_http_set_timeout(struct unix_http *client, unsigned timeout_ms)
{
	client->timeout_ms = timeout_ms;
}

static void
disconnect(struct unix_http *client)
{
	if (client->fd >= 0)
		(void)close(client->fd);
	client->fd = -1;
	client->receive_timeout_ms = 0;
}

void
unix_http_free(struct unix_http *client)
{
	if (!client)
		return;
	disconnect(client);
	free(client);
}

static enum error_code
fail_connect(const struct exchange *exchange, struct error *err)
{
	bool is_denied = errno == EACCES || errno == EPERM;
	char reason[64];

	if (errno == EAGAIN)
		return unix_http_fail_timeout(exchange, err);
	return error_set(err, is_denied ? ERROR_DENIED : ERROR_UNAVAILABLE,
	    "cannot connect to '%s': %s (%s)",
	    exchange->client->address.sun_path,
	    strerror_r(errno, reason, sizeof(reason)),
	    is_denied
		? "be root, or in its group"
		: "does its daemon run? 'signetctl system start' starts it");
}

/*
 * A Unix socket connects at once, unless the backlog is full. Then only a
 * blocking connect() waits for room, and SO_SNDTIMEO bounds it.
 */
static enum error_code
connect_until(struct exchange *exchange, struct error *err)
{
	const struct sockaddr_un *address = &exchange->client->address;
	int64_t wait_ms;

	while ((wait_ms = unix_http_remaining_ms(exchange)) > 0) {
		struct timeval timeout = unix_http_timeval(wait_ms);

		(void)setsockopt(exchange->client->fd, SOL_SOCKET, SO_SNDTIMEO,
		    &timeout, sizeof(timeout));
		if (connect(exchange->client->fd,
			(const struct sockaddr *)address,
			sizeof(*address)) == 0)
			return ERROR_NONE;
		if (errno != EINTR)
			return fail_connect(exchange, err);
	}
	return unix_http_fail_timeout(exchange, err);
}

static enum error_code
ensure_connected(struct exchange *exchange, struct error *err)
{
	struct unix_http *client = exchange->client;

	/* After fork() the connection is the parent's, who goes on with it. */
	if (client->fd >= 0 && client->pid != getpid())
		disconnect(client);
	exchange->is_reused = client->fd >= 0;
	if (exchange->is_reused)
		return ERROR_NONE;

	client->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (client->fd < 0)
		return error_set_errno(err, ERROR_UNAVAILABLE, "socket");
	client->pid = getpid();
	return connect_until(exchange, err);
}

static enum error_code
fail_broken(const struct exchange *exchange, struct error *err)
{
	return error_set(err, ERROR_UNAVAILABLE,
	    "'%s' closed the connection without an answer",
	    exchange->client->address.sun_path);
}

/* Moves message on by what has been sent. Returns false at its end. */
static bool
advance(struct msghdr *message, size_t sent)
{
	while (message->msg_iovlen > 0 && sent >= message->msg_iov->iov_len) {
		sent -= message->msg_iov->iov_len;
		message->msg_iov++;
		message->msg_iovlen--;
	}
	if (message->msg_iovlen == 0)
		return false;
	message->msg_iov->iov_base = (char *)message->msg_iov->iov_base + sent;
	message->msg_iov->iov_len -= sent;
	return true;
}

/*
 * Sends message. That the peer does not take it all is no failure: it may
 * have answered already that it does not want it.
 */
static enum error_code
send_all(
    const struct exchange *exchange, struct msghdr *message, struct error *err)
{
	for (;;) {
		ssize_t sent = sendmsg(
		    exchange->client->fd, message, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent >= 0 && !advance(message, (size_t)sent))
			return ERROR_NONE;
		if (sent >= 0 || errno == EINTR)
			continue;
		if (errno != EAGAIN)
			return ERROR_NONE;
		if (unix_http_wait_ready(exchange, POLLOUT, err))
			return err->code;
	}
}

/* The head of request. The caller frees it; NULL: no memory. */
static char *
request_head(const struct request *request)
{
	char *head = NULL;
	int length;

	if (request->body)
		length = asprintf(&head,
		    "%s %s HTTP/1.1\r\n"
		    "host: localhost\r\n"
		    "content-type: application/json\r\n"
		    "content-length: %zu\r\n\r\n",
		    request->method, request->target, request->body_length);
	else
		length = asprintf(&head,
		    "%s %s HTTP/1.1\r\n"
		    "host: localhost\r\n\r\n",
		    request->method, request->target);
	return length < 0 ? NULL : head;
}

static enum error_code
send_request(const struct exchange *exchange, const struct request *request,
    struct error *err)
{
	CLEANUP(string) char *head = request_head(request);
	/* sendmsg() only reads the body; the type of iov_base hides that. */
	struct iovec parts[] = {
	    {.iov_base = head,                             .iov_len = head ? strlen(head) : 0},
	    {.iov_base = (void *)(uintptr_t)request->body,
             .iov_len = request->body_length						 },
	};
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};

	if (!head)
		return error_no_memory(err);
	return send_all(exchange, &message, err);
}

/* Removes an interim answer (1xx), which says nothing to us. */
static bool
skip_interim(struct exchange *exchange, const struct unix_http_answer *answer)
{
	if (answer->status >= 200)
		return false;
	exchange->length -= answer->head_length;
	memmove(exchange->data, exchange->data + answer->head_length,
	    exchange->length + 1); /* with the NUL */
	return true;
}

static enum error_code
receive_head(struct exchange *exchange, struct unix_http_answer *ret_answer,
    struct error *err)
{
	for (;;) {
		enum unix_http_parsed parsed = unix_http_parse(
		    exchange->data, exchange->length, ret_answer);
		bool ended = false;

		if (parsed == UNIX_HTTP_WHOLE &&
		    !skip_interim(exchange, ret_answer))
			return ERROR_NONE;
		if (parsed == UNIX_HTTP_BROKEN)
			return error_set(err, ERROR_INTERNAL,
			    "'%s' does not answer in HTTP",
			    exchange->client->address.sun_path);
		if (parsed == UNIX_HTTP_WHOLE)
			continue;
		if (unix_http_receive(
			exchange, UNIX_HTTP_HEAD_MAX, &ended, err))
			return err->code;
		if (ended)
			return fail_broken(exchange, err);
	}
}

static enum error_code
receive_counted(struct exchange *exchange, size_t whole, struct error *err)
{
	bool ended = false;

	while (exchange->length < whole) {
		if (unix_http_receive(exchange, whole, &ended, err))
			return err->code;
		if (ended)
			return fail_broken(exchange, err);
	}
	return ERROR_NONE;
}

static enum error_code
receive_to_end(struct exchange *exchange, size_t limit, struct error *err)
{
	bool ended = false;

	while (!ended && exchange->length < limit) {
		size_t more = limit - exchange->length;

		if (more > RECEIVE_MAX)
			more = RECEIVE_MAX;
		if (unix_http_receive(
			exchange, exchange->length + more, &ended, err))
			return err->code;
	}
	if (!ended)
		return error_set(err, ERROR_INTERNAL,
		    "'%s' answers with more than %zu bytes",
		    exchange->client->address.sun_path, UNIX_HTTP_BODY_MAX);
	return ERROR_NONE;
}

/* Receives an answer whole, and leaves only its body in exchange. */
static enum error_code
receive_answer(struct exchange *exchange, struct unix_http_answer *answer,
    struct error *err)
{
	size_t head;

	if (receive_head(exchange, answer, err))
		return err->code;
	head = answer->head_length;
	if (answer->has_length) {
		if (receive_counted(exchange, head + answer->body_length, err))
			return err->code;
	} else if (receive_to_end(exchange, head + UNIX_HTTP_BODY_MAX, err))
		return err->code;

	exchange->length -= head;
	memmove(exchange->data, exchange->data + head, exchange->length + 1);
	if (answer->has_length && exchange->length > answer->body_length) {
		answer->closes = true; /* bytes that we did not ask for */
		exchange->length = answer->body_length;
		exchange->data[exchange->length] = '\0';
	}
	return ERROR_NONE;
}

static enum error_code
exchange_once(struct exchange *exchange, const struct request *request,
    struct unix_http_response *ret_response, struct error *err)
{
	struct unix_http_answer answer = {0};

	if (ensure_connected(exchange, err) ||
	    send_request(exchange, request, err) ||
	    receive_answer(exchange, &answer, err)) {
		disconnect(exchange->client);
		return err->code;
	}
	if (answer.closes)
		disconnect(exchange->client);
	ret_response->status = answer.status;
	ret_response->body_length = exchange->length;
	ret_response->body = TAKE(exchange->data);
	return ERROR_NONE;
}

/* A kept connection that the server had closed in the meantime. */
static bool
may_retry(const struct exchange *exchange, const struct error *err)
{
	return exchange->is_reused && exchange->length == 0 &&
	       err->code == ERROR_UNAVAILABLE;
}

enum error_code
unix_http_request(struct unix_http *client, const char *method,
    const char *target, const char *body, size_t body_length,
    struct unix_http_response *ret_response, struct error *err)
{
	struct request request = {method, target, body, body_length};
	struct exchange exchange = {.client = client,
	    .deadline_ms = time_monotonic_ms() + client->timeout_ms,
	    .data = malloc(UNIX_HTTP_HEAD_MAX + 1),
	    .capacity = UNIX_HTTP_HEAD_MAX + 1};
	enum error_code code;

	if (!exchange.data)
		return error_no_memory(err);
	code = exchange_once(&exchange, &request, ret_response, err);
	if (code && may_retry(&exchange, err))
		code = exchange_once(&exchange, &request, ret_response, err);
	free(exchange.data);
	return code;
}
