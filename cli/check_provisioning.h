/* SPDX-License-Identifier: MIT */
/* The rules of the section 'provisioning', a part of check_structure(). */
#ifndef CLI_CHECK_PROVISIONING_H
#define CLI_CHECK_PROVISIONING_H

#include "check.h"

/* The steps to the section that says how a certificate is issued. */
struct issuance_place {
	const char *steps[3];
};

/* How a certificate is issued, wherever that is said. */
void check_issuance(const struct super_issuance *issuance,
    const struct super_local_ca *local_ca, const struct issuance_place *place,
    struct findings *findings);

void check_provisioning(
    const struct super_config *config, struct findings *findings);

#endif
