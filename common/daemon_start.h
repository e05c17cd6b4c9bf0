/* SPDX-License-Identifier: MIT */
/* What daemon_start() and daemon_serve() have to agree on. */
#ifndef COMMON_DAEMON_START_H
#define COMMON_DAEMON_START_H

#include <signal.h>

/* The signals that end a daemon or make it reload: blocked in every thread. */
void daemon_signals(sigset_t *ret_signals);

#endif
