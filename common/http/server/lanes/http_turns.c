/* SPDX-License-Identifier: MIT */
#include "http_turns.h"

/*
 * The waiting calls of one uid. It is in the list as long as there are any; the
 * list is served from the front, and a queue that has had its turn goes to the
 * end.
 */
struct http_queue {
	struct http_queue *next;
	uid_t uid;
	struct http_ticket *first, **end;
};

void
http_turns_init(struct http_turns *turns)
{
	*turns = (struct http_turns){.end = &turns->first};
}

static void
free_queues(struct http_queue *queue)
{
	while (queue) {
		struct http_queue *next = queue->next;

		free(queue);
		queue = next;
	}
}

void
http_turns_done(struct http_turns *turns)
{
	free_queues(turns->first);
	free_queues(turns->spare);
}

static struct http_queue *
make_queue(struct http_turns *turns)
{
	struct http_queue *queue = turns->spare;

	if (!queue)
		return malloc(sizeof(*queue));
	turns->spare = queue->next;
	return queue;
}

static void
drop_queue(struct http_turns *turns, struct http_queue *queue)
{
	queue->next = turns->spare;
	turns->spare = queue;
}

static void
append_queue(struct http_turns *turns, struct http_queue *queue)
{
	queue->next = NULL;
	*turns->end = queue;
	turns->end = &queue->next;
}

static struct http_queue *
queue_of(struct http_turns *turns, uid_t uid)
{
	struct http_queue *queue = turns->first;

	while (queue && queue->uid != uid)
		queue = queue->next;
	if (queue)
		return queue;
	queue = make_queue(turns);
	if (!queue)
		return NULL;
	*queue = (struct http_queue){.uid = uid, .end = &queue->first};
	append_queue(turns, queue);
	return queue;
}

bool
http_turns_add(struct http_turns *turns, struct http_ticket *ticket)
{
	struct http_queue *queue = queue_of(turns, ticket->uid);

	if (!queue)
		return false;
	ticket->next = NULL;
	*queue->end = ticket;
	queue->end = &ticket->next;
	turns->waiting++;
	return true;
}

struct http_ticket *
http_turns_take(struct http_turns *turns)
{
	struct http_queue *queue = turns->first;
	struct http_ticket *ticket;

	if (!queue)
		return NULL;
	ticket = queue->first;
	queue->first = ticket->next;
	turns->waiting--;

	turns->first = queue->next;
	if (!turns->first)
		turns->end = &turns->first;
	if (queue->first)
		append_queue(turns, queue);
	else
		drop_queue(turns, queue);
	return ticket;
}

/* Takes what queue has waiting past now_ms and puts it before *taken. */
static unsigned
take_expired_of(struct http_queue *queue, int64_t now_ms, int64_t *next_ms,
    struct http_ticket **taken)
{
	struct http_ticket **link = &queue->first;
	unsigned count = 0;

	while (*link) {
		struct http_ticket *ticket = *link;

		if (ticket->deadline_ms > now_ms) {
			if (ticket->deadline_ms < *next_ms)
				*next_ms = ticket->deadline_ms;
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

void
http_turns_take_expired(struct http_turns *turns, int64_t now_ms,
    int64_t *next_ms, struct http_ticket **taken)
{
	struct http_queue **link = &turns->first;

	while (*link) {
		struct http_queue *queue = *link;

		turns->waiting -=
		    take_expired_of(queue, now_ms, next_ms, taken);
		if (queue->first) {
			link = &queue->next;
			continue;
		}
		*link = queue->next;
		drop_queue(turns, queue);
	}
	turns->end = link;
}
