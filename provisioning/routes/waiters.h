/* SPDX-License-Identifier: MIT */
/*
 * Calls that cannot be answered yet: for an identity while the device is being
 * provisioned, for a new registration until it is made. An error at once would
 * make an agent ask for yet another registration.
 */
#ifndef PROVISIONING_WAITERS_H
#define PROVISIONING_WAITERS_H

#include "common/http_server.h"
#include "provision.h"

struct waiters;

/* provision is borrowed. */
MUST_CHECK enum error_code waiters_create(struct provision *provision,
    struct waiters **ret_waiters, struct error *err);

/* There must be no waiter left. NULL is allowed. */
void waiters_free(struct waiters *waiters);
DEFINE_CLEANUP(waiters, struct waiters, waiters_free)

/* How long a call for the identity waits at most. */
#define WAITERS_IDENTITY_MS INT64_C(600000)

/*
 * A call that is dispatched again when the device is no more "provisioning", or
 * told in the form of version why it still is, when it has waited too long.
 */
MUST_CHECK enum error_code waiters_add_identity(struct waiters *waiters,
    struct http_call *call, unsigned version, struct error *err);

/*
 * A call that is answered when request has been served: 204, or why not, in
 * the form of version.
 */
MUST_CHECK enum error_code waiters_add_request(struct waiters *waiters,
    struct http_call *call, unsigned version, uint64_t request,
    struct error *err);

/*
 * Lets go of every call that need not wait any longer, or whose peer is gone.
 * To be called after each change of provision, and after adding: what a call
 * waits for may have happened just before. From any thread.
 */
void waiters_review(struct waiters *waiters);

/* Lets go of every call: the daemon ends. NULL is allowed. */
void waiters_dismiss(struct waiters *waiters);

#endif
