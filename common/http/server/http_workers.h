/* SPDX-License-Identifier: MIT */
/*
 * The threads of a server: each runs the calls whose turn it is, and waits for
 * events while there are none.
 */
#ifndef COMMON_HTTP_WORKERS_H
#define COMMON_HTTP_WORKERS_H

#include "http_loop.h"

struct http_workers;

/* Works on events: on up to count, waiting for the first if waits. */
typedef void http_work_on_events(void *context, unsigned count, bool waits);

/* Prepares threads for the lanes of loop; starts none. */
MUST_CHECK enum error_code http_workers_create(struct http_loop *loop,
    http_work_on_events *work, void *context, struct http_workers **ret_workers,
    struct error *err);

/* Starts threads until there are count that are not written off. */
MUST_CHECK enum error_code http_workers_start(
    struct http_workers *workers, unsigned count, struct error *err);

/* Joins the threads that have ended. */
void http_workers_reap(struct http_workers *workers);

/*
 * Ends the threads, waiting for those that run a call. Returns false, and they
 * go on, if any has run too long, or runs still after wait_ms.
 */
bool http_workers_end(struct http_workers *workers, int64_t wait_ms);

/* Releases workers, whose threads have ended. */
void http_workers_free(struct http_workers *workers);
DEFINE_CLEANUP(http_workers, struct http_workers, http_workers_free)

#endif
