/* SPDX-License-Identifier: MIT */
/* The connections of a server, and which of them gives way to a new one. */
#ifndef COMMON_HTTP_POOL_H
#define COMMON_HTTP_POOL_H

#include "http_connection.h"

struct http_pool {
	struct http_connection *connections;
	struct http_connection *closed; /* freed when no event can name them */
	unsigned count;                 /* of connections */
};

void http_pool_add(struct http_pool *pool, struct http_connection *connection);

void http_pool_remove(
    struct http_pool *pool, struct http_connection *connection);

/* Puts connection aside if it has ended. Call it after all that may end it. */
void http_pool_settle(
    struct http_pool *pool, struct http_connection *connection);

/* Frees what has been put aside. */
void http_pool_free_closed(struct http_pool *pool);

/* Frees all. No call may be in flight. */
void http_pool_done(struct http_pool *pool);

/* Ends the connection that has been idle longest. Returns false: all busy. */
bool http_pool_retire_oldest(struct http_pool *pool);

/*
 * Idle connections give way to a new one of uid, so that they lock nobody out.
 * A uid may have half of maximum. Returns false if there is still no room.
 */
bool http_pool_make_room(struct http_pool *pool, uid_t uid, unsigned maximum);

#endif
