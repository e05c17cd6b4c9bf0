/* SPDX-License-Identifier: MIT */
#include "http_lanes.h"

#include <pthread.h>

/* The waiting calls of one uid. It is in a lane as long as there are any. */
struct queue {
	struct queue *next;
	uid_t uid;
	struct http_ticket *first, **end;
};

/*
 * The queues form a list that is served from the front; a queue that has had
 * its turn goes to the end.
 */
struct lane {
	struct http_lane options;
	struct queue *first, **end;
	unsigned places;
	unsigned lost; /* of them, to threads that hang and are not replaced */
	unsigned running;
	unsigned waiting;
	unsigned written_off;
	uint64_t served;
};

struct http_lanes {
	pthread_mutex_t lock; /* guards everything here, tickets and workers */
	struct http_worker *workers; /* that have a place or are written off */
	struct queue *spare;
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
		lane->end = &lane->first;
	}
	pthread_mutex_init(&lanes->lock, NULL);
	*ret_lanes = lanes;
	return ERROR_NONE;
}

static void
free_queues(struct queue *queue)
{
	while (queue) {
		struct queue *next = queue->next;

		free(queue);
		queue = next;
	}
}

void
http_lanes_free(struct http_lanes *lanes)
{
	if (!lanes)
		return;
	for (size_t i = 0; i < lanes->count; i++)
		free_queues(lanes->lanes[i].first);
	free_queues(lanes->spare);
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

		if (lane->first && lane->running < free_places(lane))
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

/* ---- queues ---- */

static struct queue *
make_queue(struct http_lanes *lanes)
{
	struct queue *queue = lanes->spare;

	if (!queue)
		return malloc(sizeof(*queue));
	lanes->spare = queue->next;
	return queue;
}

static void
drop_queue(struct http_lanes *lanes, struct queue *queue)
{
	queue->next = lanes->spare;
	lanes->spare = queue;
}

static void
append_queue(struct lane *lane, struct queue *queue)
{
	queue->next = NULL;
	*lane->end = queue;
	lane->end = &queue->next;
}

static struct queue *
queue_of(struct http_lanes *lanes, struct lane *lane, uid_t uid)
{
	struct queue *queue = lane->first;

	while (queue && queue->uid != uid)
		queue = queue->next;
	if (queue)
		return queue;
	queue = make_queue(lanes);
	if (!queue)
		return NULL;
	*queue = (struct queue){.uid = uid, .end = &queue->first};
	append_queue(lane, queue);
	return queue;
}

/* Puts ticket at the end of its queue. Returns false without memory. */
static bool
enqueue(struct http_lanes *lanes, struct http_ticket *ticket)
{
	struct lane *lane = &lanes->lanes[ticket->lane];
	struct queue *queue = queue_of(lanes, lane, ticket->uid);

	if (!queue)
		return false;
	ticket->next = NULL;
	*queue->end = ticket;
	queue->end = &ticket->next;
	lane->waiting++;
	return true;
}

/* The first of the queue whose turn it is; NULL if there is none. */
static struct http_ticket *
dequeue(struct http_lanes *lanes, struct lane *lane)
{
	struct queue *queue = lane->first;
	struct http_ticket *ticket;

	if (!queue)
		return NULL;
	ticket = queue->first;
	queue->first = ticket->next;
	lane->waiting--;

	lane->first = queue->next;
	if (!lane->first)
		lane->end = &lane->first;
	if (queue->first)
		append_queue(lane, queue);
	else
		drop_queue(lanes, queue);
	return ticket;
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
	else if (free_places(lane) == 0 || !enqueue(lanes, ticket))
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
		ticket = dequeue(lanes, lane);
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

static void
note_time(int64_t when_ms, int64_t *next_ms)
{
	if (when_ms < *next_ms)
		*next_ms = when_ms;
}

/* Takes what queue has waiting past now_ms and puts it before *taken. */
static unsigned
take_expired_of(struct queue *queue, int64_t now_ms, int64_t *next_ms,
    struct http_ticket **taken)
{
	struct http_ticket **link = &queue->first;
	unsigned count = 0;

	while (*link) {
		struct http_ticket *ticket = *link;

		if (ticket->deadline_ms > now_ms) {
			note_time(ticket->deadline_ms, next_ms);
			link = &ticket->next;
			continue;
		}
		*link = ticket->next;
		ticket->state = HTTP_TICKET_IDLE;
		ticket->next = *taken;
		*taken = ticket;
		count++;
	}
	queue->end = link;
	return count;
}

static void
take_expired_in(struct http_lanes *lanes, struct lane *lane, int64_t now_ms,
    int64_t *next_ms, struct http_ticket **taken)
{
	struct queue **link = &lane->first;

	while (*link) {
		struct queue *queue = *link;

		lane->waiting -= take_expired_of(queue, now_ms, next_ms, taken);
		if (queue->first) {
			link = &queue->next;
			continue;
		}
		*link = queue->next;
		drop_queue(lanes, queue);
	}
	lane->end = link;
}

struct http_ticket *
http_lanes_take_expired(
    struct http_lanes *lanes, int64_t now_ms, int64_t *next_ms)
{
	struct http_ticket *taken = NULL;

	pthread_mutex_lock(&lanes->lock);
	for (size_t i = 0; i < lanes->count; i++)
		take_expired_in(
		    lanes, &lanes->lanes[i], now_ms, next_ms, &taken);
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
	lane->lost += !worker->is_replaced;
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
		note_time(late->late_ms, next_ms);
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
		    .waiting = lane->waiting,
		    .written_off = lane->written_off,
		    .served = lane->served,
		};
	}
	pthread_mutex_unlock(&lanes->lock);
	return lanes->count;
}
