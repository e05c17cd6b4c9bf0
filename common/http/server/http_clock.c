/* SPDX-License-Identifier: MIT */
#include "http_clock.h"

#include "common/log.h"
#include "common/time.h"

#include "http_connection.h"

#define PERIOD_MS 1000
#define SETTLE_MS 2 /* for an answer that is just being sent */

static void
shorten(int64_t *period_ms, unsigned timeout_ms)
{
	if (timeout_ms > 0 && timeout_ms < *period_ms)
		*period_ms = timeout_ms;
}

/* New deadlines are never nearer than the next look. */
void
http_clock_init(struct http_clock *ret_clock, struct http_loop *loop,
    struct http_workers *workers)
{
	const struct http_server_options *options = &loop->options;
	int64_t period_ms = PERIOD_MS;

	shorten(&period_ms, options->head_timeout_ms);
	shorten(&period_ms, options->body_timeout_ms);
	shorten(&period_ms, options->idle_timeout_ms);
	shorten(&period_ms, options->tick_ms);
	for (size_t i = 0; i < options->lane_count; i++) {
		shorten(&period_ms, options->lanes[i].wait_ms);
		shorten(&period_ms, options->lanes[i].run_ms);
	}
	*ret_clock = (struct http_clock){
	    .loop = loop, .workers = workers, .period_ms = period_ms};
}

/* Answers calls that have waited in vain. */
static void
dismiss(struct http_loop *loop, struct http_ticket *list, const char *reason)
{
	while (list) {
		struct http_connection *connection = http_connection_of(list);
		struct error err;

		list = list->next;
		(void)error_set(&err, ERROR_UNAVAILABLE, "%s", reason);
		http_connection_answer_error(connection, &err);
		http_connection_let_go(connection);
		http_loop_wake(loop);
	}
}

static void
answer_late(struct http_loop *loop, const struct http_written_off *late)
{
	const struct http_server_options *options = &loop->options;
	struct http_connection *connection;
	struct error err;

	(void)error_set(&err, ERROR_TIMEOUT,
	    "the request took longer than %u ms and has been given up; "
	    "try again later",
	    options->lanes[late->lane].run_ms);
	if (options->late)
		options->late(options->context, late->lane, &err);
	log_warning("%s: %s", options->lanes[late->lane].name, err.message);
	if (!late->ticket)
		return;
	connection = http_connection_of(late->ticket);
	http_pool_remove(&loop->pool, connection);
	http_connection_abandon(connection, &err);
}

static void
expire(struct http_loop *loop, int64_t now_ms, int64_t *next_ms)
{
	struct http_connection *list =
	    http_pool_claim(&loop->pool, now_ms, next_ms);

	while (list) {
		struct http_connection *connection = list;

		list = connection->next_claimed;
		http_connection_expire(connection);
		http_connection_let_go(connection);
		http_loop_wake(loop);
	}
}

enum error_code
http_clock_adapt(const struct http_clock *clock, struct error *err)
{
	struct http_loop *loop = clock->loop;
	const struct http_server_options *options = &loop->options;
	unsigned total = 0;
	bool is_ready = false;

	for (unsigned i = 0; i < options->lane_count; i++)
		total = http_lanes_resize(loop->lanes, i,
		    options->places ? options->places(options->context, i)
				    : options->lanes[i].workers,
		    &is_ready);
	if (is_ready)
		http_loop_wake(loop);
	/* One more than may run, so that somebody always reads and queues. */
	return http_workers_start(clock->workers, total + 1, err);
}

int64_t
http_clock_look(const struct http_clock *clock, int64_t now_ms)
{
	struct http_loop *loop = clock->loop;
	const struct http_server_options *options = &loop->options;
	int64_t next_ms = now_ms + clock->period_ms;
	struct http_written_off late;
	struct error err;

	dismiss(loop, http_lanes_take_expired(loop->lanes, now_ms, &next_ms),
	    "no worker was free in time; try again later");
	while (http_lanes_write_off(loop->lanes, now_ms, &late, &next_ms))
		answer_late(loop, &late);
	expire(loop, now_ms, &next_ms);
	http_pool_look_after(&loop->pool);
	http_workers_reap(clock->workers);
	if (http_clock_adapt(clock, &err))
		log_error("%s", err.message);
	if (options->tick)
		options->tick(options->context);
	return next_ms;
}

static void
close_claimed(struct http_connection *list)
{
	while (list) {
		struct http_connection *connection = list;

		list = connection->next_claimed;
		if (connection->phase == HTTP_PHASE_REQUEST &&
		    connection->frame.stage != HTTP_STAGE_EMPTY)
			http_connection_refuse(connection, 503, HTTP_STOPS);
		connection->phase = HTTP_PHASE_CLOSED;
		http_connection_let_go(connection);
	}
}

static void
abandon_all(struct http_loop *loop)
{
	struct http_connection *list =
	    http_pool_orphan(&loop->pool, loop->lanes);
	struct error err;

	(void)error_set(&err, ERROR_UNAVAILABLE, HTTP_STOPS);
	while (list) {
		struct http_connection *connection = list;

		list = connection->next_claimed;
		http_connection_abandon(connection, &err);
	}
}

void
http_clock_finish(const struct http_clock *clock)
{
	struct http_loop *loop = clock->loop;
	int64_t ignored = INT64_MAX;

	for (;;) {
		dismiss(loop, http_lanes_end(loop->lanes), HTTP_STOPS);
		abandon_all(loop);
		close_claimed(
		    http_pool_claim(&loop->pool, INT64_MAX, &ignored));
		if (http_pool_count(&loop->pool) == 0)
			return;
		time_sleep_ms(SETTLE_MS);
	}
}
