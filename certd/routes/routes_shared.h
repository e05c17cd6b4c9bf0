/* SPDX-License-Identifier: MIT */
/* What certd's handlers have in common. */
#ifndef CERTD_ROUTES_SHARED_H
#define CERTD_ROUTES_SHARED_H

#include "routes.h"

#define AZIOT 20200901U

/*
 * Without certificates every call but GET /health and GET /metrics says why:
 * ERROR_UNAVAILABLE.
 */
MUST_CHECK enum error_code require_certs(const struct certd *certd,
    const struct certs **ret_certs, struct error *err);

/*
 * Nothing is decided by a clock that cannot be believed: ERROR_UNAVAILABLE,
 * with the doubt.
 */
MUST_CHECK enum error_code require_time(
    const struct certd *certd, struct error *err);

/* Fills reply with {"pem":...}. */
MUST_CHECK enum error_code reply_pem(struct http_reply *reply, unsigned status,
    const char *pem, struct error *err);

#define WAIT_MAX 128 /* bytes of the parameters of waiting */

/* How long the caller wants to wait: "timeout", in seconds. ERROR_INVALID. */
MUST_CHECK enum error_code read_wait_timeout(const struct http_request *request,
    int64_t *ret_timeout_ms, struct error *err);

http_handler handle_list;
http_handler handle_create;
http_handler handle_get;
http_handler handle_import;
http_handler handle_delete;
http_handler handle_renew;
http_handler handle_explain;
http_handler handle_trust_bundle;
http_handler handle_metrics;
http_handler handle_candidate;
http_handler handle_confirm;
http_handler handle_reject;
http_handler handle_objects;

#endif
