/* SPDX-License-Identifier: MIT */
/* Connections that are left without an answer for a while. */
#ifndef CLOUD_STALL_H
#define CLOUD_STALL_H

#include <microhttpd.h>
#include <stdbool.h>

#include "common/cleanup.h"
#include "common/error.h"

struct stalls;

/* *ret_stalls, which has a thread of its own, is the caller's. */
MUST_CHECK enum error_code stalls_create(
    struct stalls **ret_stalls, struct error *err);

/*
 * Suspends connection; MHD calls its handler again when the seconds are over,
 * or at stalls_end(). False if it cannot, or if that has been called.
 */
bool stalls_add(
    struct stalls *stalls, struct MHD_Connection *connection, unsigned seconds);

/*
 * Resumes all, and for good: to be called before the daemon is stopped. NULL is
 * allowed.
 */
void stalls_end(struct stalls *stalls);

/* After stalls_end(), when no handler runs any more. NULL is allowed. */
void stalls_free(struct stalls *stalls);
DEFINE_CLEANUP(stalls, struct stalls, stalls_free)

#endif
