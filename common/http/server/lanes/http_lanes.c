/* SPDX-License-Identifier: MIT */
#include "http_lanes.h"

#include <pthread.h>

#include "http_turns.h"

struct lane {
	struct http_lane options;
	struct http_turns turns;
	unsigned places;
	unsigned lost; /* of them, to threads that hang and are not replaced */
	unsigned running;
	unsigned written_off;
	uint64_t served;
};

struct http_lanes {
	pthread_mutex_t lock; /* guards everything here, tickets and workers */
	struct http_worker *workers; /* that have a place or are written off */
	bool over;
	unsigned written_off;
	size_t count;
	struct lane lanes[];
};

enum error_code
http_lanes_create(const struct http_lane *options, size_t count,
    struct http_lanes **ret_lanes, struct error *err)
{
	struct http_lanes *lanes =
	    calloc(1, sizeof(*lanes) + count * sizeof(lanes->lanes[0]));

	if (!lanes)
		return error_no_memory(err);
	lanes->count = count;
	for (size_t i = 0; i < count; i++) {
		struct lane *lane = &lanes->lanes[i];

		lane->options = options[i];
		lane->places = options[i].workers;
		http_turns_init(&lane->turns);
	}
	pthread_mutex_init(&lanes->lock, NULL);
	*ret_lanes = lanes;
	return ERROR_NONE;
}

void
http_lanes_free(struct http_lanes *lanes)
{
	if (!lanes)
		return;
	for (size_t i = 0; i < lanes->count; i++)
		http_turns_done(&lanes->lanes[i].turns);
	pthread_mutex_destroy(&lanes->lock);
	free(lanes);
}

static unsigned
free_places(const struct lane *lane)
{
	return lane->places > lane->lost ? lane->places - lane->lost : 0;
}

static struct lane *
runnable_lane(struct http_lanes *lanes)
{
	for (size_t i = 0; i < lanes->count; i++) {
		struct lane *lane = &lanes->lanes[i];

		if (lane->turns.waiting > 0 &&
		    lane->running < free_places(lane))
			return lane;
	}
	return NULL;
}

unsigned
http_lanes_resize(struct http_lanes *lanes, unsigned lane, unsigned places,
    bool *ret_is_ready)
{
	unsigned total = 0;

	pthread_mutex_lock(&lanes->lock);
	lanes->lanes[lane].places = places;
	for (size_t i = 0; i < lanes->count; i++)
		total += free_places(&lanes->lanes[i]);
	*ret_is_ready = runnable_lane(lanes) != NULL;
	pthread_mutex_unlock(&lanes->lock);
	return total;
}

enum http_push
http_lanes_push(struct http_lanes *lanes, struct http_ticket *ticket,
    unsigned number, uid_t uid, int64_t now_ms)
{
	struct lane *lane = &lanes->lanes[number < lanes->count ? number : 0];
	enum http_push outcome = HTTP_PUSH_DONE;

	pthread_mutex_lock(&lanes->lock);
	if (ticket->state == HTTP_TICKET_ORPHANED) {
		pthread_mutex_unlock(&lanes->lock);
		return HTTP_PUSH_ORPHANED;
	}
	ticket->worker = NULL;
	ticket->lane = (unsigned)(lane - lanes->lanes);
	ticket->uid = uid;
	ticket->deadline_ms = now_ms + lane->options.wait_ms;
	if (lanes->over)
		outcome = HTTP_PUSH_OVER;
	else if (free_places(lane) == 0 ||
		 !http_turns_add(&lane->turns, ticket))
		outcome = HTTP_PUSH_HOPELESS;
	ticket->state =
	    outcome == HTTP_PUSH_DONE ? HTTP_TICKET_QUEUED : HTTP_TICKET_IDLE;
	pthread_mutex_unlock(&lanes->lock);
	return outcome;
}

/* ---- workers ---- */

static void
remove_worker(struct http_lanes *lanes, const struct http_worker *worker)
{
	struct http_worker **link = &lanes->workers;

	while (*link != worker)
		link = &(*link)->next;
	*link = worker->next;
}

/* What worker ran has ended, or is the handler's to answer. */
static void
leave_place(struct http_lanes *lanes, struct http_worker *worker)
{
	struct http_ticket *ticket = worker->ticket;

	if (!worker->has_place)
		return;
	worker->has_place = false;
	worker->ticket = NULL;
	remove_worker(lanes, worker);
	if (worker->written_off) {
		lanes->written_off--;
		lanes->lanes[worker->lane].written_off--;
		if (!worker->is_replaced) {
			lanes->lanes[worker->lane].lost--;
			worker->written_off = false;
		}
	} else {
		lanes->lanes[worker->lane].running--;
	}
	if (ticket && ticket->worker == worker) {
		ticket->worker = NULL;
		if (ticket->state == HTTP_TICKET_RUNNING)
			ticket->state = HTTP_TICKET_DEFERRED;
	}
}

static void
enter_place(struct http_lanes *lanes, struct http_worker *worker,
    struct http_ticket *ticket, int64_t now_ms)
{
	struct lane *lane = &lanes->lanes[ticket->lane];
	unsigned run_ms = lane->options.run_ms;

	lane->running++;
	lane->served++;
	ticket->state = HTTP_TICKET_RUNNING;
	ticket->worker = worker;
	worker->ticket = ticket;
	worker->lane = ticket->lane;
	worker->late_ms = run_ms ? now_ms + run_ms : INT64_MAX;
	worker->has_place = true;
	worker->next = lanes->workers;
	lanes->workers = worker;
}

