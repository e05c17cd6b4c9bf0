/* SPDX-License-Identifier: MIT */
/*
 * Calls that wait until something changes (long polls). A call that waits
 * holds no thread; one that waits in vain is answered with 204.
 */
#ifndef CERTD_WAITERS_H
#define CERTD_WAITERS_H

#include "common/http_server.h"

#define WAITERS_MS_DEFAULT 60000
#define WAITERS_MS_MAX (3600 * 1000)

struct waiters;

MUST_CHECK enum error_code waiters_create(
    struct waiters **ret_waiters, struct error *err);

/* Dismisses who still waits. NULL is allowed. */
void waiters_free(struct waiters *waiters);
DEFINE_CLEANUP(waiters, struct waiters, waiters_free)

/*
 * Lets call wait for waiters_wake() of name, for at most timeout_ms in all, be
 * it woken in vain or not. From then
 * on the call may be answered at any time: the handler that has it defers its
 * reply, looks once more whether what it waits for has come, and if so wakes
 * name itself.
 */
MUST_CHECK enum error_code waiters_add(struct waiters *waiters,
    struct http_call *call, const char *name, int64_t timeout_ms,
    struct error *err);

/* Has all calls that wait for name dispatched again. Any thread. */
void waiters_wake(struct waiters *waiters, const char *name);

/* Answers all that wait with 204; who comes later is answered at once. */
void waiters_dismiss(struct waiters *waiters);

unsigned waiters_count(struct waiters *waiters);

#endif
