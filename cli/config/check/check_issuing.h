/* SPDX-License-Identifier: MIT */
/* The rules of the section 'cert_issuance', a part of check_structure(). */
#ifndef CLI_CHECK_ISSUING_H
#define CLI_CHECK_ISSUING_H

#include "check.h"

void check_issuing(
    const struct super_config *config, struct findings *findings);

#endif
