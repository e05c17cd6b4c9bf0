/* SPDX-License-Identifier: MIT */
/* How the hub is reached, and who gets identities: part of check_structure().
 */
#ifndef CLI_CHECK_CLOUD_H
#define CLI_CHECK_CLOUD_H

#include "check.h"

void check_cloud(const struct super_config *config, struct findings *findings);

#endif
