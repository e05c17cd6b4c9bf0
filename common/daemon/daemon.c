/* SPDX-License-Identifier: MIT */
#include "common/daemon.h"

#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "common/log.h"
#include "common/time.h"

#include "daemon_events.h"

#define SOCKET_MODE 0660

/* What the clock of the server calls. */
struct daemon {
	const struct daemon_service *service;
	int64_t ping_period_ms; /* 0: nobody watches */
	int64_t next_ping_ms;
};

/* Tells the watchdog of the service manager that we are well. */
static void
tick(void *context)
{
	struct daemon *daemon = context;
	const struct daemon_service *service = daemon->service;
	int64_t now_ms = time_monotonic_ms();

	if (daemon->ping_period_ms == 0 || now_ms < daemon->next_ping_ms)
		return;
	daemon->next_ping_ms = now_ms + daemon->ping_period_ms;
	if (!service->alive || service->alive(service->clock_context))
		(void)sd_notify(0, "WATCHDOG=1");
}

static void
say_late(void *context, unsigned lane, struct error *err)
{
	const struct daemon *daemon = context;
	const struct daemon_service *service = daemon->service;

	if (service->late)
		service->late(service->clock_context, lane, err);
}

static unsigned
places_of(void *context, unsigned lane)
{
	const struct daemon *daemon = context;
	const struct daemon_service *service = daemon->service;

	return service->places ? service->places(service->clock_context, lane)
			       : service->lanes[lane].workers;
}

static void
stops(void *context)
{
	const struct daemon *daemon = context;
	const struct daemon_service *service = daemon->service;

	if (service->stops)
		service->stops(service->context);
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
	bool hangs = false;

	if (daemon_events_start(service, server, &events, err))
		return err->code;
	(void)sd_notify(0, "READY=1");
	log_info("signet-%s %s serves", name, SIGNET_VERSION);

	code = http_server_run(server, &hangs, err);
	daemon_events_stop(events);
	log_info("signet-%s stops", name);
	if (hangs) {
		log_warning("threads hang; all callers have been answered");
		_exit(EXIT_SUCCESS);
	}
	return code;
}

enum error_code
daemon_serve(const struct daemon_options *options,
    const struct daemon_service *service, struct error *err)
{
	CLEANUP(http_server) struct http_server *server = NULL;
	struct daemon daemon = {.service = service};
	uint64_t watchdog_us = 0;
	struct http_server_options server_options = {
	    .socket_path = options->socket_path,
	    .socket_mode = SOCKET_MODE,
	    .name = options->name,
	    .service = &service->http,
	    .lanes = service->lanes,
	    .lane_count = service->lane_count,
	    .context = &daemon,
	    .late = say_late,
	    .places = places_of,
	    .tick = tick,
	    .stops = stops};

	if (sd_watchdog_enabled(0, &watchdog_us) > 0) {
		daemon.ping_period_ms = (int64_t)watchdog_us / 2000 + 1;
		server_options.tick_ms = (unsigned)(watchdog_us / 4000) + 1;
	}
	memcpy(server_options.more_paths, options->more_paths,
	    sizeof(options->more_paths));
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
	if (!reply->body || (health->passing && json_object_set_new(reply->body,
						    "passing", json_true())))
		return error_no_memory(err);
	return ERROR_NONE;
}
