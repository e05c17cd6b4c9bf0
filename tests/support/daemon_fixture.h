/* SPDX-License-Identifier: MIT */
/*
 * A daemon with a handful of routes, run as main() of a daemon runs it, in a
 * process of its own, in a folder of its own.
 */
#ifndef DAEMON_FIXTURE_H
#define DAEMON_FIXTURE_H

#include <jansson.h>
#include <sys/types.h>

#include "common/error.h"

/* How long a request waits for a worker, of which there is one. */
#define DAEMON_DEADLINE_MS 200

/* Names in the environment the folder whose changes make it reload. */
#define DAEMON_RELOAD_FOLDER "SIGNET_TEST_RELOAD_FOLDER"

struct daemon_place {
	char folder[32];
	char path[64]; /* of the socket */
	char notify[64];
	int notified; /* what systemd would read */
};

/* For cmocka: *state is a struct daemon_place. */
int daemon_fixture_setup(void **state);
int daemon_fixture_teardown(void **state);

/* What main() of a daemon is. */
int daemon_run(int argc, char *argv[]);

/* Runs a daemon with the NULL-ended arguments in a child. */
pid_t daemon_spawn(struct daemon_place *place, char *const *arguments);

/* Runs a daemon at place and waits until it is ready. */
pid_t daemon_launch(struct daemon_place *place);

/* The next message to the service manager. */
void daemon_assert_notified(struct daemon_place *place, const char *text);

/* Waits for the daemon to end and returns its exit status. */
int daemon_wait(pid_t daemon);

/* Has the daemon end by signal. */
void daemon_end(struct daemon_place *place, pid_t daemon, int signal);

/*
 * Calls /health, /self (what only the process knows of itself), /slow (takes
 * two deadlines), /later (is deferred and resumed), /never, /reloads (how often
 * it has reloaded), /stuck (never returns, and may run for a deadline) or /ill
 * (from then on it does not say that it is alive).
 */
MUST_CHECK enum error_code daemon_get(struct daemon_place *place,
    const char *target, json_t **ret_body, struct error *err);

#endif
