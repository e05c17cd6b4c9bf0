/* SPDX-License-Identifier: MIT */
#ifndef CLI_CHECK_LIFETIMES_H
#define CLI_CHECK_LIFETIMES_H

#include "findings.h"
#include "super_config.h"

/*
 * Warns of certificates that are to live longer than their CA will, which certd
 * refuses to issue.
 */
void check_lifetimes(
    const struct super_config *config, struct findings *findings);

#endif
