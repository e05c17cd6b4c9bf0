/* SPDX-License-Identifier: MIT */
/*
 * A real http_server on a Unix socket in a folder of its own, with workers
 * behind it.
 *
 * Its routes, all of api-version 2026-12-01:
 *	GET    /length/{}   {"text":"aaa..."} with that many letters
 *	GET    /plain       text/plain
 *	GET    /hold        answered when http_fixture_release() is called
 *	GET    /hang        hangs in its thread until then; one at a time, and
 *	                    it may run for HTTP_FIXTURE_SHORT_MS only
 *	POST   /echo        the body
 *	DELETE /thing       204
 */
#ifndef HTTP_FIXTURE_H
#define HTTP_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/http_server.h"

#define HTTP_FIXTURE_VERSION "?api-version=2026-12-01"

/* The timeouts of a hasty server; it is idle four times as long. */
#define HTTP_FIXTURE_SHORT_MS 150

/* What a small server has room for; one uid may have half of it. */
#define HTTP_FIXTURE_SMALL 8

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

/*
 * Answers what is held; what hangs goes on. A server that stops with a thread
 * that hangs cannot be closed, so a test in which some do holds a call, too:
 * then this waits until they have come back.
 */
void http_fixture_release(struct http_fixture *fixture);

/* How many calls hang. */
unsigned http_fixture_hanging(struct http_fixture *fixture);

/* Servers for cmocka's setup: with the usual timeouts, with short ones, small.
 */
int http_fixture_patient(void **state);
int http_fixture_hasty(void **state);
int http_fixture_small(void **state);
int http_fixture_teardown(void **state);

#define HTTP_PATIENT(test)                                                     \
	cmocka_unit_test_setup_teardown(                                       \
	    test, http_fixture_patient, http_fixture_teardown)
#define HTTP_HASTY(test)                                                       \
	cmocka_unit_test_setup_teardown(                                       \
	    test, http_fixture_hasty, http_fixture_teardown)
#define HTTP_SMALL(test)                                                       \
	cmocka_unit_test_setup_teardown(                                       \
	    test, http_fixture_small, http_fixture_teardown)

#endif
