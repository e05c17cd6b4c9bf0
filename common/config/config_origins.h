/* SPDX-License-Identifier: MIT */
#ifndef COMMON_CONFIG_ORIGINS_H
#define COMMON_CONFIG_ORIGINS_H

#include "common/config.h"
#include "common/config_node.h"

/* Where each value below root stands; the contents are the caller's. */
MUST_CHECK enum error_code config_origins_collect(
    const struct config_node *root, struct config_origins *ret_origins,
    struct error *err);

#endif
