/* SPDX-License-Identifier: MIT */
/* The attestation.x509 member of an enrollment. */
#ifndef CLOUD_ENROLLMENT_X509_H
#define CLOUD_ENROLLMENT_X509_H

#include "enrollment.h"

/*
 * Reads the certificates out of record, and leaves their info in their place.
 * Where there is only an info, the certificate of stored (which may be NULL)
 * with that thumbprint is kept. On success the certificates in ret_enrolled
 * are the caller's.
 *
 * Fails with ERROR_INVALID or ERROR_MALFORMED, naming the member.
 */
MUST_CHECK enum error_code enrollment_x509_read(enum enrollment_kind kind,
    json_t *record, const struct enrolled *stored,
    struct enrolled *ret_enrolled, struct error *err);

#endif
