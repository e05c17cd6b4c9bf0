/* SPDX-License-Identifier: MIT */
/* What daemon_start() and daemon_serve() have to agree on. */
#ifndef COMMON_DAEMON_START_H
#define COMMON_DAEMON_START_H

#include <signal.h>

/* The signals that end a daemon or make it reload: blocked in every thread. */
void daemon_signals(sigset_t *ret_signals);

/*
 * Sets the log level that the file "<config>/log-level" names, "info" without
 * it. If SIGNET_LOG or --log-level say one, the file is not asked.
 */
void daemon_read_log_level(void);

#endif
