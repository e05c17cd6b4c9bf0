/* SPDX-License-Identifier: MIT */
/*
 * What a configuration must be beyond its schema. All mistakes are found, not
 * the first only.
 */
#ifndef CLI_CHECK_H
#define CLI_CHECK_H

#include "findings.h"
#include "super_config.h"

/* The rules among keys, and with the users of this machine. */
void check_structure(
    const struct super_config *config, struct findings *findings);

/*
 * The files that config names: certificates, keys, PINs. Those that we may not
 * read are mistakes, too.
 */
void check_files(const struct super_config *config, struct findings *findings);

#endif
