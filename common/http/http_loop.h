/* SPDX-License-Identifier: MIT */
/* What the connections of a server know of it. */
#ifndef COMMON_HTTP_LOOP_H
#define COMMON_HTTP_LOOP_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "common/http_server.h"

/* What we say to whom we cannot answer any more. */
#define HTTP_STOPS "the service stops; try again later"

struct http_connection;

struct http_loop {
	const struct http_server_options *options;
	int epoll;
	int wake;   /* an eventfd */
	bool stops; /* the loop's: no further requests on a connection */
	bool over;  /* the loop's: no further calls at all */
	size_t large_bodies;  /* the loop's: bytes of bodies that are charged */
	pthread_mutex_t lock; /* guards mail, and the write to wake */
	struct http_connection *mail; /* on the way back to the loop */
};

#endif
