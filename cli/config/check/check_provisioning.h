/* SPDX-License-Identifier: MIT */
/* The rules of the section 'provisioning', a part of check_structure(). */
#ifndef CLI_CHECK_PROVISIONING_H
#define CLI_CHECK_PROVISIONING_H

#include "check.h"

void check_provisioning(
    const struct super_config *config, struct findings *findings);

#endif
