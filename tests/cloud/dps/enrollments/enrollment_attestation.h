/* SPDX-License-Identifier: MIT */
/* The attestation member of an enrollment: how its devices prove themselves. */
#ifndef CLOUD_ENROLLMENT_ATTESTATION_H
#define CLOUD_ENROLLMENT_ATTESTATION_H

#include "enrollment.h"

/*
 * Reads the attestation in enrollment->record: takes certificates and keys out
 * of it, and sets ->type and what belongs to it.
 *
 * Fails with ERROR_INVALID or ERROR_MALFORMED, naming the member.
 */
MUST_CHECK enum error_code enrollment_attestation_read(
    const struct enrollment_context *context, struct enrollment *enrollment,
    struct error *err);

/* The type by its name in the service API. Fails with ERROR_INVALID. */
MUST_CHECK enum error_code attestation_type_parse(
    const char *name, enum attestation_type *ret_type, struct error *err);

/* "x509", "symmetricKey" or "tpm". */
const char *attestation_type_name(enum attestation_type type);

#endif
