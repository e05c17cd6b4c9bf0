/* SPDX-License-Identifier: MIT */
/* How the owner of a connection lets go of it, and learns of its next event. */
#ifndef COMMON_HTTP_OWNERSHIP_H
#define COMMON_HTTP_OWNERSHIP_H

#include "http_connection.h"

/* Begins to watch the socket, armed. Returns false if that fails. */
bool http_connection_watch(struct http_connection *connection);

/*
 * Asks for one event, of what the phase awaits, unless one is asked for
 * already. Returns false if that fails.
 */
bool http_connection_arm(struct http_connection *connection);

/* What was asked for is not what is awaited now. */
void http_connection_disarm(struct http_connection *connection);

/* Lets go. Returns false if there are news: then it stays owned. */
bool http_connection_disown(struct http_connection *connection);

/*
 * Becomes the owner again, if nobody is and it is still of this generation.
 * Returns false otherwise.
 */
bool http_connection_own(
    struct http_connection *connection, uint32_t generation);

#endif
