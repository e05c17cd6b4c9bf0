/* SPDX-License-Identifier: MIT */
/* Apart from http_metrics.c, which dispatch needs without a server. */
#include <string.h>

#include "common/http_metrics.h"

static void
write_lanes(const struct http_figures *figures, struct metrics_text *text,
    const char *name, const char *help, size_t offset)
{
	metrics_family(text, name, METRICS_GAUGE, help);
	for (size_t i = 0; i < figures->lane_count; i++) {
		const struct http_lane_figures *lane = &figures->lanes[i];
		const struct metrics_label labels[] = {
		    {"lane", lane->name},
		    {NULL,   NULL      },
		};
		unsigned value;

		memcpy(&value, (const char *)lane + offset, sizeof(value));
		metrics_sample(text, labels, value);
	}
}

static void
write_served(const struct http_figures *figures, struct metrics_text *text)
{
	metrics_family(text, "signet_http_lane_served_total", METRICS_COUNTER,
	    "Requests that have run in a lane.");
	for (size_t i = 0; i < figures->lane_count; i++) {
		const struct metrics_label labels[] = {
		    {"lane", figures->lanes[i].name},
		    {NULL,   NULL                  },
		};

		metrics_sample(text, labels, figures->lanes[i].served);
	}
}

/* All of them, also those that no route gave: 408, 413, 431, 503. */
static void
write_classes(const struct http_figures *figures, struct metrics_text *text)
{
	static const char *const classes[] = {
	    NULL, NULL, "2xx", NULL, "4xx", "5xx"};

	metrics_family(text, "signet_http_answers_total", METRICS_COUNTER,
	    "Answers, by the class of their status.");
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		const struct metrics_label labels[] = {
		    {"class", classes[i]},
		    {NULL,    NULL      },
		};

		if (classes[i])
			metrics_sample(text, labels, figures->answers[i]);
	}
}

#define LANE(member) offsetof(struct http_lane_figures, member)

void
http_metrics_write_server(
    const struct http_call *call, struct metrics_text *text)
{
	CLEANUP_DONE(http_figures)
	struct http_figures figures = {.lanes = NULL};

	if (!call)
		return;
	http_call_figures(call, &figures);
	write_lanes(&figures, text, "signet_http_lane_running",
	    "Requests that run now.", LANE(running));
	write_lanes(&figures, text, "signet_http_lane_waiting",
	    "Requests that wait for their turn.", LANE(waiting));
	write_lanes(&figures, text, "signet_http_lane_places",
	    "How many requests may run at once.", LANE(places));
	write_lanes(&figures, text, "signet_http_lane_written_off",
	    "Threads that have run too long.", LANE(written_off));
	write_served(&figures, text);
	metrics_family(text, "signet_http_connections", METRICS_GAUGE,
	    "Connections that are open.");
	metrics_sample(text, NULL, figures.connections);
	write_classes(&figures, text);
}
