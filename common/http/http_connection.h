/* SPDX-License-Identifier: MIT */
/*
 * One connection of the server.
 *
 * It belongs to the loop, save while a call is in flight: then all of it but
 * ->flags belongs to whoever answers. Who answers gives it back in one of two
 * ways. If nothing happened on the socket meanwhile, clearing ->flags is all:
 * the connection waits for its next request, and edge-triggered epoll will
 * tell the loop. Else it goes through the loop's mailbox. Only the loop frees
 * a connection, unless it gave it up (HTTP_ORPHANED) when the server stopped.
 */
#ifndef COMMON_HTTP_CONNECTION_H
#define COMMON_HTTP_CONNECTION_H

#include <stdatomic.h>
#include <stdint.h>

#include "common/http_server.h"

#include "http_buffer.h"
#include "http_frame.h"
#include "http_loop.h"

#define HTTP_RECEIVE_MAX (16 * 1024) /* in one call */

/* Bits of ->flags. */
enum {
	HTTP_IN_FLIGHT = 1 << 0, /* a call is with whoever answers */
	HTTP_ANSWERING = 1 << 1, /* who answers is about to give it back */
	HTTP_NEWS = 1 << 2,      /* the loop has to look at the socket */
	HTTP_ENDED = 1 << 3,     /* the peer sends no more */
	HTTP_GONE = 1 << 4,      /* the peer does not even read any more */
	HTTP_ORPHANED = 1 << 5,  /* the loop has closed it; who answers frees */
};

enum http_phase {
	HTTP_PHASE_REQUEST, /* a request is awaited, read or in flight */
	HTTP_PHASE_REST,    /* the rest of an answer waits for the socket */
	HTTP_PHASE_LINGER,  /* all is said; the peer gets time to read it */
	HTTP_PHASE_CLOSED,
};

struct http_call {
	struct http_message message;
};

struct http_connection {
	struct http_call call; /* the first member: a call is its connection */
	struct http_loop *loop;
	atomic_uint flags;
	int fd;
	enum http_phase phase;
	bool closes;         /* behind what is being answered */
	bool resubmit;       /* in the mailbox to be accepted again */
	int64_t deadline_ms; /* of the phase, or of the stage of the request */
	size_t drained;      /* bytes thrown away while lingering */
	size_t charged;      /* this one's share of ->loop->large_bodies */
	struct http_frame frame;
	struct http_buffer input; /* received behind the request in flight */
	struct http_buffer rest;  /* of an answer */
	struct http_connection *next_mail;
	struct http_connection *next, **link; /* the loop's list */
};

/* Starts to watch fd. NULL if that fails; then fd stays the caller's. */
struct http_connection *http_connection_create(
    int fd, const struct peer *peer, struct http_loop *loop);

/* Closes the socket. The loop's thread only. */
void http_connection_free(struct http_connection *connection);

/* Releases an orphan, whose socket and loop are gone. */
void http_connection_free_orphan(struct http_connection *connection);

/* True while a call is with whoever answers. */
bool http_connection_is_in_flight(const struct http_connection *connection);

/* True while no request and no answer is on its way. */
bool http_connection_is_idle(const struct http_connection *connection);

/*
 * Goes on as far as the socket lets it: reads, hands over a call, sends the
 * rest of an answer. Afterwards the connection may be in flight, hence not the
 * loop's, or in HTTP_PHASE_CLOSED, to be freed.
 */
void http_connection_advance(struct http_connection *connection);

/*
 * Returns 0 at the end, also when the peer is gone; -1: there is nothing now.
 */
ssize_t http_connection_receive(
    struct http_connection *connection, char *data, size_t size);

/* Reads as much of a request as there is, and hands it over when it is whole.
 */
void http_connection_read(struct http_connection *connection);

void http_connection_set_deadline(
    struct http_connection *connection, int64_t timeout_ms);

/* Goes on with what came through the mailbox. */
void http_connection_take_back(struct http_connection *connection);

/* Answers with an error of ours and closes. */
void http_connection_refuse(
    struct http_connection *connection, unsigned status, const char *problem);

/* Its deadline has passed: 408, or the end. */
void http_connection_expire(struct http_connection *connection);

/*
 * Closes an idle connection. If a request has arrived just then, it is served
 * and closed behind: then the phase is not HTTP_PHASE_CLOSED afterwards.
 */
void http_connection_retire(struct http_connection *connection);

/* Sends an error of ours on a socket that has no connection (any more). */
void http_refuse_socket(int fd, unsigned status, const char *problem);

#endif
