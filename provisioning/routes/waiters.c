/* SPDX-License-Identifier: MIT */
#include "waiters.h"

#include <pthread.h>

#include "common/daemon.h"
#include "common/time.h"

struct waiter {
	struct waiter *next;
	struct http_call *call;
	unsigned version;
	uint64_t request; /* 0: the call waits for the identity ... */
	int64_t until_ms; /* ... until then (time_monotonic_ms()) */
};

struct waiters {
	struct provision *provision;
	pthread_mutex_t lock;
	struct waiter *first;
};

enum error_code
waiters_create(struct provision *provision, struct waiters **ret_waiters,
    struct error *err)
{
	struct waiters *waiters = malloc(sizeof(*waiters));

	if (!waiters)
		return error_no_memory(err);
	*waiters = (struct waiters){
	    .provision = provision, .lock = PTHREAD_MUTEX_INITIALIZER};
	*ret_waiters = waiters;
	return ERROR_NONE;
}

void
waiters_free(struct waiters *waiters)
{
	if (!waiters)
		return;
	(void)pthread_mutex_destroy(&waiters->lock);
	free(waiters);
}

static enum error_code
add(struct waiters *waiters, const struct waiter *waiter, struct error *err)
{
	struct waiter *copy = malloc(sizeof(*copy));

	if (!copy)
		return error_no_memory(err);
	*copy = *waiter;
	(void)pthread_mutex_lock(&waiters->lock);
	copy->next = waiters->first;
	waiters->first = copy;
	(void)pthread_mutex_unlock(&waiters->lock);
	return ERROR_NONE;
}

enum error_code
waiters_add_identity(struct waiters *waiters, struct http_call *call,
    unsigned version, struct error *err)
{
	const struct waiter waiter = {.call = call,
	    .version = version,
	    .until_ms = time_monotonic_ms() + WAITERS_IDENTITY_MS};

	return add(waiters, &waiter, err);
}

enum error_code
waiters_add_request(struct waiters *waiters, struct http_call *call,
    unsigned version, uint64_t request, struct error *err)
{
	const struct waiter waiter = {
	    .call = call, .version = version, .request = request};

	return add(waiters, &waiter, err);
}

static void
answer(const struct waiter *waiter, const struct error *outcome)
{
	struct http_reply reply = {.status = 204};
	struct error err;

	if (outcome->code) {
		/* To aziot's clients all of it is a failure upstream. */
		(void)error_set(&err, ERROR_UPSTREAM, "%s", outcome->message);
		http_reply_error(&reply, waiter->version, &err);
	}
	http_call_answer(waiter->call, &reply);
}

/* It has waited as long as its client does: it had better hear why. */
static void
answer_with_reason(struct provision *provision, const struct waiter *waiter)
{
	CLEANUP_DONE(provision_view) struct provision_view view = {0};
	struct http_reply reply = {0};
	struct error err;

	if (provision_look(provision, &view, &err) == ERROR_NONE)
		(void)error_set(&err, ERROR_NOT_FOUND,
		    "the device is not provisioned yet: %s", view.message);
	http_reply_error(&reply, waiter->version, &err);
	http_call_answer(waiter->call, &reply);
}

/* The same of one who waits for the identity. */
static bool
let_go_of_reader(struct provision *provision, const struct waiter *waiter)
{
	if (!provision_is_pending(provision) ||
	    http_call_is_abandoned(waiter->call)) {
		daemon_resume(waiter->call);
		return true;
	}
	if (time_monotonic_ms() < waiter->until_ms)
		return false;
	answer_with_reason(provision, waiter);
	return true;
}

/* Returns true if waiter has been let go. */
static bool
let_go(struct provision *provision, const struct waiter *waiter)
{
	struct error outcome = {.code = ERROR_NONE};

	if (waiter->request == 0)
		return let_go_of_reader(provision, waiter);
	if (!provision_is_served(provision, waiter->request, &outcome) &&
	    !http_call_is_abandoned(waiter->call))
		return false;
	answer(waiter, &outcome);
	return true;
}

void
waiters_dismiss(struct waiters *waiters)
{
	struct error err;

	if (!waiters)
		return;
	(void)error_set(&err, ERROR_UNAVAILABLE, "the daemon stops");
	while (waiters->first) {
		struct waiter *waiter = waiters->first;

		waiters->first = waiter->next;
		answer(waiter, &err);
		free(waiter);
	}
}

/*
 * The lock is held throughout, so that no change can slip in between looking
 * and deciding to wait on. Neither resuming nor answering blocks.
 */
void
waiters_review(struct waiters *waiters)
{
	struct waiter **link = &waiters->first;

	(void)pthread_mutex_lock(&waiters->lock);
	while (*link) {
		struct waiter *waiter = *link;

		if (let_go(waiters->provision, waiter)) {
			*link = waiter->next;
			free(waiter);
		} else
			link = &waiter->next;
	}
	(void)pthread_mutex_unlock(&waiters->lock);
}
