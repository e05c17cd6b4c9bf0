/* SPDX-License-Identifier: MIT */
/*
 * A call to one of our daemons: JSON goes in, JSON comes out, and an error of
 * the daemon comes back as the same error here.
 */
#ifndef COMMON_API_CLIENT_H
#define COMMON_API_CLIENT_H

#include "common/json.h"
#include "common/unix_http.h"

/* What ends a target: HTTP_VERSION_SIGNET, as it is written. */
#define API_QUERY "?api-version=2026-12-01"

/*
 * Calls method on target, which already has its api-version. body is borrowed
 * and may be NULL. *ret_body is the caller's; it is NULL when the daemon
 * answered 204. ret_body may be NULL.
 *
 * Fails as unix_http_request() does, and with the code and the message of the
 * daemon's error.
 */
MUST_CHECK enum error_code api_call(struct unix_http *client,
    const char *method, const char *target, const json_t *body,
    json_t **ret_body, struct error *err);

/* The same with a body that is text already. */
MUST_CHECK enum error_code api_call_text(struct unix_http *client,
    const char *method, const char *target, const char *body, json_t **ret_body,
    struct error *err);

#endif
