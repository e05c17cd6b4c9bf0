/* SPDX-License-Identifier: MIT */
/* Whether a time server sets the clock of this device. */
#ifndef CERTD_TIME_SERVER_H
#define CERTD_TIME_SERVER_H

#include <stdbool.h>

/*
 * True if the kernel says so, or systemd, which may ask it where we must not.
 * May take seconds.
 */
bool time_server_sets_clock(void);

#endif
