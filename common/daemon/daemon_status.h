/* SPDX-License-Identifier: MIT */
/* What 'systemctl status' shows of a daemon: one line, told when it changes. */
#ifndef COMMON_DAEMON_STATUS_H
#define COMMON_DAEMON_STATUS_H

#include "common/daemon.h"

/* How often it is looked at, if there is somebody to tell. */
#define DAEMON_STATUS_MS 3000

struct daemon_status {
	const struct daemon_service *service;
	char told[DAEMON_STATUS_MAX];
};

/* False if nobody listens, or the service has nothing to say. */
bool daemon_status_is_wanted(const struct daemon_status *status);

/* Tells the service manager, which wants it, if it is another line. */
void daemon_status_tell(struct daemon_status *status);

#endif
