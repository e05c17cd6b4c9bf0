/* SPDX-License-Identifier: MIT */
/* What checks share of what is known of units. */
#ifndef CLI_CHECKS_UNITS_H
#define CLI_CHECKS_UNITS_H

#include "doctor.h"
#include "path_walk.h"

/*
 * Reports each of needs that the unit of daemon, which runs as uid, keeps from
 * it, and each that AppArmor does; nothing if the daemon is no unit of systemd
 * and under no profile.
 */
void report_unit_walls(const struct doctor *doctor,
    enum effective_daemon daemon, const struct path_needs *needs, uid_t uid,
    struct report *report);

#endif
