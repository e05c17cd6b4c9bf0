/* SPDX-License-Identifier: MIT */
/*
 * The connections of a server, and which of them gives way to a new one. All
 * functions may be called from any thread.
 *
 * Events name a connection by its slot and its generation. A slot keeps its
 * memory as long as the pool lives, so that an event that comes too late finds
 * another generation, and nothing worse.
 */
#ifndef COMMON_HTTP_POOL_H
#define COMMON_HTTP_POOL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct http_connection;
struct http_lanes;

/* Beyond the maximum: connections that are told so. */
#define HTTP_POOL_SPARE 128

struct http_pool {
	pthread_mutex_t lock; /* guards what follows, and the links */
	struct http_connection *connections;
	struct http_connection *unused;
	unsigned count; /* of connections */
	unsigned slot_count, slots_max;
	_Atomic(struct http_connection *) *slots;
};

/* Makes room for connections_max and some. Returns false without memory. */
bool http_pool_init(struct http_pool *pool, unsigned connections_max);

/* Releases all slots. No connection is in use. */
void http_pool_done(struct http_pool *pool);

/* An unused connection, zeroed but for its slot and state; NULL: no room. */
struct http_connection *http_pool_take(struct http_pool *pool);

/* Gives back what was taken, with a new generation. It is not in the list. */
void http_pool_give_back(
    struct http_pool *pool, struct http_connection *connection);

/* The connection in slot; NULL if there never was one. */
struct http_connection *http_pool_slot(struct http_pool *pool, uint32_t slot);

/* Adds to, and removes from, the list of connections. */
void http_pool_add(struct http_pool *pool, struct http_connection *connection);
void http_pool_remove(
    struct http_pool *pool, struct http_connection *connection);

/* Ends the connection that has been idle longest. Returns false: all busy. */
bool http_pool_retire_oldest(struct http_pool *pool);

/*
 * Idle connections give way to a new one of uid, so that they lock nobody out.
 * A uid may have half of maximum. Returns false if there is still no room.
 */
bool http_pool_make_room(struct http_pool *pool, uid_t uid, unsigned maximum);

/*
 * Claims the connections that nobody owns and whose deadline is not behind
 * now_ms. Returns them in a list by ->next_claimed; *next_ms becomes the
 * earliest deadline of the others, if that is earlier.
 */
struct http_connection *http_pool_claim(
    struct http_pool *pool, int64_t now_ms, int64_t *next_ms);

/*
 * Makes all owners look at their connections again. Returns a list of those
 * that nobody owned, claimed.
 */
struct http_connection *http_pool_rouse(struct http_pool *pool);

/* Removes the connections whose call becomes an orphan by this; a list. */
struct http_connection *http_pool_orphan(
    struct http_pool *pool, struct http_lanes *lanes);

/* Notes whose peer has left while a call of it waits or runs. */
void http_pool_look_after(struct http_pool *pool);

/* True while an answer is owed to anybody. */
bool http_pool_has_work(struct http_pool *pool);

/* How many connections there are. */
unsigned http_pool_count(struct http_pool *pool);

#endif
