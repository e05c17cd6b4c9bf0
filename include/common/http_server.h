/* SPDX-License-Identifier: MIT */
/*
 * HTTP/1.1 over a Unix socket: a pool of threads that all wait for the same
 * connections. Who gets a request reads it, runs the call whose turn it is,
 * which is mostly this one, and sends the answer, all on one thread.
 *
 * A connection has at most one call at a time; what the peer pipelines behind
 * it waits in the socket. Calls wait and run in lanes, so that what is slow
 * holds up nothing else, and in a lane the uids take turns. A clock watches
 * over all of it: what waits, runs or stalls too long is answered by it.
 *
 * Promises, which aziot's clients rely on: every answer is JSON in the form
 * that the pages of docs/protocol-*.md state, its head in one write with the
 * start of the body, below 512 bytes and 16 fields; content-type is exactly
 * "application/json"; a 204 closes; nothing that has begun to be sent to us is
 * closed in silence: a head or body that stalls gets 408, an oversized head
 * 431, an oversized body 413, garbage 400, too many connections or large bodies
 * at once 503. An idle connection (nothing received since the last answer) may
 * be closed.
 */
#ifndef COMMON_HTTP_SERVER_H
#define COMMON_HTTP_SERVER_H

#include <stdint.h>

#include "common/http.h"

#define HTTP_HEAD_MAX ((size_t)16 * 1024)
#define HTTP_BODY_MAX ((size_t)1024 * 1024)
#define HTTP_CONNECTIONS_MAX 1024
#define HTTP_CONNECTIONS_PER_UID_MAX 512
#define HTTP_SOCKETS_MAX 4

struct http_server;

/*
 * Sends reply and ends a call that its handler deferred; call must not be used
 * afterwards. From any thread, once per call. Takes reply->body. Never blocks:
 * what the socket does not take at once is sent later.
 */
void http_call_answer(struct http_call *call, struct http_reply *reply);

/*
 * When a call that waits is to be answered at the latest, by
 * time_monotonic_ms(): timeout_ms after this was first asked for it, however
 * often it has been dispatched since.
 */
int64_t http_call_end(struct http_call *call, int64_t timeout_ms);

/* True once the peer is gone, so that the work can be skipped. Any thread. */
bool http_call_is_abandoned(const struct http_call *call);

/*
 * Dispatches a deferred call once more, as if it had just been received. From
 * any thread, instead of answering it.
 */
void http_call_resubmit(struct http_call *call);

/* As http_call_resubmit(), in another lane than before. */
void http_call_move(struct http_call *call, unsigned lane);

/* Calls that share threads. A route names its lane by the number. */
struct http_lane {
	const char *name; /* borrowed */
	unsigned workers; /* how many calls of it run at once; > 0 */
	unsigned wait_ms; /* how long one waits for its turn, then 503; > 0 */
	/* How long one runs, then 503, and its thread is written off; 0: ever.
	 */
	unsigned run_ms;
};

/* True if systemd has passed a socket that is called name. */
bool http_server_is_passed(const char *name);

struct http_server_options {
	/*
	 * Where to listen, unless systemd passed sockets (LISTEN_FDS): of those
	 * it takes all that are called name (FileDescriptorName=), the one at
	 * socket_path, and one that is alone.
	 */
	const char *socket_path;
	/* Further sockets, up to the first NULL, whatever systemd passed. */
	const char *more_paths[HTTP_SOCKETS_MAX];
	unsigned socket_mode; /* e.g. 0660 */
	const char *name;     /* also of the threads, in 15 bytes */
	/*
	 * Of the sockets that systemd passed none is taken for being alone, and
	 * where none is ours one is made: for the second server of a process.
	 */
	bool is_second;
	const struct http_service *service; /* borrowed */
	const struct http_lane *lanes;
	size_t lane_count; /* > 0 */

	/* All may be NULL. They are called by the clock, hence must not block.
	 */
	void *context;
	/* Says in err, which has a default, why a call of lane is late. */
	void (*late)(void *context, unsigned lane, struct error *err);
	/* How many calls of lane may run at once now. */
	unsigned (*places)(void *context, unsigned lane);
	/* Is called about once a second, or more often. */
	void (*tick)(void *context);
	/* Is called while calls in flight are waited for, see daemon.h. */
	void (*stops)(void *context);
	unsigned tick_ms; /* the longest time between two; 0: no matter */

	/* 0 means the default. */
	unsigned head_timeout_ms; /* 5000: from first byte to end of head */
	unsigned body_timeout_ms; /* 5000: from end of head to end of body */
	unsigned idle_timeout_ms; /* 60000: between requests */
	unsigned stop_timeout_ms; /* 5000: for calls in flight when stopping */
	unsigned connections_max; /* HTTP_CONNECTIONS_MAX */
};

/*
 * Listens. A socket that a dead daemon left where one is made is replaced; any
 * other file there, or a daemon that still answers, is an error.
 *
 * Fails with ERROR_EXISTS, ERROR_DENIED or ERROR_INTERNAL.
 */
MUST_CHECK enum error_code http_server_open(
    const struct http_server_options *options, struct http_server **ret_server,
    struct error *err);

/*
 * Serves until http_server_stop(): then stops accepting, waits for calls in
 * flight up to the stop timeout, and returns. Who is not answered by then gets
 * 503; a deferred call stays valid until it is answered, which then goes
 * nowhere, also after http_server_close().
 *
 * *ret_hangs: threads are still in handlers that have run too long. They use
 * what the handlers use, so there is nothing left to do but _exit().
 */
MUST_CHECK enum error_code http_server_run(
    struct http_server *server, bool *ret_hangs, struct error *err);

/* Makes http_server_run() return. From any thread or a signal handler. */
void http_server_stop(struct http_server *server);

/* Figures of one lane. */
struct http_lane_figures {
	const char *name;
	unsigned places;
	unsigned running;
	unsigned waiting;
	unsigned written_off; /* threads that hang */
	uint64_t served;      /* calls that have been run */
};

struct http_figures {
	struct http_lane_figures *lanes;
	size_t lane_count;
	unsigned connections;
	uint64_t answers[6]; /* by the first digit of the status */
};

/* Releases the contents, not the struct. */
void http_figures_done(struct http_figures *figures);

/*
 * What the server behind request->call does; all zero if there is none. There
 * are no lanes if there is no memory. The contents are the caller's.
 */
void http_call_figures(
    const struct http_call *call, struct http_figures *ret_figures);

/* Releases server; unlinks the sockets that systemd does not own. */
void http_server_close(struct http_server *server);
DEFINE_CLEANUP(http_server, struct http_server, http_server_close)

#endif
