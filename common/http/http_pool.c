/* SPDX-License-Identifier: MIT */
#include "http_pool.h"

void
http_pool_add(struct http_pool *pool, struct http_connection *connection)
{
	connection->next = pool->connections;
	connection->link = &pool->connections;
	if (connection->next)
		connection->next->link = &connection->next;
	pool->connections = connection;
	pool->count++;
}

void
http_pool_remove(struct http_pool *pool, struct http_connection *connection)
{
	*connection->link = connection->next;
	if (connection->next)
		connection->next->link = connection->link;
	pool->count--;
}

void
http_pool_settle(struct http_pool *pool, struct http_connection *connection)
{
	if (http_connection_is_in_flight(connection) ||
	    connection->phase != HTTP_PHASE_CLOSED)
		return;
	http_pool_remove(pool, connection);
	connection->next = pool->closed;
	pool->closed = connection;
}

void
http_pool_free_closed(struct http_pool *pool)
{
	while (pool->closed) {
		struct http_connection *connection = pool->closed;

		pool->closed = connection->next;
		http_connection_free(connection);
	}
}

void
http_pool_done(struct http_pool *pool)
{
	while (pool->connections) {
		struct http_connection *connection = pool->connections;

		http_pool_remove(pool, connection);
		http_connection_free(connection);
	}
	http_pool_free_closed(pool);
}

/* Retires the one that has been idle longest; of uid, if it is not NULL. */
static bool
retire_oldest(struct http_pool *pool, const uid_t *uid)
{
	struct http_connection *oldest = NULL;

	for (struct http_connection *each = pool->connections; each;
	     each = each->next) {
		if (uid && each->call.message.peer.uid != *uid)
			continue;
		if (http_connection_is_idle(each) &&
		    (!oldest || each->deadline_ms < oldest->deadline_ms))
			oldest = each;
	}
	if (!oldest)
		return false;
	http_connection_retire(oldest);
	http_pool_settle(pool, oldest);
	return true;
}

bool
http_pool_retire_oldest(struct http_pool *pool)
{
	return retire_oldest(pool, NULL);
}

static unsigned
count_of_uid(const struct http_pool *pool, uid_t uid)
{
	unsigned count = 0;

	for (const struct http_connection *each = pool->connections; each;
	     each = each->next)
		count += each->call.message.peer.uid == uid;
	return count;
}

bool
http_pool_make_room(struct http_pool *pool, uid_t uid, unsigned maximum)
{
	unsigned uid_maximum = maximum / 2;

	if (uid_maximum > HTTP_CONNECTIONS_PER_UID_MAX)
		uid_maximum = HTTP_CONNECTIONS_PER_UID_MAX;
	while (count_of_uid(pool, uid) >= uid_maximum)
		if (!retire_oldest(pool, &uid))
			return false;
	while (pool->count >= maximum)
		if (!retire_oldest(pool, NULL))
			return false;
	return true;
}
