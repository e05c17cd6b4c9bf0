/* SPDX-License-Identifier: MIT */
#ifndef CERTD_SUBJECT_H
#define CERTD_SUBJECT_H

#include "profile.h"

/*
 * The subject of the certificate for request: profile's own, else of the
 * request what accept (PART_ bits) lets in. *ret_subject is the caller's.
 *
 * Fails with ERROR_INVALID if nothing of it is left.
 */
MUST_CHECK enum error_code subject_choose(const struct profile *profile,
    unsigned accept, const X509_REQ *request, X509_NAME **ret_subject,
    struct error *err);

#endif
