/* SPDX-License-Identifier: MIT */
/* How often each route was called, how it was answered, and how long it took.
 */
#ifndef COMMON_HTTP_METRICS_H
#define COMMON_HTTP_METRICS_H

#include "common/http_server.h"
#include "common/metrics.h"

/*
 * For the routes of a service, which are borrowed; then its member metrics is
 * to be set. NULL: no memory.
 */
struct http_metrics *http_metrics_create(
    const struct http_route *routes, size_t count);
void http_metrics_free(struct http_metrics *metrics);
DEFINE_CLEANUP(http_metrics, struct http_metrics, http_metrics_free)

/* Counts an answer of route; NULL: of none. Any thread. */
void http_metrics_count(struct http_metrics *metrics,
    const struct http_route *route, unsigned status, int64_t microseconds);

/*
 * Writes signet_http_requests_total{method,route,status} and
 * signet_http_request_duration_seconds{method,route}. What matched no route is
 * not named: it is what the client says.
 */
void http_metrics_write(
    const struct http_metrics *metrics, struct metrics_text *text);

/*
 * Writes what the server behind call does: signet_http_lane_*{lane},
 * signet_http_connections and signet_http_answers_total{class}; nothing if call
 * is NULL.
 */
void http_metrics_write_server(
    const struct http_call *call, struct metrics_text *text);

#endif
