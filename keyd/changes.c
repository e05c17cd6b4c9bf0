/* SPDX-License-Identifier: MIT */
#include "changes.h"

#include <stdlib.h>

#include "common/executor.h"
#include "common/http_server.h"
#include "common/time.h"

/* Before it are others' key generations, each of which may take minutes. */
#define DEADLINE_MS (5 * 60 * 1000)

struct changes {
	struct http_service service;
	struct executor *executor;
};

struct job {
	const struct http_service *service;
	struct http_call *call;
	unsigned version;
};

DEFINE_CLEANUP(job, struct job, free)

enum error_code
changes_create(const struct http_service *service, struct changes **ret_changes,
    struct error *err)
{
	CLEANUP(changes) struct changes *changes = calloc(1, sizeof(*changes));

	if (!changes)
		return error_no_memory(err);
	changes->service = *service;
	if (executor_create("keyd-changes", 1, &changes->executor, err))
		return err->code;
	*ret_changes = TAKE(changes);
	return ERROR_NONE;
}

void
changes_free(struct changes *changes)
{
	if (!changes)
		return;
	executor_free(changes->executor);
	free(changes);
}

static void
run_change(void *argument, enum executor_verdict verdict)
{
	CLEANUP(job) struct job *job = argument;
	struct http_reply reply = {0};
	struct error err;

	/* Nobody waits for the answer; who still wants it will ask again. */
	if (http_call_is_abandoned(job->call))
		verdict = EXECUTOR_EXPIRED;
	switch (verdict) {
	case EXECUTOR_RUN:
		http_dispatch(
		    job->service, http_call_message(job->call), &reply);
		break;
	case EXECUTOR_EXPIRED:
		(void)error_set(&err, ERROR_TIMEOUT,
		    "changes of other keys took too long; try again");
		http_reply_error(&reply, job->version, &err);
		break;
	case EXECUTOR_STOPPED:
		(void)error_set(&err, ERROR_UNAVAILABLE, "keyd stops");
		http_reply_error(&reply, job->version, &err);
		break;
	}
	http_call_answer(job->call, &reply);
}

enum error_code
changes_submit(struct changes *changes, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	CLEANUP(job) struct job *job = malloc(sizeof(*job));

	if (!job)
		return error_no_memory(err);
	*job = (struct job){
	    .service = &changes->service,
	    .call = request->call,
	    .version = request->version,
	};
	if (executor_submit(changes->executor, request->peer.uid,
		time_monotonic_ms() + DEADLINE_MS, run_change, job, err))
		return err->code;
	(void)TAKE(job);
	reply->deferred = true;
	return ERROR_NONE;
}
