/* SPDX-License-Identifier: MIT */
/* What the EST server knows: who may ask, and what it has issued. */
#ifndef CLOUD_EST_STORE_H
#define CLOUD_EST_STORE_H

#include "common/json.h"
#include "common/openssl.h"
#include "database.h"

#define EST_PASSWORD_MAX 256

/* Lets name ask by password, in the place of any former one. */
MUST_CHECK enum error_code est_user_put(struct database *database,
    const char *name, const char *password, struct error *err);

/* Fails with ERROR_DENIED if there is no such user with this password. */
MUST_CHECK enum error_code est_user_check(struct database *database,
    const char *name, const char *password, struct error *err);

/* Trusts a CA, given as PEM, for a first certificate. ERROR_INVALID. */
MUST_CHECK enum error_code est_anchor_add(
    struct database *database, const char *pem, struct error *err);

/* The trusted CAs. *ret_anchors is the caller's. */
MUST_CHECK enum error_code est_anchor_list(
    struct database *database, x509_stack **ret_anchors, struct error *err);

/* Notes that certificate was issued, and is of no use if it is revoked. */
MUST_CHECK enum error_code est_certificate_add(struct database *database,
    const X509 *certificate, const char *requested_by, bool revoked,
    struct error *err);

/* Fails with ERROR_NOT_FOUND: serial, in hexadecimal digits, is not ours. */
MUST_CHECK enum error_code est_certificate_revoke(
    struct database *database, const char *serial, struct error *err);

/* False of what is not ours. *ret_serial is the caller's. */
MUST_CHECK enum error_code est_certificate_is_revoked(struct database *database,
    const X509 *certificate, bool *ret_is, char **ret_serial,
    struct error *err);

/*
 * Appends what was issued, the oldest first, as objects of serial, subject,
 * issued, notAfter, requestedBy, revoked and certificate.
 */
MUST_CHECK enum error_code est_certificate_list(
    struct database *database, json_t *items, struct error *err);

#endif
