/* SPDX-License-Identifier: MIT */
#include "common/http_metrics.h"

#include <inttypes.h>
#include <stdio.h>

/* What dispatch and handlers answer with; another one counts as the last. */
static const unsigned statuses[] = {
    200, 201, 202, 204, 400, 401, 404, 408, 415, 422, 503, 500};

#define STATUSES (sizeof(statuses) / sizeof(statuses[0]))

struct route_metrics {
	atomic_uint_fast64_t answers[STATUSES];
	struct metrics_histogram durations;
};

struct http_metrics {
	const struct http_route *routes;
	size_t count;
	struct route_metrics items[]; /* count, and one for no route */
};

struct http_metrics *
http_metrics_create(const struct http_route *routes, size_t count)
{
	struct http_metrics *metrics = calloc(
	    1, sizeof(*metrics) + (count + 1) * sizeof(metrics->items[0]));

	if (metrics) {
		metrics->routes = routes;
		metrics->count = count;
	}
	return metrics;
}

void
http_metrics_free(struct http_metrics *metrics)
{
	free(metrics);
}

void
http_metrics_count(struct http_metrics *metrics, const struct http_route *route,
    unsigned status, int64_t microseconds)
{
	size_t index =
	    route ? (size_t)(route - metrics->routes) : metrics->count;
	size_t place = 0;

	while (place < STATUSES - 1 && statuses[place] != status)
		place++;
	(void)atomic_fetch_add_explicit(
	    &metrics->items[index].answers[place], 1, memory_order_relaxed);
	metrics_observe(&metrics->items[index].durations, microseconds);
}

/* The labels of a route; the third is for the status. */
static void
label(const struct http_metrics *metrics, size_t index,
    struct metrics_label labels[4])
{
	bool is_route = index < metrics->count;

	labels[0] = (struct metrics_label){
	    "method", is_route ? metrics->routes[index].method : ""};
	labels[1] = (struct metrics_label){
	    "route", is_route ? metrics->routes[index].pattern : ""};
	labels[2] = labels[3] = (struct metrics_label){0};
}

static void
write_answers(
    const struct http_metrics *metrics, size_t index, struct metrics_text *text)
{
	struct metrics_label labels[4];
	char status[8];

	label(metrics, index, labels);
	labels[2] = (struct metrics_label){"status", status};
	for (size_t i = 0; i < STATUSES; i++) {
		uint64_t count = atomic_load(&metrics->items[index].answers[i]);

		(void)snprintf(status, sizeof(status), "%u", statuses[i]);
		if (count > 0)
			metrics_sample(text, labels, count);
	}
}

void
http_metrics_write(
    const struct http_metrics *metrics, struct metrics_text *text)
{
	struct metrics_label labels[4];

	metrics_family(text, "signet_http_requests_total", METRICS_COUNTER,
	    "Requests that were answered, by route and status.");
	for (size_t i = 0; i <= metrics->count; i++)
		write_answers(metrics, i, text);
	metrics_family(text, "signet_http_request_duration_seconds",
	    METRICS_HISTOGRAM,
	    "How long requests were worked on, without waiting for it.");
	for (size_t i = 0; i <= metrics->count; i++) {
		label(metrics, i, labels);
		metrics_sample_histogram(
		    text, labels, &metrics->items[i].durations);
	}
}
