/* SPDX-License-Identifier: MIT */
/*
 * Calls that wait for a place, uid by uid: those of one uid keep their order,
 * and uids take turns. No locks: whose it is, the lanes, has one.
 */
#ifndef COMMON_HTTP_TURNS_H
#define COMMON_HTTP_TURNS_H

#include "http_lanes.h"

struct http_queue;

/* Begins with http_turns_init(). */
struct http_turns {
	struct http_queue *first, **end; /* whose turn it is is the first */
	struct http_queue *spare;
	unsigned waiting;
};

void http_turns_init(struct http_turns *turns);

/* Releases the queues; the tickets are their owners'. */
void http_turns_done(struct http_turns *turns);

/* Puts ticket behind the others of its uid. Returns false without memory. */
MUST_CHECK bool http_turns_add(
    struct http_turns *turns, struct http_ticket *ticket);

/* Takes the first of the uid whose turn it is; NULL if nobody waits. */
struct http_ticket *http_turns_take(struct http_turns *turns);

/*
 * Takes those whose deadline is not after now_ms, makes them idle and puts
 * them before *taken. *next_ms becomes the next deadline, if that is earlier.
 */
void http_turns_take_expired(struct http_turns *turns, int64_t now_ms,
    int64_t *next_ms, struct http_ticket **taken);

#endif
