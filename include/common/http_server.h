/* SPDX-License-Identifier: MIT */
/*
 * HTTP/1.1 over a Unix socket: one epoll loop that frames requests, and replies
 * from any thread.
 *
 * A connection belongs to the loop while a request is read, and to whoever
 * answers while one is in flight; it has at most one in flight, and what the
 * peer pipelines behind it waits in the socket. The loop never blocks and
 * never works: accept hands the call to a queue.
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

#include "common/http.h"

#define HTTP_HEAD_MAX ((size_t)16 * 1024)
#define HTTP_BODY_MAX ((size_t)1024 * 1024)
#define HTTP_CONNECTIONS_MAX 1024
#define HTTP_CONNECTIONS_PER_UID_MAX 512

struct http_server;

/* The request behind call; valid until it is answered. */
const struct http_message *http_call_message(const struct http_call *call);

/*
 * Sends reply and ends call, which must not be used afterwards. From any
 * thread, exactly once per call. Takes reply->body. Never blocks: what the
 * socket does not take at once is sent by the loop.
 */
void http_call_answer(struct http_call *call, struct http_reply *reply);

/* True once the peer is gone, so that the work can be skipped. Any thread. */
bool http_call_is_abandoned(const struct http_call *call);

/*
 * Makes the server accept call once more, on the loop's thread, as if it had
 * just been received. From any thread, instead of answering it.
 */
void http_call_resubmit(struct http_call *call);

/* Takes over call on the loop's thread. Must not block. */
typedef void http_accept(void *context, struct http_call *call);

struct http_server_options {
	const char *socket_path; /* unless systemd passed one (LISTEN_FDS) */
	unsigned socket_mode;    /* e.g. 0660 */
	http_accept *accept;
	void *context;
	/* 0 means the default. */
	unsigned head_timeout_ms; /* 5000: from first byte to end of head */
	unsigned body_timeout_ms; /* 5000: from end of head to end of body */
	unsigned idle_timeout_ms; /* 60000: between requests */
	unsigned stop_timeout_ms; /* 5000: for calls in flight when stopping */
	unsigned connections_max; /* HTTP_CONNECTIONS_MAX */
};

/*
 * Listens. A socket that a dead daemon left at socket_path is replaced; any
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
 * 503; the call stays valid until it is answered, which then goes nowhere.
 */
MUST_CHECK enum error_code http_server_run(
    struct http_server *server, struct error *err);

/* Makes http_server_run() return. From any thread or a signal handler. */
void http_server_stop(struct http_server *server);

/* Releases server; unlinks the socket unless systemd owns it. */
void http_server_close(struct http_server *server);
DEFINE_CLEANUP(http_server, struct http_server, http_server_close)

#endif
