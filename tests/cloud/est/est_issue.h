/* SPDX-License-Identifier: MIT */
/* From a certification request to a certificate, right or as ordered. */
#ifndef CLOUD_EST_ISSUE_H
#define CLOUD_EST_ISSUE_H

#include "est_ca.h"
#include "est_usages.h"
#include "fault.h"

#define EST_LIFETIME_SECONDS (30 * 86400)

/*
 * Reads a base64 PKCS#10 request (RFC 2986) and checks its signature and its
 * key: EC, or RSA of 2048 bits or more. Line breaks are skipped. *ret_request
 * is the caller's. Fails with ERROR_INVALID.
 */
MUST_CHECK enum error_code est_read_request(
    const char *body, size_t length, X509_REQ **ret_request, struct error *err);

/* How a certificate is made. */
struct est_order {
	int64_t now; /* it begins a little earlier */
	int64_t lifetime_seconds;
	struct est_usages usages; /* that may be given */
	enum fault_kind fault;    /* what may spoil it */
};

/*
 * Issues: the request's subject and alternative names, the usages that it may
 * have (est_usages_choose()), and of nothing else what the request asks for.
 * *ret_certificate is the caller's. Fails with ERROR_INVALID if the request has
 * no subject, or asks to be a CA where none can be below ours.
 */
MUST_CHECK enum error_code est_issue(const struct est_ca *ca, X509_REQ *request,
    const struct est_order *order, X509 **ret_certificate, struct error *err);

/*
 * The request asks for the subject and alternative names that certificate has
 * (RFC 7030 section 4.2.2). Fails with ERROR_INVALID.
 */
MUST_CHECK enum error_code est_check_same_names(
    const X509_REQ *request, const X509 *certificate, struct error *err);

#endif
