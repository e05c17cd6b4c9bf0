/* SPDX-License-Identifier: MIT */
#include "http_ownership.h"

#include <poll.h>
#include <sys/epoll.h>

/* For one event: input or its end, or room to send if that is awaited. */
static int
watch(struct http_connection *connection, int operation)
{
	uint64_t generation = http_connection_generation(connection);
	uint32_t awaited =
	    connection->phase == HTTP_PHASE_REST ? EPOLLOUT : EPOLLIN;
	struct epoll_event event = {.events = awaited | EPOLLONESHOT,
	    .data.u64 = generation << 32 | connection->slot};

	(void)atomic_fetch_or(&connection->state, HTTP_ARMED);

	return epoll_ctl(
	    connection->loop->epoll, operation, connection->fd, &event);
}

bool
http_connection_watch(struct http_connection *connection)
{
	return watch(connection, EPOLL_CTL_ADD) == 0;
}

bool
http_connection_arm(struct http_connection *connection)
{
	return atomic_load(&connection->state) & HTTP_ARMED ||
	       watch(connection, EPOLL_CTL_MOD) == 0;
}

void
http_connection_disarm(struct http_connection *connection)
{
	(void)atomic_fetch_and(
	    &connection->state, ~(unsigned long long)HTTP_ARMED);
}

uint32_t
http_connection_generation(const struct http_connection *connection)
{
	return (uint32_t)(atomic_load(&connection->state) >> 32);
}

/* As http_connection_notify(), with other flags to change in ->state. */
static bool
own(struct http_connection *connection, uint32_t generation,
    unsigned long long cleared, unsigned long long set)
{
	unsigned long long state = atomic_load(&connection->state);

	do
		if (state >> 32 != generation)
			return false;
	while (!atomic_compare_exchange_weak(
	    &connection->state, &state, (state & ~cleared) | set | HTTP_OWNED));
	return !(state & HTTP_OWNED);
}

bool
http_connection_own(struct http_connection *connection, uint32_t generation)
{
	return own(connection, generation, 0, 0);
}

bool
http_connection_notify(struct http_connection *connection, uint32_t generation)
{
	return own(connection, generation, HTTP_ARMED, HTTP_NEWS);
}

bool
http_connection_claim(struct http_connection *connection)
{
	return !(atomic_fetch_or(&connection->state, HTTP_OWNED) & HTTP_OWNED);
}

bool
http_connection_is_owned(const struct http_connection *connection)
{
	return atomic_load(&connection->state) & HTTP_OWNED;
}

bool
http_connection_is_idle(const struct http_connection *connection)
{
	return !(atomic_load(&connection->state) & (HTTP_OWNED | HTTP_BUSY));
}

bool
http_connection_disown(struct http_connection *connection)
{
	unsigned long long state = atomic_load(&connection->state);
	unsigned long long next;
	bool is_busy = connection->phase == HTTP_PHASE_REST ||
		       (connection->phase == HTTP_PHASE_REQUEST &&
			   connection->frame.stage != HTTP_STAGE_EMPTY);

	do {
		if (state & HTTP_NEWS)
			return false;
		next = state & ~(unsigned long long)(HTTP_OWNED | HTTP_BUSY);
		if (is_busy)
			next |= HTTP_BUSY;
	} while (
	    !atomic_compare_exchange_weak(&connection->state, &state, next));
	return true;
}

void
http_connection_look_after(struct http_connection *connection)
{
	struct pollfd socket = {.fd = connection->fd};

	if (poll(&socket, 1, 0) == 1)
		(void)atomic_fetch_or(&connection->state, HTTP_GONE);
}
