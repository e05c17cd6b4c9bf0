/* SPDX-License-Identifier: MIT */
/*
 * Certificates by EST as the configuration says: which server, whom to trust,
 * and as whom to ask. certd proves itself with what it has, in this order:
 *
 *	the certificate that is to be renewed, if there is no EST identity
 *	or it is the EST identity itself (simplereenroll)
 *	the EST identity (simpleenroll)
 *	what the device was born with: bootstrap identity, password
 *
 * A certificate that is not valid now proves nothing and is passed over.
 */
#ifndef CERTD_ENROLL_H
#define CERTD_ENROLL_H

#include <stdatomic.h>

#include "certs.h"
#include "est_csrattrs.h"

/* For whom, and by when. All pointers are borrowed. */
struct enroll {
	const struct certs *certs;
	const struct policy *policy; /* of POLICY_EST */
	int64_t now;
	atomic_bool *stops; /* gives up when it becomes true; may be NULL */
};

/*
 * Has a certificate issued for a request of somebody else, which need not be
 * for the key of policy. *ret_pem, leaf first, is the caller's.
 *
 * This and the following fail as est_session_open() says, and with
 * ERROR_UNAVAILABLE if there is no EST identity yet; certd is about to enroll
 * it.
 */
MUST_CHECK enum error_code enroll_request(const struct enroll *enroll,
    X509_REQ *request, char **ret_pem, struct error *err);

/*
 * Has the certificate of policy issued anew, or for the first time, for the
 * key pair key_id in keyd, as csrattrs wants. It is not stored. After a failure
 * *ret_wait_seconds is how long the server wants to be left alone.
 */
MUST_CHECK enum error_code enroll_key(const struct enroll *enroll,
    const char *key_id, char **ret_pem, int64_t *ret_wait_seconds,
    struct error *err);

/* What the server wants of requests: before a key is made. */
MUST_CHECK enum error_code enroll_wishes(const struct enroll *enroll,
    struct est_wishes *ret_wishes, struct error *err);

/*
 * Shows the server the certificate pem with its key key_id. Fails with
 * ERROR_UPSTREAM if it does not take it.
 */
MUST_CHECK enum error_code enroll_prove(const struct enroll *enroll,
    const char *key_id, const char *pem, struct error *err);

#endif
