/* SPDX-License-Identifier: MIT */
/*
 * The daemons as units of systemd, by systemctl(1). Daemon "keyd" is
 * signet-keyd.service, and signet-keyd.socket is where it is called.
 *
 * What systemctl has to say goes to our stderr. A failure is
 * ERROR_UNAVAILABLE, and says where the unit's log is.
 */
#ifndef CLI_UNIT_H
#define CLI_UNIT_H

#include <stdbool.h>
#include <sys/types.h>

#include "common/error.h"

/*
 * True if our daemons are units: systemd runs the machine, it knows
 * signet-keyd.service, and the directories are the units'. The environment
 * variable SIGNET_SERVICES (units, processes) decides otherwise.
 */
bool unit_manages(void);

/* The main process of daemon name; 0 if it does not run. */
MUST_CHECK enum error_code unit_pid(
    const char *name, pid_t *ret_pid, struct error *err);

/*
 * Whether systemd serves the socket of daemon name: who calls there makes it
 * start the service.
 */
MUST_CHECK enum error_code unit_has_socket(
    const char *name, bool *ret_has_socket, struct error *err);

/* Starts daemon name with its socket, unless it runs; it is ready then. */
MUST_CHECK enum error_code unit_start(const char *name, struct error *err);

/* Starts it anew. Its socket stays, so who calls meanwhile waits. */
MUST_CHECK enum error_code unit_restart(const char *name, struct error *err);

/* Ends it, and its socket first, which would start it again. */
MUST_CHECK enum error_code unit_stop(const char *name, struct error *err);

/* Has it, which runs, read again what may change meanwhile. */
MUST_CHECK enum error_code unit_reload(const char *name, struct error *err);

#endif
