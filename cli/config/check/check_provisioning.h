/* SPDX-License-Identifier: MIT */
/* The rules of the section 'provisioning', a part of check_structure(). */
#ifndef CLI_CHECK_PROVISIONING_H
#define CLI_CHECK_PROVISIONING_H

#include "check.h"

/* The steps to the section that says how a certificate is issued. */
struct issuance_place {
	const char *steps[3];
};

/*
 * How a certificate is issued, wherever that is said; issuance is what
 * cert_issuance.certs says of it, or NULL.
 */
void check_issuance(const struct super_config *config, const char *method,
    unsigned expiry_days, const struct config_issuance *issuance,
    const struct issuance_place *place, struct findings *findings);

void check_provisioning(
    const struct super_config *config, struct findings *findings);

#endif
