/* SPDX-License-Identifier: MIT */
/* How a registration becomes an assignment: which hub, as which device. */
#ifndef CLOUD_ASSIGNMENT_H
#define CLOUD_ASSIGNMENT_H

#include "cloud.h"
#include "dps_attest.h"
#include "registration_store.h"

/*
 * Notes that the attested device is being assigned, and begins the operation
 * that it will ask for. body is what the device sent; fault may make it slow or
 * let it fail.
 */
MUST_CHECK enum error_code assignment_begin(struct cloud *cloud,
    const struct attestation *attestation, const json_t *body,
    const struct fault *fault, struct operation_id *ret_operation_id,
    struct error *err);

/*
 * Ends an operation: the device is in the hub, and registration, which has the
 * device's state so far, says so; or it says why not. operation->done stays
 * false if a webhook has yet to answer: nothing has changed then.
 */
MUST_CHECK enum error_code assignment_end(struct cloud *cloud,
    const struct attestation *attestation, const char *operation_id,
    struct operation *operation, struct registration *registration,
    struct error *err);

#endif
