/* SPDX-License-Identifier: MIT */
/* What certd's handlers have in common. */
#ifndef CERTD_ROUTES_SHARED_H
#define CERTD_ROUTES_SHARED_H

#include "common/metrics.h"
#include "lint.h"
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

/*
 * Sets "renewal" of object to how the renewal of id stands, if certd renews it.
 * Fails with ERROR_INTERNAL.
 */
MUST_CHECK enum error_code add_renewal(const struct certd *certd,
    const char *id, json_t *object, struct error *err);

/*
 * Notes if keyd does not have a key of id that it has to have. Fails with
 * ERROR_INTERNAL.
 */
MUST_CHECK enum error_code note_key(const struct certd *certd, const char *id,
    struct lint_notes *notes, struct error *err);

/*
 * Notes what the renewal of id waits for, or why it is late. Fails with
 * ERROR_INTERNAL.
 */
MUST_CHECK enum error_code note_renewal(const struct certd *certd,
    const char *id, struct lint_notes *notes, struct error *err);

/*
 * Fails with ERROR_TIMEOUT if a renewal is late, saying which one, and with
 * ERROR_INVALID if one can never be.
 */
MUST_CHECK enum error_code check_renewals(
    const struct certd *certd, struct error *err);

/* The families of GET /metrics that tell how renewals stand. */
void write_renewals(const struct certd *certd, struct metrics_text *text);

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
