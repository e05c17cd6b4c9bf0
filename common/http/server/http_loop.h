/* SPDX-License-Identifier: MIT */
/*
 * What the connections of a server share. It lives as long as the server, and
 * as any call that its handler has not answered yet.
 */
#ifndef COMMON_HTTP_LOOP_H
#define COMMON_HTTP_LOOP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "common/http_server.h"

#include "http_lanes.h"
#include "http_pool.h"
#include "patience.h"

/* What we say to whom we cannot answer any more. */
#define HTTP_STOPS "the service stops; try again later"

/* What else there are events of. A connection has slot and generation. */
#define HTTP_EVENT_LISTENER UINT64_MAX
#define HTTP_EVENT_WAKE (UINT64_MAX - 1)

struct http_loop {
	struct http_server_options options;
	int epoll;
	int wake;                   /* an eventfd: one thread more is needed */
	atomic_bool stops;          /* no further requests on a connection */
	atomic_size_t large_bodies; /* bytes of bodies that are charged */
	atomic_ullong answers[6];
	struct patience patience; /* with peers that may ask again at once */
	atomic_uint references;
	struct http_lanes *lanes;
	struct http_pool pool;
};

/* A loop for options, which are copied, with one reference. */
MUST_CHECK enum error_code http_loop_create(
    const struct http_server_options *options, struct http_loop **ret_loop,
    struct error *err);

/* Adds a reference; returns loop. */
struct http_loop *http_loop_keep(struct http_loop *loop);

/* Ends a reference, the last of which is the end of loop. */
void http_loop_release(struct http_loop *loop);

/* Wakes a thread: there is work in the lanes, or it is to end. */
void http_loop_wake(struct http_loop *loop);

#endif
