/* SPDX-License-Identifier: MIT */
#include "common/daemon.h"

#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "common/log.h"
#include "common/time.h"

#include "daemon_events.h"

#define SOCKET_MODE 0660

struct daemon {
	const struct http_service *service;
	struct executor *executor;
	int64_t deadline_ms;
};

/* A call on its way through the executor. */
struct job {
	const struct daemon *daemon;
	struct http_call *call;
};
DEFINE_CLEANUP(job, struct job, free)

static void
answer_error(struct http_call *call, const struct error *err)
{
	struct http_reply reply;

	http_reply_error(&reply, 0, err);
	http_call_answer(call, &reply);
}

/* Runs on a worker. A deferred call is the handler's, hence not touched. */
static void
serve(const struct daemon *daemon, struct http_call *call)
{
	struct http_reply reply;

	http_dispatch(daemon->service, http_call_message(call), &reply);
	if (!reply.deferred)
		http_call_answer(call, &reply);
}

static void
run_job(void *data, enum executor_verdict verdict)
{
	CLEANUP(job) struct job *job = data;
	struct error err;

	if (verdict == EXECUTOR_RUN && !http_call_is_abandoned(job->call)) {
		serve(job->daemon, job->call);
		return;
	}
	if (verdict == EXECUTOR_STOPPED)
		(void)error_set(&err, ERROR_UNAVAILABLE,
		    "the service stops; try again later");
	else
		(void)error_set(&err, ERROR_TIMEOUT,
		    "no worker was free in time; try again later");
	answer_error(job->call, &err);
}

static void
on_call(void *context, struct http_call *call)
{
	const struct daemon *daemon = context;
	uid_t uid = http_call_message(call)->peer.uid;
	int64_t deadline_ms = time_monotonic_ms() + daemon->deadline_ms;
	CLEANUP(job) struct job *job = malloc(sizeof(*job));
	struct error err;

	if (!job) {
		(void)error_no_memory(&err);
		answer_error(call, &err);
		return;
	}
	*job = (struct job){.daemon = daemon, .call = call};
	if (executor_submit(
		daemon->executor, uid, deadline_ms, run_job, job, &err))
		answer_error(call, &err);
	else
		job = NULL; /* the executor's now */
}

void
daemon_resume(struct http_call *call)
{
	http_call_resubmit(call);
}

/* Serves until a signal comes. */
static enum error_code
run_server(struct http_server *server, const char *name,
    const struct daemon_service *service, struct error *err)
{
	struct daemon_events *events;
	enum error_code code;

	if (daemon_events_start(service, server, &events, err))
		return err->code;
	(void)sd_notify(0, "READY=1");
	log_info("signet-%s %s serves", name, SIGNET_VERSION);

	code = http_server_run(server, err);
	daemon_events_stop(events);
	log_info("signet-%s stops", name);
	return code;
}

enum error_code
daemon_serve(const struct daemon_options *options,
    const struct daemon_service *service, struct error *err)
{
	/* Released in reverse: workers may still answer to the server. */
	CLEANUP(http_server) struct http_server *server = NULL;
	CLEANUP(executor) struct executor *executor = NULL;
	struct daemon daemon = {
	    .service = &service->http, .deadline_ms = service->wait_ms};
	struct http_server_options server_options = {
	    .socket_path = options->socket_path,
	    .socket_mode = SOCKET_MODE,
	    .accept = on_call,
	    .context = &daemon};

	if (executor_create(options->name, service->workers, &executor, err))
		return error_wrap(err, "signet-%s", options->name);
	daemon.executor = executor;
	if (http_server_open(&server_options, &server, err))
		return error_wrap(err, "signet-%s", options->name);
	return run_server(server, options->name, service, err);
}

enum error_code
daemon_health_reply(const struct daemon_health *health,
    struct http_reply *reply, struct error *err)
{
	reply->body = json_pack("{s:s, s:s, s:s, s:i}", "status",
	    health->status, "message", health->message, "version",
	    SIGNET_VERSION, "pid", (int)getpid());
	return reply->body ? ERROR_NONE : error_no_memory(err);
}
