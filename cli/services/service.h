/* SPDX-License-Identifier: MIT */
/*
 * The daemons as services: units of systemd where it manages them ("unit.h"),
 * else processes with pid files: for development, containers and wherever there
 * is no service manager.
 *
 * A process's pid file is <runtime>/<daemon>.pid, what it says goes to
 * <state>/log/<daemon>.log. One signetctl at a time starts or stops.
 */
#ifndef CLI_SERVICE_H
#define CLI_SERVICE_H

#include <stdbool.h>
#include <sys/types.h>

#include "common/cleanup.h"
#include "common/error.h"

/* "keyd", "certd", "provisiond": the order in which they are started. */
#define SERVICE_COUNT 3
extern const char *const service_names[SERVICE_COUNT];

enum service_state {
	SERVICE_STOPPED,
	SERVICE_RUNS,    /* as a service of ours */
	SERVICE_FOREIGN, /* somebody else has started it: we leave it alone */
};

struct service_process {
	enum service_state state;
	pid_t pid; /* 0: none, or none that we see */
};

/*
 * Whether daemon name runs, and as whose. Fails with ERROR_EXISTS if another
 * program serves its socket.
 */
MUST_CHECK enum error_code service_find(
    const char *name, struct service_process *ret_process, struct error *err);

/*
 * Who has to restart a daemon that is SERVICE_FOREIGN, in words. The caller
 * frees it; NULL: no memory.
 */
char *service_keeper(const struct service_process *process);

/*
 * Starts daemon name, unless it runs, and waits until it answers on its
 * socket. The program is looked for in SIGNET_LIBEXEC, else beside signetctl,
 * else in PATH.
 *
 * Fails with ERROR_NOT_FOUND (no such program), ERROR_TIMEOUT (it does not
 * answer) or ERROR_UNAVAILABLE (it ended); the last two say where its log is.
 */
MUST_CHECK enum error_code service_start(
    const char *name, pid_t *ret_pid, bool *ret_was_running, struct error *err);

/* Fails with ERROR_EXISTS if a daemon is SERVICE_FOREIGN, and says which. */
MUST_CHECK enum error_code service_require_ours(struct error *err);

/*
 * Ends daemon name: SIGTERM, and SIGKILL if that does not help within its
 * time. *ret_pid is 0 if it did not run. Fails with ERROR_EXISTS if it is
 * SERVICE_FOREIGN.
 */
MUST_CHECK enum error_code service_stop(
    const char *name, pid_t *ret_pid, struct error *err);

/*
 * Ends daemon name, if it runs, and starts it, as the two above. A unit's
 * socket stays meanwhile.
 */
MUST_CHECK enum error_code service_restart(
    const char *name, pid_t *ret_pid, struct error *err);

/*
 * Has daemon name read again what may change while it runs; *ret_runs is false
 * if it does not run, which is success.
 */
MUST_CHECK enum error_code service_reload(
    const char *name, bool *ret_runs, struct error *err);

#endif
