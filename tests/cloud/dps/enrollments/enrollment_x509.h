/* SPDX-License-Identifier: MIT */
/* The attestation.x509 member of an enrollment. */
#ifndef CLOUD_ENROLLMENT_X509_H
#define CLOUD_ENROLLMENT_X509_H

#include "enrollment.h"

/*
 * Reads the certificates out of x509, and leaves their info in their place;
 * or finds those that caReferences names. Where there is only an info, the
 * certificate of context->stored with that thumbprint is kept. Sets
 * enrollment->enrolled and ->by_reference.
 *
 * Fails with ERROR_INVALID or ERROR_MALFORMED, naming the member.
 */
MUST_CHECK enum error_code enrollment_x509_read(
    const struct enrollment_context *context, const json_t *x509,
    struct enrollment *enrollment, struct error *err);

#endif
