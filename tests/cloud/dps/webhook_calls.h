/* SPDX-License-Identifier: MIT */
/*
 * Calls to webhooks that are under way, each in a thread of its own, so that
 * nobody else waits for them. They are in memory only: after a restart a call
 * is made again.
 */
#ifndef CLOUD_WEBHOOK_CALLS_H
#define CLOUD_WEBHOOK_CALLS_H

#include "common/https_client.h"

struct webhook_call;

/* All zero: none. One thread at a time may use it. */
struct webhook_calls {
	struct webhook_call *first;
	size_t count;
};

/* How a call ended. */
struct webhook_answer {
	struct error failure; /* .code is ERROR_NONE: there is a response */
	struct https_response response;
};

/* Releases the contents. */
void webhook_answer_done(struct webhook_answer *answer);

/* What to POST, and to whom. */
struct webhook_request {
	const char *url;
	const char *body;
	const char *ca_file; /* NULL: the system's roots; outlives the call */
	long timeout_ms;
};

/*
 * The answer to the call by the name of key, which is forgotten then;
 * *ret_is_over is false while there is none. If there is no such call it is
 * begun; if there are too many, a later one of these begins it. The contents of
 * ret_answer are the caller's.
 */
MUST_CHECK enum error_code webhook_calls_ask(struct webhook_calls *calls,
    const char *key, const struct webhook_request *request, bool *ret_is_over,
    struct webhook_answer *ret_answer, struct error *err);

/* Waits for all to end, by their timeouts at the latest, and forgets them. */
void webhook_calls_end(struct webhook_calls *calls);

#endif
