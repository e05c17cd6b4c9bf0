/* SPDX-License-Identifier: MIT */
#include "http_pool.h"

#include "http_connection.h"

bool
http_pool_init(struct http_pool *pool, unsigned connections_max)
{
	*pool =
	    (struct http_pool){.slots_max = connections_max + HTTP_POOL_SPARE};
	pthread_mutex_init(&pool->lock, NULL);
	pool->slots = calloc(pool->slots_max, sizeof(pool->slots[0]));
	return pool->slots != NULL;
}

void
http_pool_done(struct http_pool *pool)
{
	for (unsigned i = 0; i < pool->slot_count; i++)
		free(pool->slots[i]);
	free(pool->slots);
	pthread_mutex_destroy(&pool->lock);
}

/* Makes a connection in a slot of its own. */
static struct http_connection *
add_slot(struct http_pool *pool)
{
	struct http_connection *connection;

	if (pool->slot_count == pool->slots_max)
		return NULL;
	connection = calloc(1, sizeof(*connection));
	if (!connection)
		return NULL;
	connection->slot = pool->slot_count;
	atomic_store(&pool->slots[pool->slot_count++], connection);
	return connection;
}

struct http_connection *
http_pool_take(struct http_pool *pool)
{
	struct http_connection *connection;

	pthread_mutex_lock(&pool->lock);
	connection = pool->unused;
	if (connection)
		pool->unused = connection->next;
	else
		connection = add_slot(pool);
	pthread_mutex_unlock(&pool->lock);
	return connection;
}

void
http_pool_give_back(struct http_pool *pool, struct http_connection *connection)
{
	http_connection_clear(connection);
	pthread_mutex_lock(&pool->lock);
	connection->next = pool->unused;
	pool->unused = connection;
	pthread_mutex_unlock(&pool->lock);
}

struct http_connection *
http_pool_slot(struct http_pool *pool, uint32_t slot)
{
	return atomic_load(&pool->slots[slot]);
}

void
http_pool_add(struct http_pool *pool, struct http_connection *connection)
{
	pthread_mutex_lock(&pool->lock);
	connection->next = pool->connections;
	connection->link = &pool->connections;
	if (connection->next)
		connection->next->link = &connection->next;
	pool->connections = connection;
	pool->count++;
	pthread_mutex_unlock(&pool->lock);
}

static void
remove_locked(struct http_pool *pool, struct http_connection *connection)
{
	*connection->link = connection->next;
	if (connection->next)
		connection->next->link = connection->link;
	pool->count--;
}

void
http_pool_remove(struct http_pool *pool, struct http_connection *connection)
{
	pthread_mutex_lock(&pool->lock);
	remove_locked(pool, connection);
	pthread_mutex_unlock(&pool->lock);
}

/*
 * The one that has been idle longest; of uid, if it is not NULL. Of those of
 * one millisecond that is the last in the list, which came first.
 */
static struct http_connection *
find_oldest(struct http_pool *pool, const uid_t *uid)
{
	struct http_connection *oldest = NULL;
	int64_t oldest_ms = INT64_MAX;

	for (struct http_connection *each = pool->connections; each;
	     each = each->next) {
		int64_t when_ms = atomic_load(&each->deadline_ms);

		if (uid && each->call.message.peer.uid != *uid)
			continue;
		if (http_connection_is_idle(each) && when_ms <= oldest_ms) {
			oldest = each;
			oldest_ms = when_ms;
		}
	}
	return oldest;
}

/* Retires that one. Returns false if there is none. */
static bool
retire_oldest(struct http_pool *pool, const uid_t *uid)
{
	struct http_connection *oldest;

	pthread_mutex_lock(&pool->lock);
	do /* until nobody else claims it first, as that is busy then */
		oldest = find_oldest(pool, uid);
	while (oldest && !http_connection_claim(oldest));
	pthread_mutex_unlock(&pool->lock);
	if (!oldest)
		return false;
	http_connection_retire(oldest);
	http_connection_let_go(oldest);
	return true;
}

bool
http_pool_retire_oldest(struct http_pool *pool)
{
	return retire_oldest(pool, NULL);
}

static unsigned
count_of_uid(struct http_pool *pool, uid_t uid)
{
	unsigned count = 0;

	pthread_mutex_lock(&pool->lock);
	for (const struct http_connection *each = pool->connections; each;
	     each = each->next)
		count += each->call.message.peer.uid == uid;
	pthread_mutex_unlock(&pool->lock);
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
	while (http_pool_count(pool) >= maximum)
		if (!retire_oldest(pool, NULL))
			return false;
	return true;
}

static void
prepend(struct http_connection **list, struct http_connection *connection)
{
	connection->next_claimed = *list;
	*list = connection;
}

struct http_connection *
http_pool_claim(struct http_pool *pool, int64_t now_ms, int64_t *next_ms)
{
	struct http_connection *claimed = NULL;

	pthread_mutex_lock(&pool->lock);
	for (struct http_connection *each = pool->connections; each;
	     each = each->next) {
		int64_t when_ms = atomic_load(&each->deadline_ms);

		if (http_connection_is_owned(each))
			continue;
		if (when_ms > now_ms && when_ms < *next_ms)
			*next_ms = when_ms;
		if (when_ms <= now_ms && http_connection_claim(each))
			prepend(&claimed, each);
	}
	pthread_mutex_unlock(&pool->lock);
	return claimed;
}

struct http_connection *
http_pool_rouse(struct http_pool *pool)
{
	struct http_connection *claimed = NULL;

	pthread_mutex_lock(&pool->lock);
	for (struct http_connection *each = pool->connections; each;
	     each = each->next)
		if (http_connection_notify(
			each, http_connection_generation(each)))
			prepend(&claimed, each);
	pthread_mutex_unlock(&pool->lock);
	return claimed;
}

struct http_connection *
http_pool_orphan(struct http_pool *pool, struct http_lanes *lanes)
{
	struct http_connection *orphans = NULL, *next;

	pthread_mutex_lock(&pool->lock);
	for (struct http_connection *each = pool->connections; each;
	     each = next) {
		next = each->next;
		if (!http_lanes_orphan(lanes, &each->call.ticket))
			continue;
		remove_locked(pool, each);
		prepend(&orphans, each);
	}
	pthread_mutex_unlock(&pool->lock);
	return orphans;
}

void
http_pool_look_after(struct http_pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	for (struct http_connection *each = pool->connections; each;
	     each = each->next)
		if (http_connection_is_owned(each))
			http_connection_look_after(each);
	pthread_mutex_unlock(&pool->lock);
}

bool
http_pool_has_work(struct http_pool *pool)
{
	bool has_work = false;

	pthread_mutex_lock(&pool->lock);
	for (const struct http_connection *each = pool->connections; each;
	     each = each->next)
		has_work |= !http_connection_is_idle(each);
	pthread_mutex_unlock(&pool->lock);
	return has_work;
}

unsigned
http_pool_count(struct http_pool *pool)
{
	unsigned count;

	pthread_mutex_lock(&pool->lock);
	count = pool->count;
	pthread_mutex_unlock(&pool->lock);
	return count;
}
