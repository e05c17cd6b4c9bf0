/* SPDX-License-Identifier: MIT */
#include "daemon_events.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "common/log.h"
#include "common/time.h"

#include "daemon_start.h"
#include "daemon_status.h"

/* A change is seldom alone: editors write, rename and remove. */
#define SETTLE_MS 200
#define SETTLE_MAX_MS 2000
#define NEVER INT64_MAX

#define FOLDER_CHANGES                                                         \
	(IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM |            \
	    IN_DELETE | IN_ATTRIB | IN_ONLYDIR)
#define PARENT_CHANGES (IN_CREATE | IN_MOVED_TO | IN_ONLYDIR)

struct daemon_events {
	const struct daemon_service *service;
	struct http_server *server;
	pthread_t thread;
	int signals; /* a signalfd */
	int changes; /* an inotify instance, or -1 */
	char *parent;
	int64_t reload_ms;      /* when to reload, or NEVER */
	int64_t reload_last_ms; /* at the latest */
	struct daemon_status status;
	int64_t status_ms; /* when to look at it, or NEVER */
};

/*
 * Watches the folder if it is there, and its parent for the time when it is.
 * Watching what is watched already changes nothing.
 */
static void
watch(const struct daemon_events *events)
{
	(void)inotify_add_watch(
	    events->changes, events->parent, PARENT_CHANGES | IN_MASK_ADD);
	(void)inotify_add_watch(events->changes, events->service->reload_folder,
	    FOLDER_CHANGES | IN_MASK_ADD);
}

static void
reload(struct daemon_events *events)
{
	const struct daemon_service *service = events->service;

	events->reload_ms = events->reload_last_ms = NEVER;
	(void)sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld",
	    (long long)time_monotonic_ms() * 1000);
	service->reload(service->context);
	(void)sd_notify(0, "READY=1");
}

static void
take_changes(struct daemon_events *events)
{
	char data[sizeof(struct inotify_event) + NAME_MAX + 1]
	    __attribute__((aligned(__alignof__(struct inotify_event))));
	int64_t now_ms = time_monotonic_ms();

	while (read(events->changes, data, sizeof(data)) > 0)
		;
	watch(events);
	if (events->reload_last_ms == NEVER)
		events->reload_last_ms = now_ms + SETTLE_MAX_MS;
	events->reload_ms = now_ms + SETTLE_MS;
	if (events->reload_ms > events->reload_last_ms)
		events->reload_ms = events->reload_last_ms;
}

/* Returns false at the end. */
static bool
take_signal(struct daemon_events *events)
{
	struct signalfd_siginfo info;

	if (read(events->signals, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return true;
	if (info.ssi_signo == SIGHUP) {
		daemon_read_log_level();
		if (events->service->reload)
			reload(events);
		return true;
	}
	(void)sd_notify(0, "STOPPING=1");
	http_server_stop(events->server);
	return false;
}

static int
timeout_of(const struct daemon_events *events)
{
	int64_t next_ms = events->reload_ms < events->status_ms
			      ? events->reload_ms
			      : events->status_ms;
	int64_t left_ms = next_ms - time_monotonic_ms();

	if (next_ms == NEVER)
		return -1;
	return left_ms > 0 ? (int)left_ms : 0;
}

static void
tell_status(struct daemon_events *events)
{
	daemon_status_tell(&events->status);
	events->status_ms = time_monotonic_ms() + DAEMON_STATUS_MS;
}

static void *
wait_for_events(void *argument)
{
	struct daemon_events *events = argument;
	struct pollfd sources[] = {
	    {.fd = events->signals, .events = POLLIN},
	    {.fd = events->changes, .events = POLLIN},
	};

	for (;;) {
		if (poll(sources, 2, timeout_of(events)) < 0)
			continue; /* EINTR */
		if (sources[0].revents && !take_signal(events))
			return NULL;
		if (sources[1].revents)
			take_changes(events);
		if (events->reload_ms <= time_monotonic_ms())
			reload(events);
		if (events->status_ms <= time_monotonic_ms())
			tell_status(events);
	}
}

static void
events_free(struct daemon_events *events)
{
	if (events->signals >= 0)
		(void)close(events->signals);
	if (events->changes >= 0)
		(void)close(events->changes);
	free(events->parent);
	free(events);
}
DEFINE_CLEANUP(events, struct daemon_events, events_free)

static enum error_code
open_changes(struct daemon_events *events, struct error *err)
{
	const char *folder = events->service->reload_folder;
	char *slash;

	if (!folder || !events->service->reload)
		return ERROR_NONE;
	events->parent = strdup(folder);
	if (!events->parent)
		return error_no_memory(err);
	slash = strrchr(events->parent, '/');
	if (slash)
		*slash = '\0';
	events->changes = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (events->changes < 0)
		/* Reloading by signal is worth a start without it. */
		log_warning("cannot watch '%s': %s; send SIGHUP after changes",
		    folder, strerrordesc_np(errno));
	else
		watch(events);
	return ERROR_NONE;
}

enum error_code
daemon_events_start(const struct daemon_service *service,
    struct http_server *server, struct daemon_events **ret_events,
    struct error *err)
{
	CLEANUP(events) struct daemon_events *events = malloc(sizeof(*events));
	sigset_t signals;

	if (!events)
		return error_no_memory(err);
	*events = (struct daemon_events){.service = service,
	    .server = server,
	    .signals = -1,
	    .changes = -1,
	    .reload_ms = NEVER,
	    .reload_last_ms = NEVER,
	    .status = {.service = service},
	    .status_ms = NEVER};
	if (daemon_status_is_wanted(&events->status))
		events->status_ms = 0;
	daemon_signals(&signals);
	events->signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (events->signals < 0)
		return error_set_errno(err, ERROR_INTERNAL, "signalfd");
	if (open_changes(events, err))
		return err->code;
	errno = pthread_create(&events->thread, NULL, wait_for_events, events);
	if (errno)
		return error_set_errno(
		    err, ERROR_INTERNAL, "starting a thread");
	*ret_events = TAKE(events);
	return ERROR_NONE;
}

void
daemon_events_stop(struct daemon_events *events)
{
	if (!events)
		return;
	/* For the thread alone, if no signal has ended it yet. */
	(void)pthread_kill(events->thread, SIGINT);
	(void)pthread_join(events->thread, NULL);
	events_free(events);
}
