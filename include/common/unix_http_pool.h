/* SPDX-License-Identifier: MIT */
/*
 * Connections that nobody uses at the moment. Any number of threads may take
 * one and put it back; a thread mostly finds its own again. Nothing is in a
 * thread's storage: a destructor of ours could run after a program has unloaded
 * us.
 */
#ifndef COMMON_UNIX_HTTP_POOL_H
#define COMMON_UNIX_HTTP_POOL_H

#include "common/unix_http.h"

#define UNIX_HTTP_POOL_MAX 64 /* connections beyond them are closed */

/* All zeroes: none. */
struct unix_http_pool {
	_Atomic(struct unix_http *) idle[UNIX_HTTP_POOL_MAX];
};

/* NULL: there is none. The caller puts it back, or frees it. */
struct unix_http *unix_http_pool_take(struct unix_http_pool *pool);

/* All are to one socket. NULL is allowed. */
void unix_http_pool_put(struct unix_http_pool *pool, struct unix_http *client);

/* Closes those that are idle. */
void unix_http_pool_empty(struct unix_http_pool *pool);

#endif
