/* SPDX-License-Identifier: MIT */
/*
 * One connection of the server.
 *
 * Nobody owns it while it waits for input. Who sees an event of it becomes its
 * owner, if there is none, and all of it but ->state is the owner's until that
 * lets it go; an event meanwhile only leaves a note in ->state (HTTP_NEWS),
 * which the owner finds when it lets go. While a call waits in the lanes or is
 * with its handler, the call is the owner: then whoever answers.
 *
 * One event is told, then none until the owner asks for one more as it lets go:
 * who answers first looks whether the next request is there already, and nobody
 * else is woken for it. So no event says that the peer of a call has left; the
 * clock looks after that.
 *
 * A call that is not answered in time becomes an orphan: its connection is
 * taken out of the pool, answered and closed, and the struct is given back
 * when the call ends as well.
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

/* The lower half of ->state; the upper half is the generation. */
enum {
	HTTP_OWNED = 1 << 0,
	HTTP_BUSY = 1 << 1,     /* a part of a request or an answer waits */
	HTTP_NEWS = 1 << 2,     /* the owner has to look at the socket */
	HTTP_ARMED = 1 << 3,    /* its next event will be told */
	HTTP_GONE = 1 << 4,     /* the peer does not even read any more */
	HTTP_ORPHANED = 1 << 5, /* the call's answer goes nowhere */
};

enum http_phase {
	HTTP_PHASE_REQUEST, /* a request is awaited or read */
	HTTP_PHASE_CALL,    /* a whole one is to be handed over, or is */
	HTTP_PHASE_REST,    /* the rest of an answer waits for the socket */
	HTTP_PHASE_LINGER,  /* all is said; the peer gets time to read it */
	HTTP_PHASE_CLOSED,
};

struct http_call {
	struct http_message message;
	struct http_ticket ticket;
};

struct http_connection {
	struct http_call call; /* the first member: a call is its connection */
	struct http_loop *loop;
	atomic_ullong state;
	unsigned slot;
	atomic_uint parties; /* of an orphan: who still uses it */
	int fd;
	enum http_phase phase;
	bool closes;     /* behind what is being answered */
	bool is_retired; /* takes no request but one that is here already */
	atomic_llong deadline_ms; /* of the phase, or of the stage */
	size_t drained;           /* bytes thrown away while lingering */
	size_t charged;           /* this one's share of ->loop->large_bodies */
	struct http_frame frame;
	struct http_buffer input; /* received behind the request in flight */
	struct http_buffer rest;  /* of an answer */
	struct http_connection *next_claimed;
	struct http_connection *next, **link; /* the pool's */
};

/*
 * Starts to watch fd, as the owner. NULL if that fails; then fd stays the
 * caller's.
 */
struct http_connection *http_connection_create(
    int fd, const struct peer *peer, struct http_loop *loop);

/*
 * Zeroes all but slot, generation, which becomes another one, and ticket, which
 * is idle, but which the lanes may still look at.
 */
void http_connection_clear(struct http_connection *connection);

uint32_t http_connection_generation(const struct http_connection *connection);

/*
 * Leaves HTTP_NEWS, if it is still of this generation. Returns true if nobody
 * owned it: then the caller does.
 */
bool http_connection_notify(
    struct http_connection *connection, uint32_t generation);

/* Makes the caller the owner. Returns false if there is one. */
bool http_connection_claim(struct http_connection *connection);

bool http_connection_is_owned(const struct http_connection *connection);

/* True while no request and no answer is on its way. */
bool http_connection_is_idle(const struct http_connection *connection);

/* Notes that the peer has left; the pool's lock keeps the socket open. */
void http_connection_look_after(struct http_connection *connection);

/* Goes on as far as the socket lets it: reads, or sends the rest. */
void http_connection_advance(struct http_connection *connection);

/*
 * The owner's last act: does what is still to be done, hands over a whole
 * request, lets go, or frees what has ended.
 */
void http_connection_let_go(struct http_connection *connection);

/*
 * As http_connection_let_go(), but first gives the peer a moment to send the
 * next request. Meanwhile it is as idle as any other.
 */
void http_connection_stay(struct http_connection *connection);

/* Sends reply, whose body it takes, to the request that was read. */
void http_connection_answer(
    struct http_connection *connection, struct http_reply *reply);

/*
 * Ends the connection's call, which was taken from the lanes, with reply, whose
 * body it takes; stays there if it may. The connection is not the caller's
 * afterwards.
 */
void http_connection_finish_call(struct http_connection *connection,
    struct http_reply *reply, bool may_stay);

/* The connection whose call has this ticket. */
struct http_connection *http_connection_of(struct http_ticket *ticket);

/* Answers the request that was read with what dispatch would make of err. */
void http_connection_answer_error(
    struct http_connection *connection, const struct error *err);

/*
 * Answers an orphan with err, and closes it. The struct is not the caller's
 * afterwards.
 */
void http_connection_abandon(
    struct http_connection *connection, const struct error *err);

/* One party of an orphan leaves. */
void http_connection_leave_orphan(struct http_connection *connection);

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

/* Answers with an error of ours and closes. */
void http_connection_refuse(
    struct http_connection *connection, unsigned status, const char *problem);

/* Its deadline has passed: 408, or the end. */
void http_connection_expire(struct http_connection *connection);

/*
 * Closes an idle connection. If a request, or the start of one, has arrived
 * just then, it is served: then the phase is not HTTP_PHASE_CLOSED afterwards.
 */
void http_connection_retire(struct http_connection *connection);

/* Sends an error of ours on a socket that has no connection (any more). */
void http_refuse_socket(int fd, unsigned status, const char *problem);

#endif
