/* SPDX-License-Identifier: MIT */
/*
 * Whether a service's unit, as it is with its drop-ins, still confines it as
 * the unit that we ship does. What a device may need beside that is no
 * weakness: devices, folders to write, another environment.
 */
#ifndef CLI_UNIT_HARDENING_H
#define CLI_UNIT_HARDENING_H

#include "effective.h"
#include "unit_settings.h"

/* Called with where the weakness is, "FILE:LINE", and with what it is. */
typedef void unit_weakness_seen(
    void *context, const char *place, const char *reason);

/* Calls seen with each weakness of the unit of daemon that settings are of. */
void unit_weaknesses(const struct unit_settings *settings,
    enum effective_daemon daemon, unit_weakness_seen *seen, void *context);

#endif
