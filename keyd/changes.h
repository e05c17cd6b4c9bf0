/* SPDX-License-Identifier: MIT */
/*
 * The thread that makes changes: create, move, delete. There is one, so that
 * changes need no locks among themselves, and it is not one of the threads
 * that sign, so that generating a key, which takes minutes on some tokens,
 * keeps nobody from signing.
 */
#ifndef KEYD_CHANGES_H
#define KEYD_CHANGES_H

#include "common/http.h"

struct changes;

/* service is what calls are dispatched to on the thread; copied. */
MUST_CHECK enum error_code changes_create(const struct http_service *service,
    struct changes **ret_changes, struct error *err);

/* Answers what waits with ERROR_UNAVAILABLE and ends what runs. */
void changes_free(struct changes *changes);
DEFINE_CLEANUP(changes, struct changes, changes_free)

/* Has request dispatched on the thread; its reply is deferred. */
MUST_CHECK enum error_code changes_submit(struct changes *changes,
    const struct http_request *request, struct http_reply *reply,
    struct error *err);

#endif
