/* SPDX-License-Identifier: MIT */
#include "webhook_calls.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "common/file.h"
#include "common/time.h"

#define CALLS_MAX 256
#define KEPT_MS 60000 /* an answer that nobody has asked for */

struct webhook_call {
	struct webhook_call *next;
	char *key;
	char *url;
	char *body;
	const char *ca_file;
	long timeout_ms;
	int64_t begin_ms;
	pthread_t thread;
	struct webhook_answer answer; /* the thread's until is_over */
	atomic_bool is_over;
};

void
webhook_answer_done(struct webhook_answer *answer)
{
	https_response_done(&answer->response);
	*answer = (struct webhook_answer){.failure.code = ERROR_NONE};
}

static void
call_free(struct webhook_call *call)
{
	if (!call)
		return;
	webhook_answer_done(&call->answer);
	free(call->key);
	free(call->url);
	free(call->body);
	free(call);
}

DEFINE_CLEANUP(call, struct webhook_call, call_free)

static void *
run(void *context)
{
	struct webhook_call *call = context;
	const struct https_request request = {.method = "POST",
	    .url = call->url,
	    .headers = {"Content-Type: application/json"},
	    .body = call->body,
	    .body_length = strlen(call->body),
	    .ca_file = call->ca_file,
	    .no_proxy = true, /* it is on this machine */
	    .timeout_ms = call->timeout_ms};

	call->answer.failure.code = ERROR_NONE;
	(void)!https_send(
	    &request, &call->answer.response, &call->answer.failure);
	atomic_store(&call->is_over, true);
	return NULL;
}

static enum error_code
begin(struct webhook_calls *calls, const char *key,
    const struct webhook_request *request, struct error *err)
{
	CLEANUP(call) struct webhook_call *call = calloc(1, sizeof(*call));

	if (!call)
		return error_no_memory(err);
	call->key = strdup(key);
	call->url = strdup(request->url);
	call->body = strdup(request->body);
	if (!call->key || !call->url || !call->body)
		return error_no_memory(err);
	call->ca_file = request->ca_file;
	call->timeout_ms = request->timeout_ms;
	call->begin_ms = time_monotonic_ms();
	if (pthread_create(&call->thread, NULL, run, call) != 0)
		return error_set(err, ERROR_UNAVAILABLE,
		    "cannot start a thread for a webhook");
	call->next = calls->first;
	calls->first = TAKE(call);
	calls->count++;
	return ERROR_NONE;
}

/* Takes the call that *link names out; the caller frees it. */
static struct webhook_call *
take_out(struct webhook_calls *calls, struct webhook_call **link)
{
	struct webhook_call *call = *link;

	(void)pthread_join(call->thread, NULL);
	*link = call->next;
	calls->count--;
	return call;
}

static void
forget_old(struct webhook_calls *calls)
{
	int64_t now_ms = time_monotonic_ms();
	struct webhook_call **link = &calls->first;

	while (*link)
		if (atomic_load(&(*link)->is_over) &&
		    now_ms - (*link)->begin_ms > KEPT_MS + (*link)->timeout_ms)
			call_free(take_out(calls, link));
		else
			link = &(*link)->next;
}

enum error_code
webhook_calls_ask(struct webhook_calls *calls, const char *key,
    const struct webhook_request *request, bool *ret_is_over,
    struct webhook_answer *ret_answer, struct error *err)
{
	struct webhook_call **link = &calls->first;
	CLEANUP(call) struct webhook_call *call = NULL;

	*ret_is_over = false;
	while (*link && strcmp((*link)->key, key) != 0)
		link = &(*link)->next;
	if (!*link) {
		forget_old(calls);
		return calls->count < CALLS_MAX
			   ? begin(calls, key, request, err)
			   : ERROR_NONE;
	}
	if (!atomic_load(&(*link)->is_over))
		return ERROR_NONE;
	call = take_out(calls, link);
	*ret_answer = TAKE_CONTENTS(call->answer);
	*ret_is_over = true;
	return ERROR_NONE;
}

void
webhook_calls_end(struct webhook_calls *calls)
{
	while (calls->first)
		call_free(take_out(calls, &calls->first));
}
