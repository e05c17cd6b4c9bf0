/* SPDX-License-Identifier: MIT */
/* Who asks the EST server for a certificate (RFC 7030 section 3.3). */
#ifndef CLOUD_EST_ACCESS_H
#define CLOUD_EST_ACCESS_H

#include "cloud.h"
#include "est_ca.h"

#define EST_CALLER_MAX 256

struct est_caller {
	char name[EST_CALLER_MAX]; /* "user x" or "certificate CN=x" */
	X509 *certificate;         /* of who may ask; borrowed, or NULL */
	bool is_ours;              /* it is by the EST server's CA */
	const char *reason;        /* why one that is shown may not ask */
};

/*
 * By HTTP Basic (RFC 7617), or by the client's certificate, which must lead to
 * our CA or to a trusted one and be valid now. A client may send both: then the
 * password decides, and the certificate is judged all the same. Fails with
 * ERROR_DENIED.
 */
MUST_CHECK enum error_code est_authenticate(struct cloud *cloud,
    const struct est_ca *ca, const struct request *request,
    struct est_caller *ret_caller, struct error *err);

#endif
