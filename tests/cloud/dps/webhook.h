/* SPDX-License-Identifier: MIT */
/*
 * Custom allocation: a POST to the enrollment's webhook, over HTTPS, on this
 * machine only: a stand-in sends nothing to strangers.
 */
#ifndef CLOUD_WEBHOOK_H
#define CLOUD_WEBHOOK_H

#include "allocation.h"

/* As allocation_evaluate(). */
MUST_CHECK enum error_code webhook_allocate(struct cloud *cloud,
    const struct attestation *attestation,
    const struct device_operation *operation, struct allocation *ret_allocation,
    struct error *err);

/*
 * Checks a customAllocationDefinition. Fails with ERROR_INVALID or
 * ERROR_MALFORMED.
 */
MUST_CHECK enum error_code webhook_check(
    const json_t *definition, struct error *err);

#endif
