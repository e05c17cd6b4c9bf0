/* SPDX-License-Identifier: MIT */
/*
 * Starting a unit of systemd over D-Bus: what follows a renewal is the
 * administrator's unit, never a command line.
 */
#ifndef CERTD_UNIT_H
#define CERTD_UNIT_H

#include "common/error.h"

/* systemd.unit(5) */
#define UNIT_NAME_MAX 255

/* Fails with ERROR_INVALID unless name is that of a service or target. */
MUST_CHECK enum error_code unit_check_name(const char *name, struct error *err);

/*
 * Has name started, without waiting for it. Fails with ERROR_UNAVAILABLE if
 * there is no systemd, and with ERROR_DENIED or ERROR_INVALID as it says.
 */
MUST_CHECK enum error_code unit_start(const char *name, struct error *err);

#endif
