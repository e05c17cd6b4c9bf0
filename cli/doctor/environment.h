/* SPDX-License-Identifier: MIT */
/* What a daemon runs with: its user, its proxy, its roots. */
#ifndef CLI_ENVIRONMENT_H
#define CLI_ENVIRONMENT_H

#include "doctor.h"

/*
 * The environment of daemon as /proc has it: variables, each ended by a NUL.
 * The caller frees it. NULL if it does not run, or we may not see it: then our
 * own has to do.
 */
char *environment_of(const struct doctor *doctor, enum effective_daemon daemon,
    size_t *ret_length);

/*
 * The value of variable name in the environment of daemon, or else in ours. The
 * caller frees it; NULL: it is not set.
 */
char *environment_variable(const struct doctor *doctor,
    enum effective_daemon daemon, const char *name);

/*
 * The user that daemon runs as, or, while it does not run, that of its unit.
 * The caller frees it; NULL: no memory.
 */
char *environment_user(
    const struct doctor *doctor, enum effective_daemon daemon);

#endif
