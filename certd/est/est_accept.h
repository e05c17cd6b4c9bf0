/* SPDX-License-Identifier: MIT */
/*
 * What an EST server's answer must be before it replaces a certificate: servers
 * are set up wrongly, rewrite subjects, and answer with what is not for us.
 */
#ifndef CERTD_EST_ACCEPT_H
#define CERTD_EST_ACCEPT_H

#include <stdint.h>

#include "common/openssl.h"

/* Clocks differ: how far in our future a certificate may begin. */
#define EST_SKEW_SECONDS 300

/* What was asked for. All pointers are borrowed. */
struct est_expectation {
	const X509_REQ *request;
	const x509_stack *authorities; /* the server's cacerts */
	int64_t now;
	/*
	 * What it is to be in any case, also if the request of somebody else
	 * does not say so: fit for this extended key usage, that of a CA.
	 */
	int usage; /* NID_undef: no matter */
	bool is_ca;
};

/*
 * Picks the certificate for the request's key out of certificates, in whatever
 * order they are, and checks it: subject and alternative names as asked for,
 * the extended key usages too (client authentication if nobody names one), CA
 * only if asked for and with the path length that was asked for, valid now, and
 * a chain to a root among authorities, or to another of them. *ret_chain is the
 * leaf and what leads there, without roots; it is the caller's.
 *
 * Fails with ERROR_UPSTREAM, saying what is wrong.
 */
MUST_CHECK enum error_code est_accept(const struct est_expectation *expectation,
    const x509_stack *certificates, x509_stack **ret_chain, struct error *err);

#endif
