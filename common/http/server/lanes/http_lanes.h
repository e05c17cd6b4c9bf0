/* SPDX-License-Identifier: MIT */
/*
 * Whose turn it is: the calls that wait, lane by lane and uid by uid, and the
 * workers that run them. It knows neither sockets nor threads; all functions
 * may be called from any thread.
 *
 * A lane runs as many calls at once as it has places. Calls of one uid are
 * run in the order in which they came, uids take turns: a greedy uid delays
 * itself first.
 */
#ifndef COMMON_HTTP_LANES_H
#define COMMON_HTTP_LANES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/http_server.h"

/* So many threads may hang before their places are lost. */
#define HTTP_WRITTEN_OFF_MAX 32

struct http_lanes;
struct http_worker;

enum http_ticket_state {
	HTTP_TICKET_IDLE, /* there is no call */
	HTTP_TICKET_QUEUED,
	HTTP_TICKET_RUNNING,
	HTTP_TICKET_DEFERRED, /* its handler answers later */
	HTTP_TICKET_ORPHANED, /* answered by others; see http_lanes_answer() */
};

/* A call in the lanes. A zeroed one is idle; all members are of the lanes. */
struct http_ticket {
	struct http_ticket *next; /* in a list that the lanes hand out, too */
	enum http_ticket_state state;
	unsigned lane;
	uid_t uid;
	int64_t deadline_ms;        /* for the wait */
	struct http_worker *worker; /* that runs it */
};

/* Who runs calls; zeroed at first. All members are of the lanes; the last two
 * may be read by the worker itself while it has no call. */
struct http_worker {
	struct http_worker *next;
	struct http_ticket *ticket;
	bool has_place;
	unsigned lane;
	int64_t late_ms; /* when its call will have run too long */
	bool written_off;
	bool is_replaced;
};

/* Copies lanes; there is at least one. */
MUST_CHECK enum error_code http_lanes_create(const struct http_lane *lanes,
    size_t count, struct http_lanes **ret_lanes, struct error *err);
void http_lanes_free(struct http_lanes *lanes);
DEFINE_CLEANUP(http_lanes, struct http_lanes, http_lanes_free)

/*
 * A lane runs so many calls at once from now on. Returns how many all lanes
 * run, without places that are lost to threads that hang; and in *ret_is_ready
 * whether it is the turn of a call: a place that has become free by this, or by
 * http_lanes_write_off(), no thread has heard of.
 */
unsigned http_lanes_resize(struct http_lanes *lanes, unsigned lane,
    unsigned places, bool *ret_is_ready);

enum http_push {
	HTTP_PUSH_DONE,
	HTTP_PUSH_OVER,     /* there are no more calls */
	HTTP_PUSH_HOPELESS, /* all places of the lane are lost */
	HTTP_PUSH_ORPHANED, /* the call was answered by others meanwhile */
};

/*
 * Lets the call wait in lane, with uid for its next turn; also a call that was
 * deferred. Unless HTTP_PUSH_DONE the ticket is idle (or orphaned).
 */
MUST_CHECK enum http_push http_lanes_push(struct http_lanes *lanes,
    struct http_ticket *ticket, unsigned lane, uid_t uid, int64_t now_ms);

/*
 * Takes the call whose turn it is for worker, whose call before has ended by
 * that. NULL if there is none, and for a worker that hung so long that another
 * has its place: it is written_off. *ret_more: another could run one, too.
 */
MUST_CHECK struct http_ticket *http_lanes_take(struct http_lanes *lanes,
    struct http_worker *worker, int64_t now_ms, bool *ret_more);

/*
 * Ends the call, to be answered by who asks. False if others have answered:
 * then the ticket stays orphaned. *ret_more: a call that waits could run now.
 */
MUST_CHECK bool http_lanes_answer(
    struct http_lanes *lanes, struct http_ticket *ticket, bool *ret_more);

/* Makes the ticket of an orphan that has ended idle. */
void http_lanes_forget(struct http_lanes *lanes, struct http_ticket *ticket);

/* Makes an orphan of a call that runs or is deferred; else returns false. */
bool http_lanes_orphan(struct http_lanes *lanes, struct http_ticket *ticket);

/*
 * Takes the calls that wait past now_ms: idle tickets, linked by ->next.
 * *next_ms becomes the time when the next will have, if that is earlier.
 */
struct http_ticket *http_lanes_take_expired(
    struct http_lanes *lanes, int64_t now_ms, int64_t *next_ms);

/* Takes all calls that wait; there will be no more. */
struct http_ticket *http_lanes_end(struct http_lanes *lanes);

/* A worker that was written off. */
struct http_written_off {
	struct http_ticket *ticket; /* its call, an orphan now, or NULL */
	unsigned lane;
	bool is_replaced; /* start another worker */
};

/*
 * Writes off a worker whose call runs past now_ms. Returns false if there is
 * none; then *next_ms becomes the time when there will be, if that is earlier.
 */
bool http_lanes_write_off(struct http_lanes *lanes, int64_t now_ms,
    struct http_written_off *ret_written_off, int64_t *next_ms);

/* How many calls run that have not run too long; in *ret_late the others. */
unsigned http_lanes_running(struct http_lanes *lanes, unsigned *ret_late);

/* Fills what ret_figures has room for; returns how many lanes there are. */
size_t http_lanes_figures(struct http_lanes *lanes,
    struct http_lane_figures *ret_figures, size_t room);

#endif
