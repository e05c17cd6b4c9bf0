/* SPDX-License-Identifier: MIT */
/*
 * What the three daemons have in common: options, signals, readiness, reload,
 * and the life of the server.
 */
#ifndef COMMON_DAEMON_H
#define COMMON_DAEMON_H

#include "common/http.h"
#include "common/http_server.h"

/* A line for the service manager, with its NUL. */
#define DAEMON_STATUS_MAX (ERROR_MESSAGE_MAX + 256)

struct daemon_options {
	const char *name;  /* "keyd" */
	char *config_path; /* --config, else paths_config_file(name) */
	char *state_path;  /* paths_state_of(name) */
	char *socket_path; /* paths_socket(name) */
	/* --also-listen, up to the first NULL; borrowed from argv. */
	const char *more_paths[HTTP_SOCKETS_MAX];
};

void daemon_options_done(struct daemon_options *options);

/*
 * Reads --config FILE, --runtime-dir DIR, --config-dir DIR, --state-dir DIR,
 * --also-listen FILE, --log-level LEVEL, --version and --help. Directories
 * given here are put into the environment (SIGNET_*_DIR) so that paths.h and
 * libraries agree. Ends the process for --version and --help, and with EX_USAGE
 * after a wrong option. Call it first in main(), before there are threads. It
 * also sets umask 077, forbids core dumps (RLIMIT_CORE 0, PR_SET_DUMPABLE 0)
 * and ignores SIGPIPE.
 */
void daemon_start(const char *name, int argc, char *argv[],
    struct daemon_options *ret_options);

/*
 * Allows as many descriptors as may be, up to a sane number: connections must
 * not run out of them before they reach the server's own limit. daemon_start()
 * does it.
 */
void daemon_raise_descriptors(void);

/* What a daemon serves, and what else it does meanwhile. */
struct daemon_service {
	struct http_service http;
	const struct http_lane *lanes; /* the routes name them by number */
	size_t lane_count;             /* > 0 */

	/*
	 * All may be NULL, and none may block: the clock of the server calls
	 * them. late: says in err, which has a default, why a call of lane has
	 * run too long. places: how many calls of lane run at once now. alive:
	 * false lets the watchdog of the service manager end the process.
	 */
	void (*late)(void *context, unsigned lane, struct error *err);
	unsigned (*places)(void *context, unsigned lane);
	bool (*alive)(void *context);
	void *clock_context;

	/*
	 * Reads again what may change while it runs, or NULL. Called after
	 * SIGHUP, and 0.2 s after the last of a series of changes in
	 * reload_folder (or NULL), which need not be there yet. On a thread of
	 * its own, never twice at once.
	 */
	void (*reload)(void *context);
	const char *reload_folder;

	/*
	 * Says in one line how the daemon does, for 'systemctl status'; NULL:
	 * it has nothing to say. Called from time to time under a service
	 * manager, on the thread of reload: it asks neither token nor network.
	 */
	void (*describe)(
	    void *context, char ret_text[static DAEMON_STATUS_MAX]);

	/*
	 * The server takes no more calls, and waits for those in flight:
	 * answer what was deferred. Called again and again until they are all
	 * answered; may be NULL.
	 */
	void (*stops)(void *context);
	void *context;
};

/*
 * Serves service on the daemon's sockets until SIGTERM or SIGINT, telling the
 * service manager READY=1 when they are there, STATUS= as service describes
 * itself, and WATCHDOG=1 as it asks.
 * Ends the process if a handler hangs at the end.
 */
MUST_CHECK enum error_code daemon_serve(const struct daemon_options *options,
    const struct daemon_service *service, struct error *err);

/*
 * Answers a call that a handler deferred: dispatches it again (daemon_serve()
 * is running). Any thread.
 */
void daemon_resume(struct http_call *call);

/* What a daemon says about itself: its state in one word and one sentence. */
struct daemon_health {
	const char *status;  /* "ok", "starting" or "degraded" */
	const char *message; /* what is wrong and what to do; "" when ok */
	bool passing;        /* it works still, or may do so again by itself */
};

/*
 * The reply of GET /health: {"status","message","version","pid"}, and
 * "passing": true if it is.
 */
MUST_CHECK enum error_code daemon_health_reply(
    const struct daemon_health *health, struct http_reply *reply,
    struct error *err);

#endif