struct http_ticket *
http_lanes_take(struct http_lanes *lanes, struct http_worker *worker,
    int64_t now_ms, bool *ret_more)
{
	struct http_ticket *ticket = NULL;
	struct lane *lane;

	pthread_mutex_lock(&lanes->lock);
	leave_place(lanes, worker);
	lane = runnable_lane(lanes);
	if (lane && !worker->written_off) {
		ticket = http_turns_take(&lane->turns);
		enter_place(lanes, worker, ticket, now_ms);
		lane = runnable_lane(lanes);
	}
	*ret_more = lane != NULL;
	pthread_mutex_unlock(&lanes->lock);
	return ticket;
}

bool
http_lanes_answer(
    struct http_lanes *lanes, struct http_ticket *ticket, bool *ret_more)
{
	bool is_ours;

	pthread_mutex_lock(&lanes->lock);
	is_ours = ticket->state != HTTP_TICKET_ORPHANED;
	if (ticket->worker)
		leave_place(lanes, ticket->worker);
	if (is_ours)
		ticket->state = HTTP_TICKET_IDLE;
	*ret_more = runnable_lane(lanes) != NULL;
	pthread_mutex_unlock(&lanes->lock);
	return is_ours;
}

void
http_lanes_forget(struct http_lanes *lanes, struct http_ticket *ticket)
{
	pthread_mutex_lock(&lanes->lock);
	ticket->state = HTTP_TICKET_IDLE;
	pthread_mutex_unlock(&lanes->lock);
}

/* ---- what does not go its way ---- */

static bool
orphan(struct http_ticket *ticket)
{
	if (ticket->state != HTTP_TICKET_RUNNING &&
	    ticket->state != HTTP_TICKET_DEFERRED)
		return false;
	ticket->state = HTTP_TICKET_ORPHANED;
	return true;
}

bool
http_lanes_orphan(struct http_lanes *lanes, struct http_ticket *ticket)
{
	bool done;

	pthread_mutex_lock(&lanes->lock);
	done = orphan(ticket);
	pthread_mutex_unlock(&lanes->lock);
	return done;
}

struct http_ticket *
http_lanes_take_expired(
    struct http_lanes *lanes, int64_t now_ms, int64_t *next_ms)
{
	struct http_ticket *taken = NULL;

	pthread_mutex_lock(&lanes->lock);
	for (size_t i = 0; i < lanes->count; i++)
		http_turns_take_expired(
		    &lanes->lanes[i].turns, now_ms, next_ms, &taken);
	pthread_mutex_unlock(&lanes->lock);
	return taken;
}

struct http_ticket *
http_lanes_end(struct http_lanes *lanes)
{
	int64_t ignored = INT64_MAX;

	pthread_mutex_lock(&lanes->lock);
	lanes->over = true;
	pthread_mutex_unlock(&lanes->lock);
	return http_lanes_take_expired(lanes, INT64_MAX, &ignored);
}

static struct http_written_off
write_off(struct http_lanes *lanes, struct http_worker *worker)
{
	struct lane *lane = &lanes->lanes[worker->lane];
	struct http_written_off result = {.lane = worker->lane};

	lane->running--;
	lane->written_off++;
	worker->written_off = true;
	worker->is_replaced = ++lanes->written_off <= HTTP_WRITTEN_OFF_MAX;
	if (!worker->is_replaced)
		lane->lost++;
	result.is_replaced = worker->is_replaced;
	if (worker->ticket->worker == worker && orphan(worker->ticket))
		result.ticket = worker->ticket;
	return result;
}

bool
http_lanes_write_off(struct http_lanes *lanes, int64_t now_ms,
    struct http_written_off *ret_written_off, int64_t *next_ms)
{
	struct http_worker *late;

	pthread_mutex_lock(&lanes->lock);
	for (late = lanes->workers; late; late = late->next) {
		if (late->written_off)
			continue;
		if (late->late_ms <= now_ms)
			break;
		if (late->late_ms < *next_ms)
			*next_ms = late->late_ms;
	}
	if (late)
		*ret_written_off = write_off(lanes, late);
	pthread_mutex_unlock(&lanes->lock);
	return late != NULL;
}

unsigned
http_lanes_running(struct http_lanes *lanes, unsigned *ret_late)
{
	unsigned running = 0;

	pthread_mutex_lock(&lanes->lock);
	for (size_t i = 0; i < lanes->count; i++)
		running += lanes->lanes[i].running;
	*ret_late = lanes->written_off;
	pthread_mutex_unlock(&lanes->lock);
	return running;
}

size_t
http_lanes_figures(struct http_lanes *lanes,
    struct http_lane_figures *ret_figures, size_t room)
{
	pthread_mutex_lock(&lanes->lock);
	for (size_t i = 0; i < lanes->count && i < room; i++) {
		const struct lane *lane = &lanes->lanes[i];

		ret_figures[i] = (struct http_lane_figures){
		    .name = lane->options.name,
		    .places = free_places(lane),
		    .running = lane->running,
		    .waiting = lane->turns.waiting,
		    .written_off = lane->written_off,
		    .served = lane->served,
		};
	}
	pthread_mutex_unlock(&lanes->lock);
	return lanes->count;
}
