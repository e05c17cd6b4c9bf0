/* SPDX-License-Identifier: MIT */
/*
 * The thread that waits for what comes from outside but no request: signals,
 * and changes in a folder. It also tells the service manager how we do.
 */
#ifndef COMMON_DAEMON_EVENTS_H
#define COMMON_DAEMON_EVENTS_H

#include "common/daemon.h"

struct daemon_events;

/*
 * Starts to wait: stops server on SIGTERM and SIGINT, reloads service on SIGHUP
 * and after changes in its folder. All is borrowed.
 */
MUST_CHECK enum error_code daemon_events_start(
    const struct daemon_service *service, struct http_server *server,
    struct daemon_events **ret_events, struct error *err);

/* Ends the thread; a reload that is under way is waited for. NULL is allowed.
 */
void daemon_events_stop(struct daemon_events *events);

#endif
