/* SPDX-License-Identifier: MIT */
/*
 * A real http_server on a Unix socket in a folder of its own, with workers
 * behind it, and a peer that speaks to it in raw bytes.
 *
 * Its routes, all of api-version 2026-12-01:
 *	GET    /length/{}   {"text":"aaa..."} with that many letters
 *	GET    /plain       text/plain
 *	GET    /hold        answered when http_fixture_release() is called
 *	POST   /echo        the body
 *	DELETE /thing       204
 */
#ifndef HTTP_FIXTURE_H
#define HTTP_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/http_server.h"

#define HTTP_FIXTURE_VERSION "?api-version=2026-12-01"
#define HTTP_FIXTURE_ANSWER_MAX (64 * 1024)

struct http_fixture;

/* Starts a server. options gives timeouts and limits; the rest is set here. */
struct http_fixture *http_fixture_start(struct http_server_options options);

/* Stops it, and starts another one at the same path. */
void http_fixture_restart(struct http_fixture *fixture);

/* Tells the server to stop, without waiting for it. */
void http_fixture_begin_stop(struct http_fixture *fixture);

/* Stops the server if it still runs, and releases everything. */
void http_fixture_stop(struct http_fixture *fixture);

/* The path of the socket. */
const char *http_fixture_path(const struct http_fixture *fixture);

/* Waits until count calls are held. */
void http_fixture_await_held(struct http_fixture *fixture, unsigned count);

/* Waits until a held call is abandoned. */
void http_fixture_await_abandoned(struct http_fixture *fixture);

/* Answers what is held. */
void http_fixture_release(struct http_fixture *fixture);

/* How many calls have been handed to a handler. */
unsigned http_fixture_served(struct http_fixture *fixture);

/* A socket connected to the server, whose reads time out after a while. */
int peer_connect(const struct http_fixture *fixture);

void peer_send(int fd, const char *text);

/* Everything up to the end of the connection. */
struct peer_answer {
	size_t length;
	char text[HTTP_FIXTURE_ANSWER_MAX];
};

/* Receives to the end of the connection. */
void peer_receive_all(int fd, struct peer_answer *ret_answer);

/* Receives what one recv() gives. Returns false at the end. */
bool peer_receive_once(int fd, struct peer_answer *ret_answer);

/* True if the server closes within a second without saying anything. */
bool peer_is_closed(int fd);

#endif
