/* SPDX-License-Identifier: MIT */
#ifndef COMMON_CONFIG_SECTION_H
#define COMMON_CONFIG_SECTION_H

#include "common/config.h"
#include "common/config_node.h"

/*
 * Reads the mapping root into settings as table says; listener may be
 * NULL. On failure settings hold what was read so far. Fails with
 * ERROR_INVALID, pointing at the first mistake.
 */
MUST_CHECK enum error_code config_section_read(const struct config_node *root,
    const struct config_table *table, const struct config_listener *listener,
    void *settings, struct error *err);

#endif
